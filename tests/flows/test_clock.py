"""The pulse: what makes it act, what it does with failures, how it stops. Nothing here waits for real time
but the beats themselves."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from pydantic import SecretStr
from structlog.testing import capture_logs

from flows import clock, pulse
from flows.clock import Beating
from flows.pulse import Composer, Deliverer
from flows.runtime import Home
from kamflow.demo.slack.server import TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.settings import Company, Delivery, Settings, Slack, Smtp
from kamflow.store import adopted, events
from kamflow.store import engine as db
from tests.conftest import FixedClock
from tests.world import World

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NIGHT = datetime(2026, 9, 7, 3, 20, tzinfo=UTC)


@dataclass
class Ticking:
    """A world in which Witt is behind with three customers, and a clock that a test moves."""

    world: World
    smtp: SmtpCatcher
    clock: FixedClock = field(default_factory=lambda: FixedClock(NIGHT))

    @property
    def home(self) -> Home:
        return replace(self.world.home(), now=self.clock)

    def at(self, hour: int, minute: int, second: int = 0) -> None:
        """Monday, 7 September 2026, in UTC; Berlin is two hours ahead."""
        self.clock.at = datetime(2026, 9, 7, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def ticking(world: World, tmp_path: Path) -> Iterator[Ticking]:
    with running_catcher() as smtp:
        world.settings = Settings(
            home=tmp_path, company=Company(region="BY"), delivery=Delivery(mode="live"),
            smtp=Smtp(host="127.0.0.1", port=smtp.port, tls="none"),
        )  # fmt: skip
        with db.write(world.engine) as session:
            adopted.adopt(session, tmp_path, NIGHT)
        world.night("contact_shortfall", NIGHT.date())
        yield Ticking(world, smtp)


@one_database
def test_it_composes_when_an_hour_came_or_something_happened_and_else_only_looks(ticking: Ticking) -> None:
    composer = Composer(ticking.home)
    beats: list[tuple[str, bool]] = []

    def beat(why: str) -> None:
        beats.append((why, asyncio.run(composer.beat())))

    beat("the first")
    ticking.at(3, 21)
    beat("nothing")
    ticking.at(6, 0, 1)
    beat("office hours begin")
    ticking.at(6, 14)
    beat("nothing at all")
    ticking.at(6, 29, 59)
    beat("a quarter of an hour")
    ticking.at(6, 30)
    beat("the digest's hour")
    beat("twice at the same moment")
    ticking.world.night("plan_creation", NIGHT.date())
    ticking.world.measure(ticking.world.account("new", ticking.world.person("Lang")), NIGHT.date())
    ticking.world.night("measure_followup", NIGHT.date())
    beat("a nudge")
    ticking.at(6, 29)
    beat("the machine's clock was set back")

    assert [why for why, acted in beats if acted] == [
        "the first",
        "office hours begin",
        "a quarter of an hour",
        "the digest's hour",
        "a nudge",
        "the machine's clock was set back",
    ]


@one_database
def test_an_hour_counts_in_the_zones_of_our_people(ticking: Ticking) -> None:
    ticking.world.person("Tanaka", zone="Asia/Tokyo")
    composer = Composer(ticking.home)
    ticking.clock.at = datetime(2026, 9, 6, 23, 20, tzinfo=UTC)
    asyncio.run(composer.beat())
    ticking.clock.advance(minutes=10)  # 08:30 in Tokyo

    assert asyncio.run(composer.beat())
    assert not asyncio.run(composer.beat())


@one_database
def test_it_delivers_what_is_due_over_one_connection_and_opens_none_before(ticking: Ticking) -> None:
    async def story() -> list[bool]:
        composer, deliverer = Composer(ticking.home), Deliverer(ticking.home)
        acted = [await deliverer.beat()]
        ticking.at(6, 30)
        await composer.beat()
        acted += [await deliverer.beat(), await deliverer.beat()]
        await deliverer.close()
        return acted

    assert asyncio.run(story()) == [False, True, False]
    assert len(ticking.smtp.messages) == 1


@one_database
def test_a_mail_server_that_hangs_holds_up_nothing_that_goes_by_slack(ticking: Ticking) -> None:
    world = ticking.world
    lang = world.person("Lang", channel="slack")
    world.measure(world.account("new", lang), NIGHT.date(), lang)

    def hang(stage: str, _: str) -> Literal["hang"] | None:
        return "hang" if stage == "mail" else None

    async def story(slack: SlackServer) -> None:
        await Composer(ticking.home).beat()
        mails, posts = Deliverer(ticking.home, "email"), Deliverer(ticking.home, "slack")
        stuck = asyncio.create_task(mails.beat())
        assert await posts.beat()
        assert not stuck.done()
        assert [each.user and each.user.name for each in slack.posts] == ["Lang"]
        stuck.cancel()
        await asyncio.wait([stuck])
        await posts.close()
        await mails.close()

    with running_slack() as slack, running_catcher(SmtpCatcher(rule=hang)) as smtp:
        slack.workspace.users["U1"] = SlackUser("U1", "lang@example.com", "Lang")
        known = {"slack": Slack(token=SecretStr(TOKEN), api_url=slack.url)}
        known |= {"smtp": world.settings.smtp.model_copy(update={"port": smtp.port})}
        world.settings = world.settings.model_copy(update=known)
        world.night("measure_followup", NIGHT.date())
        ticking.at(6, 30)
        asyncio.run(story(slack))


@on_postgresql
def test_what_is_committed_late_under_a_smaller_number_is_a_reason_too(ticking: Ticking) -> None:
    composer = Composer(ticking.home)
    with db.write(ticking.world.engine) as late:
        events.record(late, "interaction.held", NIGHT)
        with db.write(ticking.world.engine) as session:
            events.record(session, "interaction.held", NIGHT)
        asyncio.run(composer.beat())

    assert asyncio.run(composer.beat())
    assert not asyncio.run(composer.beat())


def test_a_job_that_fails_is_logged_by_its_kind_waits_longer_each_time_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at, calls = [0.0], []

    async def work() -> None:
        calls.append(at[0])
        if len(calls) < 4:
            raise ValueError("Frau Kruse, 0171 5551234")

    monkeypatch.setattr(clock, "monotonic", lambda: at[0])
    job = Beating("relay", work)

    async def beats() -> None:
        for tenth in range(100):
            at[0] = tenth / 10
            await job.beat()

    with capture_logs() as logs:
        asyncio.run(beats())

    assert calls[:4] == [0.0, 1.0, 3.0, 7.0]
    assert len(calls) == 4 + 29
    assert [each["again_in"] for each in logs] == [1.0, 2.0, 4.0]


@one_database
def test_it_stops_once_what_is_in_work_has_ended_and_closes_what_it_opened(
    ticking: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = [], []

    async def slow(*_: Any) -> None:
        begun.append(1)
        stop.set()
        for turn in range(20):
            await asyncio.sleep(turn * 0)
        ended.append(1)

    monkeypatch.setattr(pulse.Deliverer, "beat", slow)
    stop: asyncio.Event

    async def story() -> None:
        nonlocal stop
        stop = asyncio.Event()
        await clock.run(ticking.home, stop)

    asyncio.run(story())

    assert len(begun) == len(ended) >= 1


def test_after_the_machines_clock_was_set_back_it_beats_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[float]:
        job = Beating("relay", lambda: asyncio.sleep(0))
        with clock._scheduled([job]) as scheduler:
            scheduler.modify_job("relay", next_run_time=datetime(2999, 1, 1, tzinfo=UTC))
            job.last -= clock.STILL_SECONDS + 1
            clock._go_on(scheduler, [job])
            return [_wait(scheduler)]

    [wait] = asyncio.run(story())
    assert wait <= clock.BEAT_SECONDS


def _wait(scheduler: AsyncIOScheduler) -> float:
    """Seconds until the next beat."""
    due = scheduler.get_job("relay").next_run_time
    return (due - datetime.now(UTC)).total_seconds()  # noqa: TID251 - APScheduler reads the machine's clock


@one_database
def test_a_home_that_is_not_adopted_waits_quietly_and_goes_on_once_it_is(
    ticking: Ticking, tmp_path: Path
) -> None:
    composer, deliverer = Composer(ticking.home), Deliverer(ticking.home)
    ticking.at(6, 30)
    asyncio.run(composer.beat())
    with capture_logs() as logs:
        for home, sends in ((tmp_path / "elsewhere", False), (tmp_path, True)):
            with db.write(ticking.world.engine) as session:
                adopted.adopt(session, home, NIGHT)
                events.record(session, "interaction.held", NIGHT)
            beats = [asyncio.run(each.beat()) for each in (composer, deliverer, composer)]
            assert beats == [sends, sends, False]
        asyncio.run(deliverer.close())
    assert [each["event"] for each in logs if each["event"].startswith("clock.")] == [
        "clock.not_adopted",
        "clock.adopted",
        "clock.delivered",
    ]


def test_a_job_that_does_not_come_to_an_end_counts_as_failing() -> None:
    async def stuck() -> tuple[object, object]:
        over = asyncio.Event()
        job = Beating("compose", over.wait, hangs=-1)
        before = job.stands(NIGHT)
        beating = asyncio.create_task(job.beat())
        await asyncio.sleep(0)
        during = job.stands(NIGHT)
        over.set()
        await beating
        return (before.failed, during.failed, during.cause), job.stands(NIGHT).failed

    assert asyncio.run(stuck()) == ((0, 3, "hangs"), 0)
