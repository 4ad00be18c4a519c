"""What all tests stand on: a fixed clock, two databases, no network beyond this machine."""

import gc
import ipaddress
import os
import shutil
import socket
import sqlite3
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import sqlalchemy
import structlog
from _pytest.unraisableexception import gc_collect_iterations_key
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from tests import shared_data as shared
from tests.ports import free_port

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
SLOW_SECONDS = 1200
# What `make test-slow` begins with. One waits for processes, another computes, so that none ends alone.
LONG = (
    "test_rehearse", "test_chaos", "test_purge_changes_nothing", "test_two_of_each", "test_crash",
    "test_any_schedule", "test_up", "test_hard_times", "test_any_fault", "test_growing", "test_pictures",
    "test_erased", "test_naughty_papers", "test_way_back", "test_preview", "test_serve",
    "test_slack_limits", "test_relay_through_prefect", "test_telling", "test_through_prefect",
    "test_works_council", "test_scanner", "test_whole_cycle",
)  # fmt: skip

# What runs on PostgreSQL in `make test-slow` only: nearly every statement of theirs runs there in
# `make test` as well, for other tests (measured: all but 5 % of what these and those ask for together).
POSTGRESQL_SLOWLY = {
    "acts": "absent account_hand_over briefing cycle_words done fulfil gap hand_over log measure meeting "
    "meeting_contacts pause snooze who_was_given_it",
    "cli": "init",
    "end_to_end": "main_job naughty_strings",
    "flows": "ledger_rows local rehearse",
    "intake": "drop_folder nasty notices",
    "notifications": "compose languages paused quarterly_report start survey_life survey_unsent",
    "survey": "answering",
    "store": "briefing_facts briefing_rows briefing_series controlling flow_overview hand_in_entries "
    "measures_and_requests meeting_told meetings night own_policy starting survey_scores",
}

hypothesis.settings.register_profile("default", max_examples=30, deadline=None)
# The same examples on every run: what fails in CI fails at home.
hypothesis.settings.register_profile(
    "ci", max_examples=30, deadline=None, derandomize=True, database=None, print_blob=True
)
hypothesis.settings.register_profile("thorough", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default")
)


# Prefect's server and its client would report their use to their maker.
NO_TELEMETRY = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}


MEMORY = Path("/dev/shm")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything imports Prefect, and for every process that a test starts."""
    os.environ.update(NO_TELEMETRY)
    # At the end pytest looks for what nobody closed; five times over takes seconds and finds no more.
    config.stash[gc_collect_iterations_key] = 1
    if os.access(MEMORY, os.W_OK):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # databases need not reach a disk
    # What the imports left is for good: looking through it again and again takes a tenth of the time.
    gc.set_threshold(100_000, 50, 100)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only slow tests are wanted, leave alone the files that have none: most of the start."""
    if config.option.markexpr != "slow" or not collection_path.match("test_*.py"):
        return None
    slow = _postgresql_slowly(collection_path) or "mark.slow" in collection_path.read_text(encoding="utf-8")
    return None if slow else True


def _postgresql_slowly(path: Path) -> bool:
    return path.stem.removeprefix("test_") in POSTGRESQL_SLOWLY.get(path.parent.name, "").split()


def _on_postgresql(item: pytest.Item) -> bool:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return "postgresql" in (params.get("database_url"), params.get("bare_database_url"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give slow tests more time than the rest, unless they name their own; what takes long begins early."""
    for item in items:
        if _on_postgresql(item) and _postgresql_slowly(item.path):
            item.add_marker(pytest.mark.slow)
    slow = [item for item in items if item.get_closest_marker("slow")]
    for item in slow:
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))
    if config.option.markexpr == "slow":
        items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """What is there by now stays: nothing looks through it for garbage again."""
    gc.freeze()


# --- this machine only ---------------------------------------------------------------------------


def _stays_here(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = address[0]
    if host in ("", "localhost"):
        return True
    try:
        found = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def _guarded(real: Callable[..., Any], address_at: int) -> Callable[..., Any]:
    def call(sock: socket.socket, *args: Any) -> Any:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _stays_here(args[address_at]):
            pytest.fail(f"a test reached beyond loopback: {args[address_at]!r}")
        return real(sock, *args)

    return call


def _resolve(real: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in (None, socket.gethostname()) and not _stays_here((name,)):
            pytest.fail(f"a test looked up a host beyond loopback: {name!r}")
        return real(host, *args, **options)

    return getaddrinfo


@pytest.fixture(autouse=True)
def _logs_as_nobody_configured_them() -> None:
    """What a test sets up for logging must not decide where the next one finds its lines."""
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def this_machine_only() -> Iterator[None]:
    """Refuse every connection and look-up beyond loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect, 0))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex, 0))
        patch.setattr(socket.socket, "sendto", _guarded(socket.socket.sendto, -1))
        patch.setattr(socket, "getaddrinfo", _resolve(socket.getaddrinfo))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Take away the developer's own KAMFLOW_* but those that are about the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("KAMFLOW_") and not name.startswith(("KAMFLOW_TEST_", "KAMFLOW_SHARED_")):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def nobody_out_there_is_vouched_for() -> Iterator[None]:
    """Leave the machine's certificates unread, ten milliseconds for every client: who is on loopback has
    none of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)
        yield


# --- time and data -------------------------------------------------------------------------------


class FixedClock:
    """Stands until a test moves it; hand it over wherever `now` is asked for."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        """Move on by the arguments of `timedelta`."""
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> FixedClock:
    """A `now` that stands at Monday, 7 September 2026, 08:30 in Berlin."""
    return FixedClock()


@pytest.fixture
def now(clock: FixedClock) -> datetime:
    """The moment at which `clock` stands."""
    return clock()


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """`shared_data("crm_maven_iso/accounts.csv")`: that file, or the test is skipped with the reason."""
    return shared.path


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's browser, for playwright's `executable_path`."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("needs Debian's Chromium: apt-get install chromium")
    return found


# --- databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Let the engines of all tests share what SQLAlchemy compiled: each test opens one of its own.

    All tests together have more statements than SQLAlchemy keeps for one engine.
    """
    from kamflow.store import engine as store

    first: dict[str, Engine] = {}

    def create_engine(url: Any, **options: Any) -> Engine:
        made = sqlalchemy.create_engine(url, query_cache_size=10_000, **options)
        if like := first.get(made.dialect.name):
            made.dialect, made._compiled_cache = like.dialect, like._compiled_cache
        else:
            # Only a dialect that has once been connected knows its server.
            sqlalchemy.event.listen(made, "connect", lambda *_: first.setdefault(made.dialect.name, made))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "create_engine", create_engine)
        yield


