"""Periods as people write them, also where the fiscal year was changed."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.intake.periods import period
from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.meeting import AnnualMeeting
from kamflow.models.person import Person
from kamflow.settings import Company
from tests.intake.bringing import bring, put, rows

# Calendar years until September 2027, then from October on.
CHANGES = ((date(2027, 10, 1), 10),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026", "2026-01-01..2026-12-31"),
        ("2027", "2027-01-01..2027-09-30"),
        ("GJ 2027/28", "2027-10-01..2028-09-30"),
        ("2027/2028", "2027-10-01..2028-09-30"),
        ("2028", "2028-10-01..2029-09-30"),
        ("2027-Q3", "2027-07-01..2027-09-30"),
        ("2027-Q4", None),
        ("2027/28-Q1", "2027-10-01..2027-12-31"),
        ("Q2 2028/29", "2029-01-01..2029-03-31"),
        ("2027-10-01..2028-09-30", "2027-10-01..2028-09-30"),
        ("2027/29", None),
    ],
)
def test_a_year_is_called_by_the_calendar_year_in_which_it_begins(written: str, meant: str | None) -> None:
    found = period(written, 1, CHANGES)
    assert (str(found) if found else None) == meant


def test_targets_and_meetings_stand_in_the_changed_year(engine: Engine, tmp_path: Path) -> None:
    put(engine, Person(id=1, key="w", name="Witt"), Account(id=1, key="M", name="Muster"))
    put(engine, Contact(id=1, key="p", last_name="Paul"))
    put(engine, Place(id=1, contact_id=1, account_id=1))
    for name, text in {
        "targets": "person;contact;period;soll\nw;p;2027/28;4\n",
        "meetings": "account;year;kind\nM;2027/28;strategisch\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    company = Company(fiscal_year_changes=CHANGES)
    assert bring(engine, tmp_path, preset="kamflow", company=company).rejected == 0
    assert rows(engine, ContactTarget)[0].period_first == date(2027, 10, 1)
    assert rows(engine, AnnualMeeting)[0].year_first == date(2027, 10, 1)
