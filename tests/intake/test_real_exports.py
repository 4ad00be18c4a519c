"""Exports of real programs, with the figures that their own tables give."""

import csv
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import col

from kamflow.intake import exporting
from kamflow.intake.report import ImportReport
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.revenue import Project, RevenueEntry
from kamflow.settings import Company
from kamflow.store.engine import connect, read
from tests import shared_data as shared
from tests.intake.bringing import EXAMPLES, bring, counts, rows

Shared = Callable[[str], Path]
DOLLARS = Company(currency="USD")


def test_salesforce_data_loader_gives_its_accounts_contacts_and_projects(engine: Engine, shared_data: Shared):
    folder = shared_data("crm_salesforce_dataloader")
    report = bring(engine, folder, preset="salesforce")
    assert counts(report, "accounts") == (83, 0, 0, 0)
    assert counts(report, "contacts") == (133, 0, 0, 0)
    assert counts(report, "projects") == (774, 0, 0, 0)
    assert _projects(engine) == {"won": 640, "lost": 39, "open": 95}
    assert sum(place.reports_to_id is not None for place in rows(engine, Place)) == 30
    again = bring(engine, folder, preset="salesforce")
    assert again.changes == 0


@pytest.fixture(scope="module")
def maven(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, ImportReport]]:
    """The exports of Maven, brought in once for all tests that look at them, and what was said."""
    folder = tmp_path_factory.mktemp("maven")
    engine = connect(f"sqlite:///{shutil.copy(sqlite_template, folder / 'kamflow.db')}")
    files, mapping = shared.path("crm_maven_iso"), EXAMPLES / "maven.toml"
    yield engine, bring(engine, files, mapping=mapping, rejects_folder=folder)
    engine.dispose()


def test_maven_gives_its_projects_and_hands_back_those_without_account(
    maven: tuple[Engine, ImportReport], shared_data: Shared
):
    engine, report = maven
    assert counts(report, "accounts") == (85, 0, 0, 0)
    assert counts(report, "projects") == (7375, 0, 0, 1425)
    assert _projects(engine) == {"won": 4238, "lost": 2473, "open": 664}
    assert {record.problems[0].expected for record in report.rejects} == {"no account"}
    with report.reject_files[0].open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.DictReader(file, delimiter=";"))
    assert len(back) == 1425
    assert (back[0]["opportunity_id"], back[0]["_line"], back[0]["_column"]) == ("HAXMC4IX", "11", "account")
    assert _won_by_quarter(engine) == {1: 1134672, 2: 3086111, 3: 2982255, 4: 2802496}
    again = bring(engine, shared_data("crm_maven_iso"), mapping=EXAMPLES / "maven.toml")
    assert (again.changes, again.rejected) == (0, 1425)


def test_a_product_that_the_joined_file_does_not_know_has_no_group(
    maven: tuple[Engine, ImportReport],
):
    groups = {project.product_group for project in rows(maven[0], Project)}
    assert groups == {"GTX", "GTK", "MG", None}  # "GTXPro" in one file, "GTX Pro" in the other


def test_sap_gives_its_revenue_to_the_cent(engine: Engine, shared_data: Shared):
    files = [shared_data(f"rev_sap_semicolon/{name}.csv") for name in ("BusinessPartners", "SalesOrders")]
    report = bring(engine, *files, mapping=EXAMPLES / "sap.toml", company=DOLLARS)
    assert counts(report, "accounts") == (40, 0, 0, 0)
    assert counts(report, "revenue") == (5166, 0, 0, 0)
    assert _revenue(engine) == Decimal("134427503.07")
    assert _revenue(engine, 2015) == Decimal("5692687.49")
    assert {entry.product_group for entry in rows(engine, RevenueEntry)} == {None}
    assert bring(engine, *files, mapping=EXAMPLES / "sap.toml", company=DOLLARS).changes == 0


