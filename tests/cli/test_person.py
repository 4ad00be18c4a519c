"""`kamflow person`: what is stored of somebody, and taking their name away."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.models.contact import Contact
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.plan import Measure
from kamflow.store.engine import read, write
from tests.acts.world import World, store
from tests.cli.conftest import Answer

Command = Callable[..., Answer]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAMFLOW_SECRET_KEY", "a secret of these tests, as long as secrets are")


@pytest.fixture
def named(world: World, engine: Engine, home: Path) -> int:
    """Doppel stands in a measure of Muster AG and in a file that came back."""
    (home / "rejects").mkdir()
    (home / "rejects" / "contacts.csv").write_text("name;mail\nDoppel;doppel@example.de\n", encoding="cp1252")
    with write(engine) as session:
        title = "Angebot mit Frau Doppel abstimmen"
        return store(session, Measure(account_id=world.account("muster"), title=title)).id


def contact(engine: Engine, number: int) -> Contact:
    with read(engine) as session:
        return session.get_one(Contact, number)


def test_nothing_is_erased_without_a_yes(kamflow: Command, world: World, named: int, engine: Engine) -> None:
    answer = kamflow("person", "erase", "doppel")

    assert answer.code == 0
    assert f"measure {named}, title of account {world.account('muster')}" in answer.out
    assert "contacts.csv" in answer.out
    assert contact(engine, world.contact("doppel")).last_name == "Doppel"


def test_a_yes_takes_name_texts_and_files(
    kamflow: Command, world: World, named: int, engine: Engine, home: Path
) -> None:
    answer = kamflow("person", "erase", "doppel", "--yes", "--replace", "--files", "--json")

    assert (answer.code, answer.json["erased"], answer.json["swapped"], answer.json["packed"]) == (
        0,
        True,
        1,
        True,
    )
    gone = contact(engine, world.contact("doppel"))
    assert (gone.name, gone.email, gone.key) == ("erased contact", None, f"erased-contact-{gone.id}")
    with read(engine) as session:
        assert session.get_one(Measure, named).title == "Angebot mit [erased contact] abstimmen"
    assert "oppel" not in (home / "rejects" / "contacts.csv").read_text(encoding="cp1252")
    assert b"oppel" not in Path(str(engine.url.database)).read_bytes()
    assert "oppel" not in (home / "erased.jsonl").read_text()


def test_what_is_stored_of_a_contact_is_written_for_them(
    kamflow: Command, world: World, named: int, engine: Engine, tmp_path: Path
) -> None:
    out = tmp_path / "doppel.json"

    answer = kamflow("person", "export", "doppel", "--out", out, "--language", "de")

    facts: dict[str, Any] = json.loads(out.read_text())
    assert (answer.code, out.stat().st_mode & 0o777) == (0, 0o600)
    assert facts["about"]["contact"][0]["email"] == "doppel@example.de"
    assert len(facts["about"]["place"]) == 2
    assert facts["texts"][0]["passage"] == "Angebot mit Frau Doppel abstimmen"
    page = out.with_suffix(".md").read_text()
    assert "in kamflow über Sie speichert" in page
    assert "| place | 2 |" in page
    with read(engine) as session:
        [event] = session.execute(select(Event).where(col(Event.name) == "contact.exported")).scalars()
        assert event.payload == {"contact": world.contact("doppel")}


def test_only_operations_erase_and_a_colleague_exports_no_other(
    kamflow: Command, world: World, tmp_path: Path
) -> None:
    erase = kamflow("person", "erase", "doppel", "--yes", "--as", "witt")
    export = kamflow("person", "export", "arnst", "--out", tmp_path / "a.json", "--as", "witt")
    hidden = kamflow("person", "export", "arnst", "--out", tmp_path / "a.json")
    own = kamflow("person", "export", "witt", "--out", tmp_path / "w.json", "--as", "witt")

    assert [each.code for each in (erase, export, hidden, own)] == [2, 2, 2, 0]
    assert "only operations may erase somebody" in erase.err
    assert "--break-glass REASON" in hidden.err
    assert not (tmp_path / "a.json").exists()


def test_a_colleague_is_erased_only_once_gone_and_without_anything_left(
    kamflow: Command, world: World, engine: Engine
) -> None:
    here = kamflow("person", "erase", "witt", "--yes")
    with write(engine) as session:
        title = store(session, Measure(account_id=1, title="Preise", owner_id=world.person("gone"))).title
    holding = kamflow("person", "erase", "gone", "--yes")
    with write(engine) as session:
        session.execute(update(Measure).where(col(Measure.title) == title).values(owner_id=None))
    gone = kamflow("person", "erase", "gone", "--yes")

    assert [each.code for each in (here, holding, gone)] == [2, 2, 0]
    assert "is still here" in here.err
    assert "owner of the open measures" in holding.err
    with read(engine) as session:
        assert session.get_one(Person, world.person("gone")).name == "erased person"
