"""Stored nudges follow the decision; nothing outside the asked accounts is touched."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.models.account import Pause
from kamflow.models.event import Event
from kamflow.models.nudge import StoredNudge
from kamflow.nudge import Decision, Effect, Nudge
from kamflow.store import engine as db
from kamflow.store.apply import apply
from kamflow.store.run import Frame, Outcome, run_batch
from tests.world import STAMP, World

DAY = date(2026, 9, 7)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def nudge(world: World, owner: int, account: int, **more: object) -> Nudge:
    base = Nudge(
        rule="contact_shortfall", subject=f"account.{account}+person.{owner}", step="contacts",
        period="2026-01-01..2026-12-31", account=account, owner=owner, since=DAY, due_on=date(2026, 9, 21),
        facts={"cells": []}, why={"threshold": "pace"},
    )  # fmt: skip
    return replace(base, **more)


def settle(world: World, *nudges: Nudge, accounts: set[int], day: date = DAY) -> Outcome:
    frame = Frame(world.engine, "contact_shortfall", day, STAMP, world.policy, world.settings.company)
    return run_batch(frame, lambda run, scope: apply(run, Decision(nudges), scope), frozenset(accounts))


def events(world: World) -> list[tuple[str, dict[str, object]]]:
    with db.read(world.engine) as session:
        rows = session.execute(select(Event).order_by(col(Event.id))).scalars()
        return [(row.name, row.payload) for row in rows]


def test_open_update_close_write_one_event_each_and_nothing_when_nothing_changed(world: World) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt)
    first = nudge(world, witt.id, muster.id)
    later = replace(first, due_on=date(2026, 9, 28), stage="unfit")

    counts = [
        settle(world, *wanted, accounts={muster.id}).counts() for wanted in [[first], [first], [later], []]
    ]

    assert [(c["opened"], c["updated"], c["closed"]) for c in counts] == [
        (1, 0, 0), (0, 0, 0), (0, 1, 0), (0, 0, 1),
    ]  # fmt: skip
    assert [name for name, _ in events(world)] == ["nudge.opened", "nudge.changed", "nudge.closed"]
    assert events(world)[1][1]["due"] == ["2026-09-21", "2026-09-28"]


def test_a_nudge_outside_the_asked_accounts_is_neither_opened_nor_closed(world: World) -> None:
    witt = world.person("Witt")
    one, two = world.account("One", witt), world.account("Two", witt)
    both = [nudge(world, witt.id, one.id), nudge(world, witt.id, two.id)]
    settle(world, *both, accounts={one.id, two.id})

    outcome = settle(world, nudge(world, witt.id, two.id, stage="unfit"), accounts={one.id})

    assert (outcome.closed, outcome.updated) == (1, 0)
    assert [row.account_id for row in world.nudges()] == [two.id]


def test_due_again_later_is_a_new_row(world: World) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt)
    for wanted in ([nudge(world, witt.id, muster.id)], [], [nudge(world, witt.id, muster.id)]):
        settle(world, *wanted, accounts={muster.id})

    assert [row.closed_as for row in world.nudges(living=False)] == ["done", None]


def test_a_hand_over_and_a_snooze_end_when_the_owner_changes(world: World) -> None:
    witt, arnst = world.person("Witt"), world.person("Arnst")
    muster = world.account("Muster AG", witt)
    asked = nudge(world, witt.id, muster.id)
    settle(world, asked, accounts={muster.id})
    with db.write(world.engine) as session:
        session.execute(update(StoredNudge).values(assignee_id=arnst.id, snoozed_until=date(2026, 10, 20)))

    settle(world, replace(asked, weight=9.0), accounts={muster.id})
    assert world.nudges()[0].assignee_id == arnst.id
    settle(world, replace(asked, owner=arnst.id), accounts={muster.id})
    assert (world.nudges()[0].assignee_id, world.nudges()[0].snoozed_until) == (None, None)


@pytest.mark.parametrize(("day", "reason"), [(DAY, "done"), (date(2027, 1, 1), "lapsed")])
def test_a_period_that_ended_lapses_what_was_open(world: World, day: date, reason: str) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt)
    settle(world, nudge(world, witt.id, muster.id), accounts={muster.id})

    settle(world, accounts={muster.id}, day=day)

    assert world.nudges(living=False)[0].closed_as == reason


def test_a_pause_closes_nudges_and_they_reopen_by_themselves_after_it(world: World) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt)
    asked = nudge(world, witt.id, muster.id)
    settle(world, asked, accounts={muster.id})
    world.add(Pause(account_id=muster.id, until_day=date(2026, 9, 14), reason="merger", paused_at=STAMP))

    paused = settle(world, asked, accounts={muster.id}, day=date(2026, 9, 14))
    resumed = settle(world, asked, accounts={muster.id}, day=date(2026, 9, 15))

    assert (paused.closed, resumed.opened) == (1, 1)
    assert world.nudges(living=False)[0].closed_as == "paused"


def test_a_late_run_does_not_undo_a_newer_one(world: World) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt)
    settle(world, nudge(world, witt.id, muster.id), accounts={muster.id}, day=date(2026, 9, 8))

    late = settle(world, accounts={muster.id}, day=date(2026, 9, 7))

    assert (late.superseded, late.closed) == (1, 0)
    assert len(world.nudges()) == 1


def test_an_effect_happens_once_however_often_it_is_due(world: World) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt, account_class="key")
    effect = Effect(
        "create_plan", f"account.{muster.id}", "2027-01-01..2027-12-31", "draft", muster.id,
        {"form": "key", "author": witt.id, "start": "2026-07-01", "hand_in": "2026-10-30",
         "sections": [1, 2], "milestones": {"1": "2026-07-17"}},
    )  # fmt: skip
    frame = Frame(world.engine, "plan_creation", DAY, STAMP, world.policy, world.settings.company)

    done = [
        run_batch(
            frame, lambda run, scope: apply(run, Decision((), (effect,)), scope), frozenset({muster.id})
        )
        for _ in range(3)
    ]

    assert [outcome.effects for outcome in done] == [1, 0, 0]
    assert [name for name, _ in events(world)] == ["plan.created", "effect.create_plan"]


def test_an_error_in_the_middle_of_a_batch_leaves_nothing_behind(world: World) -> None:
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt)
    unknown = Effect("no_such_effect", "x", "y", "z", muster.id, {})
    frame = Frame(world.engine, "plan_creation", DAY, STAMP, world.policy, world.settings.company)
    decision = Decision((nudge(world, witt.id, muster.id),), (unknown,))

    with pytest.raises(KeyError):
        run_batch(frame, lambda run, scope: apply(run, decision, scope), frozenset({muster.id}))

    assert (world.nudges(), world.effects(), events(world)) == ([], [], [])


def test_what_closes_because_its_owner_left_is_not_called_done(world: World) -> None:
    witt = world.person("Witt", left_on=date(2026, 9, 4))
    muster = world.account("Muster AG", witt)
    settle(world, nudge(world, witt.id, muster.id), accounts={muster.id})

    settle(world, accounts={muster.id})

    assert world.nudges(living=False)[0].closed_as == "gone"