def test_sap_in_a_company_that_counts_in_euros_comes_back_whole(sqlite_engine: Engine, shared_data: Shared):
    files = [shared_data(f"rev_sap_semicolon/{name}.csv") for name in ("BusinessPartners", "SalesOrders")]
    report = bring(sqlite_engine, *files, mapping=EXAMPLES / "sap.toml")
    assert counts(report, "revenue") == (0, 0, 0, 5166)
    assert "a rate for USD on 2015-01-01" in report.rejects[0].problems[0].expected


def test_debtors_rolled_up_to_accounts_keep_the_totals(
    sqlite_engine: Engine, shared_data: Shared, tmp_path: Path
):
    groups = _groups(shared_data, tmp_path, 40)
    files = [groups, shared_data("rev_sap_semicolon/SalesOrders.csv")]
    report = bring(sqlite_engine, *files, mapping=EXAMPLES / "sap-groups.toml", company=DOLLARS)
    assert counts(report, "accounts") == (25, 0, 0, 0)
    assert counts(report, "revenue") == (5166, 0, 0, 0)
    assert _revenue(sqlite_engine) == Decimal("134427503.07")
    assert _revenue(sqlite_engine, 2015) == Decimal("5692687.49")
    assert bring(sqlite_engine, *files, mapping=EXAMPLES / "sap-groups.toml", company=DOLLARS).changes == 0


def test_debtors_may_be_rolled_up_later(sqlite_engine: Engine, shared_data: Shared, tmp_path: Path):
    orders = shared_data("rev_sap_semicolon/SalesOrders.csv")
    partners = shared_data("rev_sap_semicolon/BusinessPartners.csv")
    bring(sqlite_engine, partners, orders, mapping=EXAMPLES / "sap.toml", company=DOLLARS)
    groups = _groups(shared_data, tmp_path, 40)
    report = bring(sqlite_engine, groups, orders, mapping=EXAMPLES / "sap-groups.toml", company=DOLLARS)
    assert counts(report, "revenue") == (0, 5166, 0, 0)
    assert _revenue(sqlite_engine) == Decimal("134427503.07")
    assert len({entry.account_id for entry in rows(sqlite_engine, RevenueEntry)}) == 25


def test_debtors_that_nobody_mapped_are_listed_with_their_revenue(
    sqlite_engine: Engine, shared_data: Shared, tmp_path: Path
):
    groups = _groups(shared_data, tmp_path, 38)
    files = [groups, shared_data("rev_sap_semicolon/SalesOrders.csv")]
    report = bring(sqlite_engine, *files, mapping=EXAMPLES / "sap-groups.toml", company=DOLLARS)
    listed = report.unmatched["revenue"]
    assert set(listed) == {"100000038", "100000039"}
    assert sum(each.rows for each in listed.values()) == report.rejected
    missing = sum(each.amount for each in listed.values())
    assert missing > 0
    assert _revenue(sqlite_engine) + missing == Decimal("134427503.07")


def test_atomic_gives_companies_out_of_its_contacts(sqlite_engine: Engine, shared_data: Shared):
    report = bring(
        sqlite_engine, shared_data("crm_atomic_contacts/contacts.csv"), mapping=EXAMPLES / "atomic.toml"
    )
    assert counts(report, "accounts") == (55, 0, 0, 0)
    assert counts(report, "contacts") == (500, 0, 0, 0)
    assert len({place.account_id for place in rows(sqlite_engine, Place)}) == 55
    assert all(contact.email for contact in rows(sqlite_engine, Contact))
    again = bring(
        sqlite_engine, shared_data("crm_atomic_contacts/contacts.csv"), mapping=EXAMPLES / "atomic.toml"
    )
    assert (again.changes, counts(again, "accounts")) == (0, (0, 0, 55, 0))


