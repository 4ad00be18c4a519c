"""An import does not bring back who was erased, and does not keep what the row held."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.acts import erase
from kamflow.errors import Refused
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.erasure import Erased
from kamflow.models.person import Person
from kamflow.store.engine import read, write
from tests.conftest import NOW
from tests.intake.bringing import bring, counts, put, rows

SECRET = "a secret of these tests"
CONTACTS = """id;account;first_name;last_name;email
C-17;muster;Paul;Purr;paul@example.de
C-18;muster;Eva;Engel;eva@example.de
"""
AGAIN = """id;account;first_name;last_name;email
C-17;muster;P.;Purr;other@example.de
X-1;muster;P.;Purr;Paul@Example.de
X-2;muster;Paul;Purr;
C-18;muster;Eva;Engel;eva@example.de
"""
MET = """id;account;contacts;people;day;kind
I-1;muster;C-17;anna;2026-05-04;visit
"""


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """What is written is tested on both databases in tests/acts/test_erase.py."""
    return sqlite_engine


@pytest.fixture
def known(engine: Engine, tmp_path: Path) -> Path:
    """Paul Purr came by an import and was erased; Eva Engel is still there."""
    put(engine, Account(key="muster", name="Muster AG"), Person(key="anna", name="Anna"))
    path = tmp_path / "contacts.csv"
    path.write_text(CONTACTS, encoding="utf-8")
    bring(engine, path, preset="kamflow", secret=SECRET)
    with write(engine) as session:
        number = session.execute(select(col(Contact.id)).where(col(Contact.last_name) == "Purr")).scalar_one()
        seen = erase.foresee(session, Erased.CONTACT, number or 0)
        erase.erase(session, seen, SECRET, NOW, date(2026, 9, 7))
    return path


def test_the_row_comes_back_with_the_reason_and_without_what_it_held(
    engine: Engine, known: Path, tmp_path: Path
) -> None:
    known.write_text(AGAIN, encoding="utf-8")

    report = bring(engine, known, preset="kamflow", secret=SECRET, rejects_folder=tmp_path / "rejects")

    assert counts(report, "contacts") == (0, 0, 1, 3)
    assert [each.last_name for each in rows(engine, Contact)] == ["erased contact", "Engel"]
    [problem] = report.rejects[0].problems
    assert problem.expected.startswith("nobody who was erased (2026-09-07)")
    [written] = (tmp_path / "rejects").iterdir()
    said = written.read_text(encoding="utf-8-sig")
    assert "kamflow person readmit 1" in said
    assert not [word for word in ("Purr", "paul", "C-17") if word.casefold() in said.casefold()]


def test_what_names_them_says_why_it_comes_back(engine: Engine, known: Path, tmp_path: Path) -> None:
    path = tmp_path / "interactions.csv"
    path.write_text(MET, encoding="utf-8")

    report = bring(engine, path, preset="kamflow", secret=SECRET)

    [problem] = report.rejects[0].problems
    assert (problem.value, problem.expected) == (
        "",
        "nobody who was erased (2026-09-07): erase them in the source, too",
    )


def test_without_the_secret_nothing_is_imported(engine: Engine, known: Path) -> None:
    with pytest.raises(Refused, match="KAMFLOW_SECRET_KEY"):
        bring(engine, known, preset="kamflow")


def test_who_is_readmitted_comes_in_as_somebody_new(engine: Engine, known: Path) -> None:
    with write(engine) as session:
        erase.readmit(session, 1, NOW, None)
    known.write_text(
        AGAIN.replace("X-2;muster;Paul;Purr;\n", "").replace("X-1;muster;P.;Purr;Paul@Example.de\n", "")
    )

    report = bring(engine, known, preset="kamflow", secret=SECRET)

    assert counts(report, "contacts") == (1, 0, 1, 0)
    with read(engine) as session:
        [new] = session.execute(select(Contact).where(col(Contact.last_name) == "Purr")).scalars()
        assert new.id == 3


def test_a_form_that_was_handed_out_before_gives_no_name_back(engine: Engine, known: Path) -> None:
    known.write_text("key;account;last_name\nerased-contact-1;muster;Purr\n", encoding="utf-8")

    report = bring(engine, known, preset="kamflow", secret=SECRET)

    assert counts(report, "contacts") == (0, 0, 0, 1)
    assert rows(engine, Contact)[0].last_name == "erased contact"
