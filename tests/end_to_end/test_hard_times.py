"""A database that is locked, full, gone or shared while mails go out: nothing is lost, nothing doubled, and
nobody needs to start anything again."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from tests.end_to_end.crash import dispatcher
from tests.end_to_end.crash.full_home import LEASE_SECONDS, FullHome, full_home
from tests.end_to_end.crash.killer import held
from tests.end_to_end.crash.own_postgres import own_postgres
from tests.flows.prefect_api import eventually
from tests.flows.test_growing import database

pytestmark = pytest.mark.slow

MESSAGES, SOME = 300, 60
SHORT_LEASE = 10  # seconds, and then what was claimed before may be claimed again
TROUBLE_SECONDS = 4.0  # longer than it waits for a locked SQLite, and until it tries a connection again


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
        database(server, tmp_path, "hard_times") as url,
        full_home(tmp_path / "home", url, catcher.port, MESSAGES) as made,
    ):
        yield made


def come(catcher: SmtpCatcher, number: int = SOME) -> None:
    eventually(f"{number} mails have come", lambda: len(catcher.messages) >= number, 120)


def all_came_once(home: FullHome, catcher: SmtpCatcher) -> None:
    eventually("all is sent", lambda: not home.unsent(), 180)
    arrived = Counter((mail.recipients[0], mail.message_id) for mail in catcher.messages)
    assert arrived == Counter((address, mail_id) for address, mail_id, _ in home.messages())


@contextmanager
def going_on(home: FullHome) -> Iterator[dispatcher.Dispatcher]:
    """One dispatcher that is never started again."""
    running = dispatcher.keep_going(home)
    try:
        yield running
        assert running.process.is_alive()
    finally:
        running.kill()


def test_two_dispatchers_share_the_work_and_double_nothing(home: FullHome, catcher: SmtpCatcher) -> None:
    home.fill()
    both = [dispatcher.start(home, number) for number in (1, 2)]
    assert all(each.ended() for each in both)

    all_came_once(home, catcher)
    sent = [int((home.folder / f"delivered-{each.number}").read_text().split()[0]) for each in both]
    assert sum(sent) == MESSAGES
    assert min(sent) >= MESSAGES // 10


def test_when_one_of_two_is_killed_the_other_goes_on(home: FullHome, catcher: SmtpCatcher) -> None:
    home.fill()
    killed, other = dispatcher.start(home, 1), dispatcher.start(home, 2)
    come(catcher)
    killed.kill()
    assert other.ended()
    assert dispatcher.start(home, 3, timedelta(seconds=LEASE_SECONDS + 1)).ended()

    assert not home.unsent()
    arrived = Counter(mail.message_id for mail in catcher.messages)
    assert {*arrived} == {mail_id for _, mail_id, _ in home.messages()}
    assert max(arrived.values()) <= 2
    assert arrived.total() - MESSAGES <= 2 * home.connections


def test_a_lock_that_is_held_for_long_is_waited_for(home: FullHome, catcher: SmtpCatcher) -> None:
    with going_on(home):
        home.fill()
        come(catcher)
        with held(home.engine):
            sleep(TROUBLE_SECONDS)
        all_came_once(home, catcher)


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_a_full_disk_is_waited_for(home: FullHome, catcher: SmtpCatcher) -> None:
    with going_on(home):
        home.fill()
        come(catcher)
        (home.folder / "full").touch()
        sleep(TROUBLE_SECONDS)
        so_far = len(catcher.messages)
        sleep(1)
        assert len(catcher.messages) == so_far < MESSAGES
        (home.folder / "full").unlink()
        all_came_once(home, catcher)
    assert "full" in (home.folder / dispatcher.LOG).read_text()


def test_a_database_that_goes_away_and_comes_back(catcher: SmtpCatcher, tmp_path: Path) -> None:
    with (
        own_postgres() as server,
        full_home(tmp_path / "home", server.url, catcher.port, MESSAGES, lease=SHORT_LEASE) as home,
        going_on(home),
    ):
        home.fill()
        come(catcher)
        server.stop()
        sleep(TROUBLE_SECONDS)
        server.start()
        all_came_once(home, catcher)
