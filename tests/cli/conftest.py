"""What the tests of the command line stand on: a home with a small company, and the command in-process."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.cli import app
from kamflow.store.engine import read, write
from tests.acts.world import World, build


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite only: what commands call is tested on both databases where it stands (store, acts, intake)."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'kamflow.db')}"


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose database is migrated and empty; it is Monday, 7 September 2026, 08:30 in Berlin."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("KAMFLOW_HOME", str(folder))
    monkeypatch.setenv("KAMFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T08:30:00+02:00")
    return folder


@pytest.fixture
def world(home: Path, engine: Engine) -> World:
    """The company of tests/acts/world.py, stored; its rows are read only."""
    with write(engine) as session:
        return build(session)


@pytest.fixture
def stored(engine: Engine) -> Iterator[Session]:
    """What is in the database now; the session sees what commands commit before it first reads."""
    with read(engine) as session:
        yield session


@pytest.fixture
def kamflow(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """`kamflow("nudges", "--json")` runs the command in this process."""

    def call(*tokens: object) -> Answer:
        capsys.readouterr()
        code = app.run([str(token) for token in tokens])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return call


@pytest.fixture
def nudge(world: World, engine: Engine) -> Callable[..., int]:
    """`nudge(step="position")` stores a nudge of Witt and returns its number."""

    def store_nudge(**values: Any) -> int:
        with write(engine) as session:
            return World(session, world.people, world.accounts, world.contacts).nudge(**values).id or 0

    return store_nudge
