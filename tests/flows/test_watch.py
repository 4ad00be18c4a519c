"""What goes wrong is opened once, told once, and its end once; what comes and goes is one trouble."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select
from sqlmodel import col

from flows.runtime import Home
from flows.watch import PACE, Watch
from kamflow.models.event import RelayBatch
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.source import ImportedFile, Source
from kamflow.models.watch import ClockJob
from kamflow.policy import Policy
from kamflow.settings import Delivery, Settings, Slack
from kamflow.store import adopted, incidents, ledger
from kamflow.store import engine as db
from kamflow.store.messages import history
from kamflow.store.new_messages import NewMessage, add
from kamflow.store.run import Outcome
from kamflow.upkeep import Operations
from tests.conftest import FixedClock

DAY = date(2026, 9, 7)
AMPLE = {"disk_free_mb": 0, "backup_days": 0}
WAYS = {"email", "slack"}


@dataclass
class Watched:
    """A home that is watched: time passes when it is told to."""

    home: Home
    clock: FixedClock
    prefect: Any = field(default_factory=lambda: SimpleNamespace(up=True))
    ticks: float = 0.0

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        async def healthy() -> bool:
            return self.prefect.up

        self.watch = Watch(self.home, SimpleNamespace(healthy=healthy), lambda: self.ticks)

    def passes(self, minutes: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Beat for so long; a long time in longer steps, shorter than GAP."""
        pace = PACE if minutes <= 1 else 2 * PACE if minutes <= 5 else 6 * PACE

        with asyncio.Runner() as loop:
            for _ in range(int(minutes * 60 / pace)):
                self.ticks += pace
                self.clock.advance(seconds=pace)
                meanwhile()
                loop.run(self.watch.beat())

    def write(self, *rows: Any) -> None:
        with db.write(self.home.engine) as session:
            session.add_all(rows)

    def told(self, way: str = "email") -> list[list[tuple[str, bool]]]:
        """What each message by a way says: kind and about, and whether it is over."""
        with db.read(self.home.engine) as session:
            message = StoredMessage
            rows = session.execute(
                select(col(message.facts))
                .where(col(message.template) == "incidents", col(message.channel) == way)
                .where(col(message.state) != MessageState.CANCELLED)
                .order_by(col(message.id))
            ).scalars()
            return [[(f"{e['kind']}:{e['about']}", bool(e["until"])) for e in f["incidents"]] for f in rows]

    def open(self) -> list[str]:
        with db.read(self.home.engine) as session:
            return [each.key for each in incidents.open_now(session)]

    def sent(self, *ways: str) -> None:
        """All messages so far have gone out, by these ways or by any."""
        with db.write(self.home.engine) as session:
            for row in session.execute(select(StoredMessage)).scalars():
                if row.state == MessageState.WAITING and (not ways or row.channel in ways):
                    row.state, row.sent_at = MessageState.SENT, self.clock()

    def message(self, channel: str, state: MessageState, cause: str | None = None) -> int:
        """A message to a person that went so far."""
        now = self.clock()
        with db.write(self.home.engine) as session:
            number = add(session, NewMessage(f"{channel}{now}", "notice", channel, "welcome", {}), now)
            assert number is not None
            row = session.get_one(StoredMessage, number)
            row.state, row.cause, row.due_at = state, cause, now + timedelta(hours=1)
            history(session, [(number, now, state, cause)])
        return number

    def goes_out(self, number: int) -> None:
        with db.write(self.home.engine) as session:
            row = session.get_one(StoredMessage, number)
            row.state, row.sent_at = MessageState.SENT, self.clock()

    def run(self, flow: str, error: str | None = None, accounts: int | None = None) -> None:
        """A whole run, or one for some accounts, that ends now, well or not."""
        engine, now = self.home.engine, self.clock()
        number = ledger.start(engine, flow, now.date(), accounts, now, None)
        if error:
            ledger.fail(engine, number, error, now)
        else:
            ledger.finish(engine, number, Outcome(), now, [])


@pytest.fixture
def watched(sqlite_engine: Engine, tmp_path: Path, clock: FixedClock) -> Watched:
    settings = Settings(
        home=tmp_path,
        slack=Slack(token=SecretStr("xoxb-1")),
        delivery=Delivery(mode="live"),
        operations_email="it@example.com",
        operations=Operations(slack_channel="C1", **AMPLE),
    )
    with db.write(sqlite_engine) as session:
        adopted.adopt(session, tmp_path, clock())
    return Watched(Home(settings, Policy(), sqlite_engine, clock), clock)


def test_nothing_is_said_of_a_home_that_is_well(watched: Watched) -> None:
    watched.passes(30)
    assert (watched.open(), watched.told()) == ([], [])


def test_a_run_that_fails_thrice_is_told_once_and_its_end_once_by_both_ways(watched: Watched) -> None:
    for _ in range(3):
        watched.run("intake", "KeyError")
        watched.passes(8, watched.sent)
    assert watched.open() == ["run:intake"]

    watched.run("intake")
    watched.passes(20, watched.sent)

    for way in WAYS:
        assert watched.told(way) == [[("run:intake", False)], [("run:intake", True)]]