def test_a_salesforce_tree_as_json_and_as_csv_gives_equal_exports(
    shared_data: Shared, sqlite_template: Path, tmp_path: Path
):
    folder = shared_data("crm_salesforce_tree_json")
    exported = {}
    for suffix in ("json", "csv"):
        path = tmp_path / f"{suffix}.db"
        path.write_bytes(sqlite_template.read_bytes())
        engine = connect(f"sqlite:///{path}")
        files = [folder / f"{name}.{suffix}" for name in ("Accounts", "Contacts", "Opportunities")]
        report = bring(engine, *files, preset="salesforce-tree")
        assert [counts(report, e)[0] for e in ("accounts", "contacts", "projects")] == [50, 150, 50]
        exported[suffix] = [_exported(engine, kind) for kind in ("accounts", "contacts", "projects")]
        engine.dispose()
    assert exported["json"] == exported["csv"]


@pytest.mark.parametrize("name", ["EXTF_Stammdaten", "EXTF_Buchungsstapel"])
def test_a_datev_file_is_read_past_its_first_line(
    name: str, sqlite_engine: Engine, shared_data: Shared, tmp_path: Path
):
    stammdaten = """
source = "datev"
number = "de"
skip_lines = 1
[[accounts]]
file = "EXTF_Stammdaten.csv"
columns.id = "Konto"
columns.name = { first = ["Name (Adressatentyp Unternehmen)", "Name (Adressatentyp natürl. Person)"] }
columns.city = "Ort"
"""
    buchungen = """
source = "datev"
number = "de"
skip_lines = 1
[[accounts]]
file = "EXTF_Buchungsstapel.csv"
columns.id = "Konto"
columns.name = "Konto"
repeats = "first"
[[revenue]]
file = "EXTF_Buchungsstapel.csv"
columns.account = "Konto"
columns.day = "Belegdatum"
columns.amount = "Umsatz (ohne Soll/Haben-Kz)"
date = "ddmm"
year = 2018
repeats = "number"
"""
    mapping = tmp_path / "datev.toml"
    mapping.write_text(stammdaten if name == "EXTF_Stammdaten" else buchungen, encoding="utf-8")
    report = bring(sqlite_engine, shared_data(f"de_datev_extf/{name}.csv"), mapping=mapping)
    assert report.rejected == 0
    if name == "EXTF_Stammdaten":
        assert "Mustermann" in {account.name for account in rows(sqlite_engine, Account)}
    else:
        assert date(2018, 2, 21) in {entry.day for entry in rows(sqlite_engine, RevenueEntry)}


def _projects(engine: Engine) -> dict[str, int]:
    with read(engine) as session:
        query = select(col(Project.state), func.count()).group_by(col(Project.state))
        return dict(session.execute(query).tuples().all())


def _won_by_quarter(engine: Engine) -> dict[int, int]:
    sums: dict[int, int] = {}
    for project in rows(engine, Project):
        if project.state == "won":
            assert project.close_on.year == 2017
            quarter = (project.close_on.month + 2) // 3
            sums[quarter] = sums.get(quarter, 0) + int(project.value)
    return dict(sorted(sums.items()))


def _revenue(engine: Engine, year: int | None = None) -> Decimal:
    with read(engine) as session:
        query = select(func.sum(col(RevenueEntry.amount)))
        if year:
            query = query.where(col(RevenueEntry.day).between(date(year, 1, 1), date(year, 12, 31)))
        return session.execute(query).scalar_one()


def _groups(shared_data: Shared, tmp_path: Path, mapped: int) -> Path:
    """Debtors 0 to 39 onto accounts 0 to 24, as far as `mapped`."""
    assert shared_data("rev_sap_semicolon/BusinessPartners.csv")
    path = tmp_path / "groups.csv"
    lines = [f"{100000000 + number};Group {number % 25:02d}" for number in range(mapped)]
    path.write_text("debtor;account\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def _exported(engine: Engine, kind: str) -> str:
    out = StringIO(newline="")
    with read(engine) as session:
        exporting.write(session, kind, out)
    return out.getvalue()
