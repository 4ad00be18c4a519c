"""What a run leaves in the ledger."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from flows.runtime import Stopped, Visit, run_accounts, run_whole
from kamflow.errors import NotFound
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store.run import Accounts, Outcome, Run
from tests.world import STAMP, World, decide

FLOW = "contact_shortfall"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)


def rows(engine: Engine) -> list[FlowRun]:
    with db.read(engine) as session:
        return list(session.execute(select(FlowRun).order_by(col(FlowRun.as_of), col(FlowRun.id))).scalars())


def states(engine: Engine) -> list[tuple[date, str]]:
    return [(row.as_of, row.state) for row in rows(engine)]


def broken(run: Run, accounts: Accounts) -> Outcome:
    decide(FLOW)(run, accounts)
    raise ZeroDivisionError("Muster AG")


def whole(world: World, day: date, body: Any = None, visit: Visit | None = None) -> Outcome:
    return run_whole(world.home(), FLOW, body or decide(FLOW), day, visit)


def test_a_whole_run_is_finished_with_its_counts(world: World) -> None:
    outcome = whole(world, MONDAY, visit=Visit("b1c7"))

    (row,) = rows(world.engine)
    assert (row.flow, row.whole, row.state, row.prefect_id) == (FLOW, True, "finished", "b1c7")
    assert row.counts == outcome.counts()
    assert outcome.opened == 3


def test_an_account_run_says_how_many_were_asked_for(world: World) -> None:
    outcome = run_accounts(world.home(), FLOW, decide(FLOW), MONDAY, ["acc-1"])

    (row,) = rows(world.engine)
    assert (row.whole, row.accounts, row.state) == (False, 1, "finished")
    assert (outcome.opened, outcome.accounts) == (1, 1)


def test_an_unknown_account_is_a_run_that_failed(world: World) -> None:
    with pytest.raises(NotFound):
        run_accounts(world.home(), FLOW, decide(FLOW), MONDAY, ["nobody"])

    (row,) = rows(world.engine)
    assert (row.state, row.error, row.whole, row.accounts) == ("failed", "NotFound", False, 1)


def test_a_failed_run_names_the_kind_of_error_and_writes_nothing_else(world: World) -> None:
    with pytest.raises(ZeroDivisionError):
        whole(world, MONDAY, broken)

    (row,) = rows(world.engine)
    assert (row.state, row.error) == ("failed", "ZeroDivisionError")
    assert world.nudges() == []


def test_a_run_whose_process_was_killed_is_closed_by_a_later_one(world: World) -> None:
    hours = {7: "crashed", 5: "running"}
    for ago in hours:
        world.add(FlowRun(flow=FLOW, as_of=date(2026, 9, 4), started_at=STAMP - timedelta(hours=ago)))
    other = world.add(FlowRun(flow="intake", as_of=MONDAY, started_at=STAMP - timedelta(hours=7)))
    whole(world, MONDAY)

    found = {row.id: row for row in rows(world.engine)}
    assert found.pop(other.id).state == "running"
    ends = [row.state for row in found.values() if row.state in hours.values()]
    assert sorted(ends) == ["crashed", "running"]
    assert all((row.state == "crashed") == (row.finished_at == STAMP and row.counts is None)
               for row in found.values() if row.state != "covered")  # fmt: skip


def test_a_stopped_run_ends_before_its_next_batch(world: World) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        whole(world, MONDAY, visit=Visit(stop=stop))

    assert (rows(world.engine)[0].error, world.nudges()) == ("Stopped", [])


def test_the_first_run_owes_no_day_before_it(world: World) -> None:
    whole(world, MONDAY)

    assert states(world.engine) == [(MONDAY, "finished")]


def test_a_finished_whole_run_covers_the_days_that_were_missed(world: World) -> None:
    whole(world, MONDAY)
    whole(world, date(2026, 9, 10))

    covered = [row for row in rows(world.engine) if row.state == "covered"]
    assert [row.as_of for row in covered] == [TUESDAY, WEDNESDAY]
    assert {row.covered_by_id for row in covered} == {rows(world.engine)[-1].id}


def test_a_day_that_failed_is_covered_by_a_later_one(world: World) -> None:
    with pytest.raises(ZeroDivisionError):
        whole(world, MONDAY, broken)
    whole(world, TUESDAY)

    assert states(world.engine) == [(MONDAY, "failed"), (MONDAY, "covered"), (TUESDAY, "finished")]


def test_an_account_run_covers_nothing(world: World) -> None:
    whole(world, MONDAY)
    run_accounts(world.home(), FLOW, decide(FLOW), WEDNESDAY, ["acc-1"])

    assert states(world.engine) == [(MONDAY, "finished"), (WEDNESDAY, "finished")]


def test_a_late_run_leaves_out_accounts_decided_for_a_later_day(world: World) -> None:
    run_accounts(world.home(), FLOW, decide(FLOW), TUESDAY, ["acc-1"])
    outcome = whole(world, MONDAY)

    assert (outcome.superseded, outcome.opened) == (1, 2)
    assert rows(world.engine)[0].counts == replace(outcome).counts()