def test_a_part_that_is_made_up_for_says_nothing_about_the_whole_run(watched: Watched) -> None:
    watched.run("intake", "KeyError")
    watched.run("intake", "ValueError", accounts=1)
    watched.run("intake", accounts=1)
    watched.passes(5)
    assert watched.open() == ["run:intake"]

    watched.run("intake")
    watched.passes(1)
    assert watched.open() == []


def test_events_that_no_run_takes_up_are_told(watched: Watched) -> None:
    waiting = {"flow": "annual_meeting", "as_of": DAY, "accounts": [], "last_event_id": 1}
    watched.write(RelayBatch(**waiting, state="asked", created_at=watched.clock(), asked_at=watched.clock()))
    watched.passes(50)
    assert watched.open() == []
    watched.passes(28)
    assert watched.open() == ["events:annual_meeting"]
    assert watched.told() == [[("late:annual_meeting", False)]]


def test_a_mail_to_operations_that_is_refused_is_said_on_slack(watched: Watched) -> None:
    watched.run("intake", "KeyError")
    watched.passes(2)
    with db.write(watched.home.engine) as session:
        for row in session.execute(select(StoredMessage)).scalars():
            refused = row.channel == "email"
            row.state, row.cause = (
                (MessageState.FAILED, "recipient-refused") if refused else (MessageState.SENT, None)
            )
    watched.passes(10)
    assert watched.told("slack")[1:] == [[("channel:operations-mail", False)]]
    assert len(watched.told("email")) == 1


def test_what_comes_and_goes_is_told_once(watched: Watched) -> None:
    watched.passes(2)
    for _ in range(4):
        watched.prefect.up = False
        watched.passes(3, watched.sent)
        watched.prefect.up = True
        watched.passes(2, watched.sent)
    assert watched.told() == [[("prefect:server", False)]]

    watched.passes(10, watched.sent)
    assert watched.told()[1:] == [[("prefect:server", True)]]


def test_a_moment_without_prefect_is_nothing(watched: Watched) -> None:
    watched.passes(2)
    watched.prefect.up = False
    watched.passes(0.75)
    watched.prefect.up = True
    watched.passes(10)
    assert watched.told() == []


def test_mail_down_for_an_hour_is_told_on_slack_and_by_one_mail_once_it_is_back(watched: Watched) -> None:
    number = watched.message("email", MessageState.RETRYING, "connect-failed")
    posted = partial(watched.sent, "slack")
    watched.passes(20, posted)
    watched.prefect.up = False
    watched.passes(20, posted)
    watched.prefect.up = True
    watched.passes(20, posted)
    assert watched.told("slack") == [
        [("channel:email", False)], [("prefect:server", False)], [("prefect:server", True)]
    ]  # fmt: skip

    watched.goes_out(number)
    watched.passes(20, posted)

    assert watched.told("email") == [[("prefect:server", True), ("channel:email", True)]]
    assert watched.told("slack")[3:] == [[("channel:email", True)]]


def test_with_both_ways_down_each_hears_of_it_once_it_is_back(watched: Watched) -> None:
    mail = watched.message("email", MessageState.RETRYING, "connect-failed")
    post = watched.message("slack", MessageState.RETRYING, "slack-unreachable")
    watched.passes(15)
    assert sorted(watched.open()) == ["channel:email", "channel:slack"]
    assert watched.told("slack") == [[("channel:email", False)]]

    watched.goes_out(mail)
    watched.goes_out(post)
    watched.passes(8)

    for way in WAYS:
        [told] = watched.told(way)
        assert sorted(told) == [("channel:email", True), ("channel:slack", True)]


@pytest.mark.parametrize("cause", ["recipient-refused", "deferred"])
def test_what_is_wrong_with_one_address_is_not_wrong_with_the_channel(watched: Watched, cause: str) -> None:
    watched.message("email", MessageState.RETRYING, cause)
    watched.passes(40)
    assert watched.open() == []


def test_what_lies_untried_means_that_delivery_stands(watched: Watched) -> None:
    with db.write(watched.home.engine) as session:
        add(session, NewMessage("m", "notice", "email", "welcome", {}), watched.clock())
    watched.passes(25)
    assert watched.open() == ["channel:email"]


def test_a_channel_that_slack_refuses_is_said_by_mail(watched: Watched) -> None:
    watched.run("intake", "KeyError")
    watched.passes(2)
    with db.write(watched.home.engine) as session:
        for row in session.execute(select(StoredMessage)).scalars():
            refused = row.channel == "slack"
            row.state, row.cause = (
                (MessageState.FAILED, "not_in_channel") if refused else (MessageState.SENT, None)
            )
    watched.passes(10)

    assert watched.told("email")[1:] == [[("channel:operations", False)]]
    assert len(watched.told("slack")) == 1