def _upgrade(url: str) -> None:
    from kamflow.store import engine, migrate

    connected = engine.connect(url)
    migrate.upgrade(connected)
    connected.dispose()


def _sibling(url: str, database: str) -> str:
    return make_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def _execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[str]:
    """URL of a PostgreSQL where databases may be made: KAMFLOW_TEST_POSTGRES_URL, or one of our own.

    Ours is one server for all workers of a test run; the last worker to leave removes it. Started by
    root it runs as a user `embedded_postgres`, made when it is missing.
    """
    given = os.environ.get("KAMFLOW_TEST_POSTGRES_URL")
    if given:
        yield _sibling(given, make_url(given).database or "postgres")
        return
    import fasteners

    from tests.unhurried import get_server

    folder = Path(tempfile.gettempdir()) / f"kamflow-{testrun_uid}"
    door = fasteners.InterProcessLock(folder.with_suffix(".lock"))
    with door:
        folder.mkdir(exist_ok=True)
        server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    # A test database need not survive a power cut.
    slow = ("fsync", "synchronous_commit", "full_page_writes")
    _execute(url, *(f"ALTER SYSTEM SET {name} = off" for name in slow), "SELECT pg_reload_conf()")
    yield url
    with door:
        server.cleanup()
        if not folder.exists():
            folder.with_suffix(".lock").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str, worker_id: str, testrun_uid: str) -> Iterator[str]:
    """This worker's own database, migrated. Ask for `database_url` instead: it comes empty."""
    name = f"kamflow_{testrun_uid[:8]}_{worker_id}"
    _execute(postgres_server, f'CREATE DATABASE "{name}"')
    url = _sibling(postgres_server, name)
    _upgrade(url)
    yield url
    _execute(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "kamflow.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session", autouse=True)
def a_new_file_is_a_copy(sqlite_template: Path) -> Iterator[None]:
    """Migrate an empty SQLite file by copying one that went through all migrations: it is the same."""
    from kamflow.store import migrate

    real = migrate.upgrade

    def upgrade(engine: Engine) -> None:
        if engine.dialect.name != "sqlite":
            real(engine)
            return
        with closing(engine.raw_connection()) as connection:
            file: Any = connection.driver_connection
            if empty := not file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                with closing(sqlite3.connect(sqlite_template)) as template:
                    template.backup(file)
        if not empty:
            real(engine)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "upgrade", upgrade)
        yield


HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def postgres_cleaner(postgres_url: str) -> Iterator[psycopg.Connection]:
    """One connection that empties the tables after each test: a new one would look all of them up again."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """One engine for all tests of this worker, for the same reason."""
    from kamflow.store.engine import connect

    connected = connect(postgres_url)
    yield connected
    connected.dispose()


@cache
def _emptying() -> bytes:
    """One round trip; a lock that is not given up would hang this test and all that follow."""
    from kamflow.models.tables import METADATA

    deleted = (f'DELETE FROM "{table.name}"' for table in reversed(METADATA.sorted_tables))
    return "; ".join(["SET lock_timeout = '5s'", *deleted]).encode()


def _empty(cleaner: psycopg.Connection, engine: Engine) -> None:
    try:
        cleaner.execute(_emptying())
    except psycopg.errors.LockNotAvailable:
        cleaner.execute(HANG_UP.encode())
        engine.dispose()
        cleaner.execute(_emptying())
        pytest.fail("the test left a transaction open: end its session, dispose of its engine")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database without rows: the test runs once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "kamflow.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cleaner, engine = (request.getfixturevalue(f"postgres_{each}") for each in ("cleaner", "engine"))
    yield request.getfixturevalue("postgres_url")
    _empty(cleaner, engine)


@pytest.fixture
def engine(database_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on `database_url`."""
    from kamflow.store.engine import connect

    if not database_url.startswith("sqlite"):
        # A view of its own: what a test listens to ends with it.
        yield request.getfixturevalue("postgres_engine").execution_options()
        return
    connected = connect(database_url)
    yield connected
    connected.dispose()


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a migrated SQLite file, for what a second database would not prove again."""
    from kamflow.store.engine import connect

    path = shutil.copy(sqlite_template, tmp_path / "kamflow.db")
    connected = connect(f"sqlite:///{path}")
    yield connected
    connected.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, for tests of the migrations and of `kamflow init`."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"bare_{tmp_path.parent.name}_{tmp_path.name}".replace("-", "_")[-60:]
    _execute(server, f'CREATE DATABASE "{name}"')
    yield _sibling(server, name)
    _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def free_tcp_port() -> int:
    """A port of loopback on which nobody listens."""
    return free_port()
