"""A home with a small company, and a real Prefect server for the tests that are marked slow."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows import server
from kamflow.settings import Settings
from kamflow.store import engine as db
from tests.conftest import NO_TELEMETRY
from tests.flows import prefect_api
from tests.flows.prefect_api import Prefect
from tests.world import World

PREFECT_SETTINGS = (
    *(name for name in server.environment(Settings()) if name not in {"PREFECT_HOME", *NO_TELEMETRY}),
    "PREFECT_API_URL",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_SERVER_API_AUTH_STRING",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL",
)


@pytest.fixture(autouse=True)
def no_prefect_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Forget a developer's Prefect, and after each test what the test set up."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    for name in PREFECT_SETTINGS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    with prefect_api.running(tmp_path_factory.mktemp("server")) as prefect:
        yield prefect


def company(engine: Engine) -> World:
    """Witt has three accounts whose contacts lag far behind in September."""
    world = World(engine)
    witt = world.person("Witt")
    for number in range(3):
        place = world.place(f"Lech{number}", world.account(f"acc-{number}", witt), 8)
        world.target(witt, place, 12)
        world.meet(date(2026, 1, 12), witt, place)
    return world


@pytest.fixture
def world(engine: Engine) -> World:
    """The small company on SQLite and on PostgreSQL."""
    return company(engine)


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """The folder of a home whose SQLite database holds the small company."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(sqlite_template, home / "kamflow.db")
    engine = db.connect(f"sqlite:///{home / 'kamflow.db'}")
    company(engine)
    engine.dispose()
    return home
