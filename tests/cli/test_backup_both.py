"""`kamflow backup`, `restore` and `adopt`, one after the other, on each database."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from kamflow.models.person import Person
from kamflow.store import adopted, link_versions, migrate, new_messages
from kamflow.store.engine import connect, read, write
from kamflow.store.new_messages import NewMessage
from tests.acts.world import Act
from tests.conftest import NOW
from tests.store.test_migrate import url as url  # noqa: PLC0414 - a fixture
from tests.world import World


@pytest.fixture
def home(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that may send, with a person and a message that waits for them."""
    (folder := tmp_path / "home").mkdir()
    (folder / "kamflow.toml").write_text('[company]\nname = "Ours"\n')
    monkeypatch.setenv("KAMFLOW_HOME", str(folder))
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T08:30:00+02:00")
    monkeypatch.setenv("KAMFLOW_SECRET_KEY", "a secret that nobody can guess")
    database = f"sqlite:///{folder / 'kamflow.db'}" if url.startswith("sqlite") else url
    monkeypatch.setenv("KAMFLOW_DATABASE_URL", database)
    engine = connect(database)
    migrate.upgrade(engine)
    witt = World(engine).person("Witt")
    with write(engine) as session:
        adopted.adopt(session, folder, NOW)
        new_messages.add(session, NewMessage("a", "notice", "email", "x", {}, witt.id), NOW)
    engine.dispose()
    return folder


@pytest.mark.usefixtures("home")
def test_what_was_backed_up_comes_back_and_is_silent_until_it_is_adopted(kamflow: Act) -> None:
    engine = connect(os.environ["KAMFLOW_DATABASE_URL"])
    said = kamflow("backup", "--json")
    assert said.code == 0, said.err
    with write(engine) as session:
        session.execute(update(Person).values(name="Somebody since"))
    engine.dispose()
    back = kamflow("restore", said.json["file"], "--json")

    assert (back.code, back.json["held"]) == (0, 1), back.err
    with read(engine) as session:
        found = session.execute(select(col(Person.name), col(Person.links_version))).one()
    assert tuple(found) == ("Witt", link_versions.new(NOW))
    assert kamflow("deliver").code == 2
    assert kamflow("adopt").code == 0
    assert kamflow("outbox", "--json", "--state", "cancelled").json != []
    World(engine).person("Paul")  # ids go on where they were
    engine.dispose()
