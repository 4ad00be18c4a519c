"""What somebody told kamflow stays until the source says something else than before."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from kamflow.acts.log import Entry, log
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store.engine import write
from tests.intake.bringing import NOW, bring, counts, put, rows

HELD = "id;day;people;contacts\nI1;2026-09-01;witt;paul\n"
COMING = HELD.replace("2026-09-01", "2026-09-20")


@pytest.fixture
def table(engine: Engine, tmp_path: Path) -> Path:
    put(engine, Person(id=1, key="witt", name="Witt"), Person(id=2, key="kruse", name="Kruse"))
    put(engine, Account(id=1, key="M", name="Muster"), Contact(id=1, key="paul", last_name="Paul"))
    put(engine, Place(id=1, contact_id=1, account_id=1))
    return tmp_path / "interactions.csv"


def read_in(engine: Engine, table: Path, content: str, days: int = 0) -> tuple[int, int, int, int]:
    table.write_text(content, encoding="utf-8")
    report = bring(engine, table, preset="kamflow", source="crm", now=NOW + timedelta(days=days))
    return counts(report, "interactions")


def call_off(engine: Engine, day: date, person: int = 1) -> None:
    with write(engine) as session:
        log(session, None, Entry([person], [1], day, state="cancelled"), NOW, Company())


def counted(engine: Engine) -> list[tuple[int, str, date]]:
    """(person, state, day) of every pair, the oldest interaction first."""
    met = {row.id: row for row in rows(engine, Interaction)}
    found = [(met[row.interaction_id], row.person_id) for row in rows(engine, Encounter)]
    return [(person, row.state, row.day) for row, person in found]


def test_a_cancelled_contact_is_not_brought_back_by_the_same_file(engine: Engine, table: Path) -> None:
    read_in(engine, table, HELD)
    call_off(engine, date(2026, 9, 1))
    assert read_in(engine, table, HELD) == (0, 0, 1, 0)
    assert counted(engine) == [(1, "cancelled", date(2026, 9, 1))]


def test_nor_by_its_day_having_come(engine: Engine, table: Path) -> None:
    read_in(engine, table, COMING)
    call_off(engine, date(2026, 9, 20))
    assert read_in(engine, table, COMING, days=20) == (0, 0, 1, 0)
    assert counted(engine) == [(1, "cancelled", date(2026, 9, 20))]


def test_what_nobody_called_off_is_held_once_its_day_has_come(engine: Engine, table: Path) -> None:
    read_in(engine, table, COMING)
    assert read_in(engine, table, COMING, days=20) == (0, 1, 0, 0)
    assert counted(engine) == [(1, "held", date(2026, 9, 20))]


def test_a_new_word_of_the_source_counts(engine: Engine, table: Path) -> None:
    read_in(engine, table, COMING)
    call_off(engine, date(2026, 9, 20))
    moved = COMING.replace("2026-09-20", "2026-09-22")
    assert read_in(engine, table, moved) == (0, 1, 0, 0)
    assert counted(engine) == [(1, "booked", date(2026, 9, 22))]
    call_off(engine, date(2026, 9, 22))
    said = moved.replace("contacts\n", "contacts;state\n").replace("paul\n", "paul;booked\n")
    assert read_in(engine, table, said) == (0, 1, 0, 0)
    assert counted(engine) == [(1, "booked", date(2026, 9, 22))]


@pytest.mark.parametrize("known_by", ["I1", ""])
def test_one_of_several_who_did_not_come_stays_out(engine: Engine, table: Path, known_by: str) -> None:
    both = HELD.replace(";witt;", ';"witt;kruse";').replace("I1", known_by)
    read_in(engine, table, both)
    call_off(engine, date(2026, 9, 1), person=2)
    assert read_in(engine, table, both) == (0, 0, 1, 0)
    assert counted(engine) == [(1, "held", date(2026, 9, 1)), (2, "cancelled", date(2026, 9, 1))]


def test_who_is_not_named_any_more_is_out_of_it(engine: Engine, table: Path) -> None:
    read_in(engine, table, HELD.replace(";witt;", ';"witt;kruse";'))
    call_off(engine, date(2026, 9, 1), person=2)
    assert read_in(engine, table, HELD) == (0, 1, 0, 0)
    assert read_in(engine, table, HELD) == (0, 0, 1, 0)
    assert counted(engine) == [(1, "held", date(2026, 9, 1))]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_contact_logged_during_an_import_waits_for_it(engine: Engine, table: Path) -> None:
    table.write_text(HELD, encoding="utf-8")

    def meanwhile(*_: object) -> None:
        with write(engine) as session:
            session.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                log(session, None, Entry([1], [1], date(2026, 9, 1)), NOW, Company())
            session.rollback()

    bring(engine, table, preset="kamflow", source="crm", progress=meanwhile)
    assert len(rows(engine, Interaction)) == 1
