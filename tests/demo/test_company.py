import os
import subprocess
import sys
from datetime import date

import pytest

from kamflow.demo.company.build import MadeUp, build
from kamflow.demo.company.staff import ABSENCES, LEADS, STAFF


@pytest.fixture(scope="module")
def made() -> MadeUp:
    return build()


def test_the_company_is_the_same_on_each_run(made: MadeUp) -> None:
    code = "from kamflow.demo.company.build import build; print(build().digest)"
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    other = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)

    assert other.strip() == made.digest == build().digest


def test_the_first_account_carries_the_classic_training_matrix(made: MadeUp) -> None:
    contacts = {row["key"]: (row["last_name"], row["influence"]) for row in made.customers[0].contacts}
    cells = [
        (cell.person, *contacts[cell.contact_key], cell.held, cell.soll)
        for cell in made.cells
        if cell.customer.key == "K001"
    ]

    assert cells == [
        ("kruse", "Knut", 5, 1, 1),
        ("witt", "Paul", 8, 2, 6),
        ("witt", "Philip", 8, 2, 4),
        ("arnst", "Karl", 4, 2, 3),
        ("arnst", "Paul", 8, 1, 3),
        ("lech", "Paul", 8, 5, 12),
    ]
    assert sum(cell[3] for cell in cells) == 13
    assert sum(cell[4] for cell in cells) == 29


def test_the_classic_contacts_took_place_on_as_many_days(made: MadeUp) -> None:
    held = [row for row in made.tables["interactions"] if row["account"] == "K001" and row["state"] == "held"]
    pairs = {(row["people"], contact, row["day"]) for row in held for contact in row["contacts"].split(";")}

    assert len(pairs) == 13


def test_one_account_has_no_contact_on_record_and_all_others_have(made: MadeUp) -> None:
    seen = {row["account"] for row in made.tables["interactions"]}

    assert [customer.key for customer in made.customers if customer.key not in seen] == ["K017"]


def test_addresses_belong_to_nobody(made: MadeUp) -> None:
    addresses = [str(row["email"]) for name in ("people", "contacts") for row in made.tables[name]]

    assert all(address.endswith((".example.com", ".example.de")) for address in addresses)
    assert len(set(addresses)) == len(addresses)


def test_nobody_meets_customers_on_a_weekend_or_while_away(made: MadeUp) -> None:
    away = {(person, first, last) for person, first, last in ABSENCES}
    for row in made.tables["interactions"]:
        day = row["day"]
        assert isinstance(day, date)
        assert day.isoweekday() < 6
        assert not [a for a in away if a[0] == row["people"] and a[1] <= day.isoformat() <= a[2]]


def test_revenue_covers_two_years_and_grows_with_the_class(made: MadeUp) -> None:
    actual = [row for row in made.tables["revenue"] if row["kind"] == "actual"]
    days = [row["day"] for row in actual]
    by_class = {
        name: sum(row["amount"] for row in actual if row["account"] in keys) / len(keys)
        for name in ("key", "major", "C")
        if (keys := {each.key for each in made.customers if each.account_class == name})
    }

    assert (min(days), max(days)) == (date(2024, 9, 30), date(2026, 8, 31))
    assert by_class["key"] > 2 * by_class["major"] > 20 * by_class["C"]


@pytest.mark.parametrize("accounts", [1, 8, 130])
def test_any_number_of_accounts_has_distinct_names_and_known_parents(accounts: int) -> None:
    rows = build(accounts).tables["accounts"]
    keys = {row["key"] for row in rows}

    assert len({row["name"] for row in rows}) == accounts
    assert {row["parent"] for row in rows if row["parent"]} <= keys


def test_every_role_has_somebody() -> None:
    assert {member.roles for member in STAFF} == {
        "kam",
        "head",
        "sponsor",
        "assistant",
        "specialist",
        "operations",
    }


def test_whoever_is_asked_belongs_to_a_department_that_has_a_lead(made: MadeUp) -> None:
    departments = {member.key: member.department for member in STAFF}
    led = {name for name, _ in LEADS}

    assert {each.department for each in made.asked} <= led
    assert all(departments[each.specialist] == each.department for each in made.asked if each.specialist)


def test_what_departments_are_asked_for_is_agreed_between_them(made: MadeUp) -> None:
    agreed = {(row["department"], row["kind"]) for row in made.tables["collaboration"]}

    assert {(each.department, each.kind) for each in made.asked} <= agreed


def test_the_revenue_of_one_account_and_quarter_comes_late(made: MadeUp) -> None:
    known = {row["id"] for row in made.tables["revenue"]}

    assert {row["account"] for row in made.late} == {"K012"}
    assert {row["day"] for row in made.late} == {
        date(2026, month, day) for month, day in ((4, 30), (5, 31), (6, 30))
    }
    assert not known & {row["id"] for row in made.late}


def test_annual_meetings_are_on_days_on_which_our_people_work(made: MadeUp) -> None:
    away = {(person, first, last) for person, first, last in ABSENCES}
    for row in made.tables["meetings"]:
        day = row["day"]
        assert isinstance(day, date)
        assert day.isoweekday() < 6
        people = str(row["people"]).split(";")
        assert not [a for a in away if a[0] in people and a[1] <= day.isoformat() <= a[2]]


def test_every_controlled_account_but_one_knows_the_month_of_its_meeting(made: MadeUp) -> None:
    controlled = [each for each in made.customers if each.account_class in ("key", "major", "target")]

    assert [each.key for each in controlled if each.meeting_month is None] == ["K022"]