def test_a_post_that_slack_does_not_take_is_told_once_and_over_after_a_day(watched: Watched) -> None:
    watched.message("slack", MessageState.FAILED, "users_not_found")
    watched.passes(1)
    watched.message("slack", MessageState.FAILED, "invalid_blocks")
    watched.passes(3, watched.sent)
    watched.message("slack", MessageState.FAILED, "msg_too_long")
    watched.passes(3, watched.sent)
    assert watched.told() == [[("channel:posts", False)]]

    watched.clock.advance(hours=24)
    watched.passes(20, watched.sent)
    assert watched.told()[1:] == [[("channel:posts", True)]]


def test_days_that_are_owed_are_late_then_missing_and_end_with_one_run(watched: Watched) -> None:
    for flow in ("intake", "plan_creation"):
        watched.run(flow)
    watched.clock.at = datetime(2026, 9, 8, 5, 0, tzinfo=UTC)
    watched.passes(30, watched.sent)
    assert watched.open() == ["due:intake", "due:plan_creation"]

    watched.run("intake")
    watched.run("plan_creation")
    watched.passes(10)
    said = [each for message in watched.told() for each in message]
    assert sorted(said) == [
        ("late:intake", False),
        ("late:intake", True),
        ("late:plan_creation", False),
        ("late:plan_creation", True),
    ]


def test_old_data_is_told_to_operations_and_its_owner(watched: Watched) -> None:
    from kamflow.models.person import Person

    watched.write(Person(id=5, key="c", name="C", email="c@example.com"))
    watched.write(Source(key="crm", owner_id=5, age_limit_days=7))
    came = {
        "source": "crm",
        "name": "x.csv",
        "digest": "1",
        "rows": 3,
        "counts": {"interactions": {"new": 3}},
    }
    watched.write(ImportedFile(**came, imported_at=datetime(2026, 8, 20, 8, tzinfo=UTC)))
    watched.passes(3, watched.sent)
    watched.write(ImportedFile(**came, imported_at=watched.clock()))
    watched.passes(10, watched.sent)

    assert watched.told() == [[("data:crm", False)], [("data:crm", True)]]
    with db.read(watched.home.engine) as session:
        owner = (
            session.execute(select(StoredMessage).where(col(StoredMessage.person_id) == 5)).scalars().all()
        )
    assert [(each.facts["state"], each.facts["rules"]) for each in owner] == [
        ("old", ["contact_shortfall"]), ("back", ["contact_shortfall"])
    ]  # fmt: skip


def test_the_disk_the_database_a_backup_and_a_job_of_the_clock(watched: Watched) -> None:
    narrow = Operations(slack_channel="C1", disk_free_mb=10**9, backup_days=1)
    watched.home = Home(
        watched.home.settings.model_copy(update={"operations": narrow}),
        Policy(),
        watched.home.engine,
        watched.clock,
    )
    watched.restart()
    watched.write(
        ClockJob(job="compose", holder="x", failed=9, cause="OperationalError", seen_at=watched.clock())
    )
    watched.clock.advance(days=2)
    watched.passes(4)

    assert watched.told() == [
        [("backup:home", False), ("disk:home", False)],
        [("clock:compose", False)],
    ] or sorted(each for message in watched.told() for each in message) == [
        ("backup:home", False),
        ("clock:compose", False),
        ("disk:home", False),
    ]


def test_a_restart_in_between_tells_nothing_twice(watched: Watched) -> None:
    watched.run("intake", "KeyError")
    watched.passes(3, watched.sent)
    watched.restart()
    watched.passes(10, watched.sent)
    watched.run("intake")
    watched.passes(3, watched.sent)
    watched.restart()
    watched.passes(10, watched.sent)
    assert watched.told() == [[("run:intake", False)], [("run:intake", True)]]


@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(hours=3)])
def test_a_clock_that_is_set_neither_cries_nor_is_silent(watched: Watched, jump: timedelta) -> None:
    watched.run("intake", "KeyError")
    watched.passes(3, watched.sent)
    watched.clock.at += jump
    watched.passes(3, watched.sent)
    watched.run("intake")
    watched.passes(8, watched.sent)
    watched.clock.at -= jump
    watched.passes(8, watched.sent)
    assert watched.told() == [[("run:intake", False)], [("run:intake", True)]]


def test_two_supervisors_tell_once(watched: Watched) -> None:
    other = Watched(watched.home, watched.clock, watched.prefect)

    def both() -> None:
        other.ticks = watched.ticks
        watched.sent()
        asyncio.run(other.watch.beat())

    watched.prefect.up = False
    watched.passes(10, both)
    watched.prefect.up = True
    watched.passes(10, both)
    assert watched.told() == [[("prefect:server", False)], [("prefect:server", True)]]


def test_a_copied_home_tells_nothing(watched: Watched) -> None:
    from kamflow.models.message import AdoptedHome

    with db.write(watched.home.engine) as session:
        for row in session.execute(select(AdoptedHome)).scalars():
            session.delete(row)
    watched.run("intake", "KeyError")
    watched.passes(5)
    assert (watched.open(), watched.told()) == (["run:intake"], [])
