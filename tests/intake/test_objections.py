"""An objection that kamflow was told is not undone by a file that does not know of it."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import OperationalError

from kamflow.intake.entities import objections
from kamflow.intake.upsert import Wanted
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.store.engine import write
from tests.intake.bringing import bring, put, rows

OBJECTED = ("objected", date(2026, 9, 1), "survey page", "Bitte fragen Sie mich nicht mehr")
HEADS = "key;last_name;account;survey_consent;consent_on;consent_source;consent_wording"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("given;2026-08-31;form;yes", OBJECTED),
        ("given;2026-09-01;form;yes", OBJECTED),
        ("given;;form;yes", OBJECTED),
        ("relationship;2026-09-30;order;you may object", OBJECTED),
        (";;;", OBJECTED),
        ("given;2026-09-02;form;yes", ("given", date(2026, 9, 2), "form", "yes")),
        ("objected;2026-09-05;letter;no", ("objected", date(2026, 9, 5), "letter", "no")),
    ],
)
def test_only_a_later_consent_ends_an_objection(
    sqlite_engine: Engine, tmp_path: Path, cells: str, expected: tuple[object, ...]
) -> None:
    put(sqlite_engine, Account(key="M", name="Muster"))
    said = dict(
        zip(("survey_consent", "consent_on", "consent_source", "consent_wording"), OBJECTED, strict=True)
    )
    put(sqlite_engine, Contact(key="kruse", last_name="Kruse", **said))
    table = tmp_path / "contacts.csv"
    table.write_text(f"{HEADS};phone\nkruse;Kruse;M;{cells};0123\n", encoding="utf-8")
    bring(sqlite_engine, table, preset="kamflow")
    [kruse] = rows(sqlite_engine, Contact)

    assert (kruse.survey_consent, kruse.consent_on, kruse.consent_source, kruse.consent_wording) == expected
    assert kruse.phone == "0123"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_objects_during_an_import_has_the_last_word(engine: Engine) -> None:
    """Else the file's consent, read before and written after the click, would undo the objection."""
    put(engine, Contact(key="kruse", last_name="Kruse", survey_consent="given"))
    [kruse] = rows(engine, Contact)

    with write(engine) as session:
        objections.keep(session, [Wanted({"survey_consent": "given", "phone": "0123"}, kruse.id)])
        with write(engine) as clicked:
            clicked.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                clicked.execute(update(Contact).values(survey_consent="objected"))
            clicked.rollback()
