"""Nights of the quarterly rules on a small company: opened, closed by what people do, kept once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.acts import measure as measures
from kamflow.acts import quarter as quarters
from kamflow.acts import request as requests
from kamflow.acts.acting import Acting
from kamflow.acts.done import done
from kamflow.models.account import Account, Pause
from kamflow.models.controlling import StoredScorecard
from kamflow.models.message import Document, StoredMessage
from kamflow.models.person import Person
from kamflow.models.source import CompletePeriod, Source
from kamflow.store import engine as db
from tests.world import STAMP, World

OPENS, END = date(2026, 10, 14), date(2026, 9, 30)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def head(world: World) -> Person:
    return world.person("Lang", "head")


@pytest.fixture
def witt(world: World, head: Person) -> Person:
    return world.person("Witt", superior_id=head.id)


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    """A key account at 60 % of its goal of 1,000,000."""
    account = world.account("Muster AG", witt, account_class="key")
    world.sold(account, END, 600_000)
    world.sold(account, END, 1_000_000, "target")
    return account


@pytest.fixture
def acting(world: World) -> Callable[..., Any]:
    """Do one act as a person on a day: `acting(witt, day, act, …)`."""

    def call(person: Person, day: date, act: Callable[..., Any], *arguments: Any) -> Any:
        now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        with db.write(world.engine) as session:
            return act(Acting(session, person.id, now, world.settings.company), *arguments)

    return call


def rows(world: World, table: type[Any]) -> list[Any]:
    with db.read(world.engine) as session:
        return list(session.execute(select(table).order_by(col(table.id))).scalars())


def steps(world: World) -> list[tuple[str, str, int]]:
    return [(nudge.step, nudge.stage, nudge.owner_id) for nudge in world.nudges()]


def test_a_red_quarter_is_asked_about_until_it_is_commented(
    world: World, witt: Person, muster: Account, acting: Callable[..., Any]
) -> None:
    before = world.night("quarterly_controlling", date(2026, 10, 13))
    opened = world.night("quarterly_controlling", OPENS)
    again = world.night("quarterly_controlling", date(2026, 10, 15))

    assert (before.opened, opened.opened, opened.effects, again.opened, again.effects) == (0, 1, 1, 0, 0)
    assert again.updated == 0
    assert steps(world) == [("comment", "red", witt.id)]

    acting(witt, date(2026, 10, 15), quarters.comment, muster.id, "one order came late")
    assert world.night("quarterly_controlling", date(2026, 10, 16)).closed == 1
    assert world.nudges(living=False)[0].closed_as == "done"


def test_a_scorecard_is_kept_preliminary_and_once_more_complete(world: World, muster: Account) -> None:
    world.night("quarterly_controlling", OPENS)
    [kept] = rows(world, StoredScorecard)
    assert (kept.state, kept.light, kept.kept_on) == ("preliminary", "red", OPENS)

    world.sold(muster, END, 390_000)
    world.add(CompletePeriod(source="sap", first=date(2026, 7, 1), last=END, complete_on=date(2026, 10, 16)))
    world.night("quarterly_controlling", date(2026, 10, 16))
    [kept] = rows(world, StoredScorecard)
    assert (kept.state, kept.light, kept.kept_on) == ("complete", "green", date(2026, 10, 16))

    world.sold(muster, END, -900_000)
    world.night("quarterly_controlling", date(2026, 10, 19))
    assert rows(world, StoredScorecard) == [kept]


def test_missing_revenue_is_asked_of_whoever_brings_it(world: World, witt: Person) -> None:
    owner = world.person("Ott", "operations")
    world.add(Source(key="sap", owner_id=owner.id))
    muster = world.account("Muster AG", witt, account_class="key")
    world.sold(muster, date(2026, 6, 30), 5)
    world.sold(muster, END, 1_000_000, "target")

    world.night("quarterly_controlling", OPENS)
    assert steps(world) == [("no_data", "", owner.id)]

    world.sold(muster, END, 700_000)
    world.night("quarterly_controlling", date(2026, 10, 15))
    assert steps(world) == [("comment", "amber", witt.id)]


def test_the_head_gets_one_report_about_accounts_and_no_person(
    world: World, head: Person, witt: Person, muster: Account
) -> None:
    other = world.account("Andere GmbH", witt, account_class="key")
    world.sold(other, date(2026, 6, 30), 5)
    until = date(2026, 12, 1)
    pause = world.add(Pause(account_id=other.id, until_day=until, reason="merger", paused_at=STAMP))
    for day in (OPENS, date(2026, 11, 4), date(2026, 11, 5)):
        world.night("quarterly_controlling", day)

    [document], [message] = rows(world, Document), rows(world, StoredMessage)

    facts = document.facts
    assert (document.kind, document.person_id, document.message_id) == ("report", head.id, message.id)
    assert facts["counts"] == {"red": 1, "amber": 0, "green": 0, "none": 0, "no_data": 1}
    assert [line["account"] for line in facts["lights"]["lines"]] == [muster.id, other.id]
    assert facts["comments"]["of"] is None  # fewer than five KAMs
    assert facts["paused"]["lines"] == [{"account": other.id, "until": "2026-12-01", "pause": pause.id}]
    assert (message.kind, message.template, message.channel) == ("document", "quarterly_report", "email")
    assert message.due_at == datetime(2026, 11, 4, 7, 30, tzinfo=UTC)  # 08:30 in Berlin
    assert message.facts == facts | {"document": document.id}


def test_the_report_comes_after_every_account_is_decided(
    world: World, head: Person, witt: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kamflow.store.scope.batches.__defaults__", (1,))
    for number in range(3):
        account = world.account(f"A{number}", witt, account_class="key")
        world.sold(account, END, 600_000)
        world.sold(account, END, 1_000_000, "target")

    world.night("quarterly_controlling", date(2026, 11, 4))

    assert rows(world, Document)[0].facts["counts"]["red"] == 3


def test_a_measure_is_reminded_of_until_it_is_done_or_moved(
    world: World, witt: Person, muster: Account, acting: Callable[..., Any]
) -> None:
    row = world.measure(muster, date(2026, 9, 18), witt)
    world.night("measure_followup", date(2026, 9, 10))
    assert world.nudges() == []

    for day, stage in ((11, "soon"), (18, "due"), (21, "overdue")):
        world.night("measure_followup", date(2026, 9, day))
        assert steps(world) == [("followup", stage, witt.id)]

    acting(witt, date(2026, 9, 21), measures.move, row.id, date(2026, 10, 16), "customer is away")
    assert world.night("measure_followup", date(2026, 9, 22)).closed == 1
    world.night("measure_followup", date(2026, 10, 16))
    assert world.nudges()[0].facts["moved"] is True

    acting(witt, date(2026, 10, 16), measures.done, [row.id])
    assert world.night("measure_followup", date(2026, 10, 17)).closed == 1


def test_a_request_is_open_until_it_is_answered_and_a_no_reaches_kam_and_head(
    world: World, head: Person, witt: Person, muster: Account, acting: Callable[..., Any]
) -> None:
    lech = world.person("Lech", "specialist")
    row = world.request(muster, lech)
    world.night("department_requests", date(2026, 9, 7))
    assert steps(world) == [("deliver", "assigned", lech.id)]

    acting(lech, date(2026, 9, 8), requests.refuse, [row.id], "conflict")
    world.night("department_requests", date(2026, 9, 9))
    assert steps(world) == [("conflict", "", head.id), ("refused", "conflict", witt.id)]

    for day in (9, 10):
        _word(world, day)
        assert world.night("department_requests", date(2026, 9, day)).opened == 0

    acting(lech, date(2026, 9, 14), requests.refuse, [row.id], "capacity")
    world.night("department_requests", date(2026, 9, 15))
    assert steps(world) == [("refused", "capacity", witt.id)]  # another no is told anew

    acting(lech, date(2026, 9, 16), requests.deliver, [row.id])
    world.night("department_requests", date(2026, 9, 17))
    assert world.nudges() == []


def _word(world: World, day: int) -> None:
    """Whoever has something open says Done."""
    now = datetime(2026, 9, day, 8, tzinfo=UTC)
    for nudge in world.nudges():
        with db.write(world.engine) as session:
            done(session, nudge.owner_id, nudge.id, now, world.policy, world.settings.company)
