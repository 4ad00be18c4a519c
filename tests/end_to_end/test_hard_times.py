"""A database that is locked, full, gone or shared while mails go out: nothing is lost, nothing doubled, and
nobody needs to start anything again."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from psutil import STATUS_STOPPED, Process
from sqlalchemy import Engine, select, text
from sqlmodel import col

from flows import runtime
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.demo.smtp_terms import Rule
from kamflow.models.message import StoredMessage
from kamflow.store import engine as db
from notifications import outbox
from tests.end_to_end.crash import dispatcher
from tests.end_to_end.crash.full_home import SMTP_PATIENCE, FullHome, full_home
from tests.end_to_end.crash.killer import held
from tests.end_to_end.crash.own_postgres import own_postgres
from tests.end_to_end.crash.small_disk import small_disk
from tests.end_to_end.grown_company import set_clock
from tests.flows.prefect_api import eventually
from tests.flows.test_growing import database

pytestmark = pytest.mark.slow

MESSAGES, SOME = 300, 60
A_BATCH = 100  # delivery.batch
SHORT_LEASE = 10  # seconds, and then what was claimed before may be claimed again
LONG_LEASE = 240
TROUBLE_SECONDS = 4.0  # for which it goes on once it was noticed: longer than a pause between two attempts
NOT_RECORDED = "deliver.not_recorded"


@pytest.fixture
def catcher() -> Iterator[SmtpCatcher]:
    with running_catcher() as catcher:
        yield catcher


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, catcher: SmtpCatcher, tmp_path: Path) -> Iterator[FullHome]:
    if request.param == "sqlite":
        with full_home(tmp_path / "home", f"sqlite:///{tmp_path}/kamflow.db", catcher.port, MESSAGES) as made:
            yield made
        return
    server = request.getfixturevalue("postgres_server")
    with (
        database(server, "hard_times") as url,
        full_home(tmp_path / "home", url, catcher.port, MESSAGES) as made,
    ):
        yield made


def no_more_come(catcher: SmtpCatcher) -> int:
    """How many there are, once a second has passed without another."""

    def look() -> int:
        so_far = len(catcher.messages)
        sleep(1)
        return so_far if so_far == len(catcher.messages) else 0

    return eventually("no more mails come", look, 120)


@dataclass
class Once:
    """A rule that acts when so many have been taken, before the last of them is answered."""

    number: int
    catcher: SmtpCatcher
    act: Callable[[], object]
    done: Event = field(default_factory=Event)

    def __call__(self, stage: str, _: str) -> None:
        if stage == "taken" and len(self.catcher.messages) == self.number:
            self.act()
            self.done.set()

    def wait(self) -> None:
        """Until it has acted."""
        assert self.done.wait(180), f"after {len(self.catcher.messages)} mails"


def all_came_once(home: FullHome, catcher: SmtpCatcher) -> None:
    eventually("all is sent", lambda: not home.unsent(), 180)
    arrived = Counter((mail.recipients[0], mail.message_id) for mail in catcher.messages)
    assert arrived == Counter((address, mail_id) for address, mail_id, _ in home.messages())


def said(home: FullHome, words: str) -> bool:
    """Whether a dispatcher logged that."""
    return words in (home.folder / dispatcher.LOG).read_text()


@contextmanager
def going_on(home: FullHome, patience: float = dispatcher.SHORT_PATIENCE) -> Iterator[dispatcher.Dispatcher]:
    """One dispatcher that is never started again."""
    running = dispatcher.keep_going(home, patience)
    try:
        yield running
        assert running.process.is_alive()
    finally:
        running.kill()


def two_at_once(
    home: FullHome, catcher: SmtpCatcher, then: Rule | None = None
) -> list[dispatcher.Dispatcher]:
    """Two that both have messages before anybody is answered."""
    home.fill()
    home.fill()  # more than one of them claims ahead
    both = [dispatcher.start(home, number, together=True) for number in (1, 2)]
    eventually("both are ready", lambda: all((home.folder / f"ready-{n}").exists() for n in (1, 2)), 120)
    catcher.rule = until_all_have_claimed(home, len(both), then)
    (home.folder / "go").touch()
    return both


def until_all_have_claimed(home: FullHome, number: int, then: Rule | None = None) -> Rule:
    """Answer nobody before: however slow one is to begin, there is a batch left for it."""
    begun, first = Event(), list[float]()

    def holds(stage: str, about: str) -> None:
        first[:] = first or [monotonic()]
        while not begun.is_set() and monotonic() < first[0] + SMTP_PATIENCE / 2:
            if len(holders(home)) == number:
                begun.set()
            sleep(0.01)
        if then is not None:
            then(stage, about)

    return holds


def holders(home: FullHome) -> set[int]:
    """The processes that have claimed something."""
    with db.read(home.engine) as session:
        return {int(name.split(":")[1]) for name in outbox.holders(session)}


def test_two_dispatchers_share_the_work_and_double_nothing(home: FullHome, catcher: SmtpCatcher) -> None:
    both = two_at_once(home, catcher)
    assert all(each.ended() for each in both)

    all_came_once(home, catcher)
    sent = [int((home.folder / f"delivered-{each.number}").read_text().split()[0]) for each in both]
    assert sum(sent) == 2 * MESSAGES
    assert min(sent) >= A_BATCH


def test_when_one_of_two_is_killed_the_other_goes_on(home: FullHome, catcher: SmtpCatcher) -> None:
    had = set[int]()

    def kill() -> None:
        had.update(holders(home))
        killed.kill()

    strikes = Once(SOME, catcher, kill)
    killed, other = two_at_once(home, catcher, strikes)
    strikes.wait()
    assert not killed.ended()
    assert had == {killed.process.pid, other.process.pid}
    assert other.ended()
    assert home.unsent()  # what the killed one had
    assert dispatcher.start(home, 3).ended()

    assert not home.unsent()
    arrived = Counter(mail.message_id for mail in catcher.messages)
    assert {*arrived} == {mail_id for _, mail_id, _ in home.messages()}
    assert max(arrived.values()) <= 2
    assert arrived.total() - 2 * MESSAGES <= 2 * home.connections


def test_a_lock_that_is_held_for_long_is_waited_for(home: FullHome, catcher: SmtpCatcher) -> None:
    with going_on(home):
        locked(home, catcher, TROUBLE_SECONDS, lambda: somebody_waits(home))
        all_came_once(home, catcher)


def locked(
    home: FullHome, catcher: SmtpCatcher, seconds: float, noticed: Callable[[], bool] = lambda: True
) -> None:
    """Deliver, and let somebody hold the outbox from the moment on when some have come, until so many seconds
    after it is noticed: what was being sent then is still sent, nothing more, and nothing is written down."""
    with ExitStack() as lock:
        catcher.rule = holds = Once(SOME, catcher, lambda: lock.enter_context(held(home.engine)))
        home.fill()
        holds.wait()
        unsent = home.unsent()
        assert unsent > MESSAGES - SOME
        eventually("it is noticed", noticed, 120)
        sleep(seconds)
        assert home.unsent() == unsent
        assert len(catcher.messages) <= SOME + 2 * home.connections


def somebody_waits(home: FullHome) -> bool:
    """Whether somebody wants to write into an outbox that is locked, and was told so by SQLite."""
    if home.engine.dialect.name == "sqlite":
        return said(home, NOT_RECORDED)
    return waits_for_a_lock(home.engine)


def waits_for_a_lock(engine: Engine) -> bool:
    """Whether somebody waits for a table of this PostgreSQL database."""
    waits = (
        "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND NOT granted"
    )
    with db.read(engine) as session:
        return session.execute(text(waits)).first() is not None


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_a_full_disk_is_waited_for(home: FullHome, catcher: SmtpCatcher) -> None:
    with going_on(home):
        catcher.rule = Once(SOME, catcher, (home.folder / "full").touch)
        home.fill()
        eventually("it is full", lambda: said(home, "database or disk is full"), 180)
        sleep(TROUBLE_SECONDS)
        assert no_more_come(catcher) < MESSAGES
        (home.folder / "full").unlink()
        all_came_once(home, catcher)


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_a_lock_held_for_half_a_minute_is_no_trouble_at_all(home: FullHome, catcher: SmtpCatcher) -> None:
    with going_on(home, db.BUSY_SECONDS):
        locked(home, catcher, 30)
        all_came_once(home, catcher)
    assert not (home.folder / dispatcher.LOG).read_text()


def test_a_full_disk_of_postgresql_is_waited_for(catcher: SmtpCatcher, tmp_path: Path) -> None:
    with (
        small_disk() as disk,
        own_postgres() as server,
        full_home(tmp_path / "home", server.url, catcher.port, MESSAGES) as home,
    ):
        home.fill()
        disk.holds(server, home.engine, "message", "message_step")
        with ExitStack() as full:
            catcher.rule = fills = Once(SOME, catcher, lambda: full.enter_context(disk.full()))
            with going_on(home):
                fills.wait()
                eventually("it is full", lambda: said(home, "DiskFull"), 120)
                sleep(TROUBLE_SECONDS)
                assert no_more_come(catcher) < MESSAGES
                full.close()
                all_came_once(home, catcher)


def test_a_database_that_goes_away_and_comes_back(catcher: SmtpCatcher, tmp_path: Path) -> None:
    with (
        own_postgres() as server,
        full_home(tmp_path / "home", server.url, catcher.port, MESSAGES, lease=SHORT_LEASE) as home,
        going_on(home),
    ):
        catcher.rule = stops = Once(SOME, catcher, server.stop)
        home.fill()
        stops.wait()
        eventually("it is missed", lambda: said(home, NOT_RECORDED), 120)
        sleep(TROUBLE_SECONDS)
        assert len(catcher.messages) < MESSAGES
        server.start()
        all_came_once(home, catcher)


def test_who_stood_still_for_longer_than_a_lease_keeps_what_it_was_sending(
    catcher: SmtpCatcher, tmp_path: Path
) -> None:
    url, clock = f"sqlite:///{tmp_path}/kamflow.db", tmp_path / "now"
    set_clock(clock, runtime.clock())
    with (
        full_home(tmp_path / "home", url, catcher.port, MESSAGES, lease=LONG_LEASE, clock=clock) as home,
        going_on(home) as still,
        going_on(home),
    ):
        stands = Once(SOME, catcher, lambda: stop(still, home))
        catcher.rule = until_all_have_claimed(home, 2, stands)
        home.fill()
        home.fill()  # more than one of them claims ahead
        stands.wait()
        # Not by waiting: for as long again the other would not take anything, and we may be slow to go on.
        set_clock(clock, runtime.clock() + timedelta(seconds=LONG_LEASE))
        eventually("the other has seen that its leases have ended", lambda: on_notice(home), 120)
        assert 0 < home.unsent() < 2 * MESSAGES
        Process(still.process.pid).resume()
        all_came_once(home, catcher)


def stop(still: dispatcher.Dispatcher, home: FullHome) -> None:
    """Let it stand still, but not amid a transaction, for which the other would wait."""
    with held(home.engine):
        (process := Process(still.process.pid)).suspend()
        eventually("it stands still", lambda: process.status() == STATUS_STOPPED)


def on_notice(home: FullHome) -> bool:
    """Whether anything may soon be taken from who claimed it."""
    wanted = select(col(StoredMessage.id)).where(col(StoredMessage.lease_ended_at).is_not(None))
    with db.read(home.engine) as session:
        return session.execute(wanted).first() is not None
