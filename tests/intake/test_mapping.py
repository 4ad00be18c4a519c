"""Mapping files: what they can say, and what is refused with a reason."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.errors import Refused
from kamflow.intake.mapping import parse
from kamflow.intake.presets import shelf
from kamflow.intake.report import ImportReport
from kamflow.models.account import Account
from kamflow.models.revenue import RevenueEntry
from tests.intake.bringing import EXAMPLES, bring, counts, put, rows

REVENUE = """
source = "erp"
number = "de"
[[revenue]]
file = "orders.csv"
columns.id = "Nr"
columns.account = "Kunde"
columns.day = "Tag"
columns.amount = "Betrag"
"""


@pytest.fixture
def orders(engine: Engine, tmp_path: Path) -> Path:
    put(engine, Account(key="M", name="Muster"))
    path = tmp_path / "orders.csv"
    path.write_text(
        "Nr;Kunde;Tag;Betrag;Art;Artikel;Status\n1;M;01.02.2026;1.000,50-;I;A1;gebucht\n"
        "2;X;01.02.2026;5;P;A2;gebucht\n3;M;01.02.2026;7;?;A9;offen\n",
        encoding="cp1252",
    )
    (tmp_path / "products.csv").write_text("Artikel;Gruppe\nA1;Lifte\nA2;Rampen\n", encoding="utf-8")
    return path


def take(engine: Engine, path: Path, more: str) -> ImportReport:
    return bring(engine, path, mapping=parse(REVENUE + more, "test.toml"))


@pytest.mark.parametrize("name", shelf.NAMES)
def test_every_preset_is_a_valid_mapping(name: str):
    assert shelf.preset(name).source


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_every_example_is_a_valid_mapping(path: Path):
    assert parse(path.read_text(encoding="utf-8"), path.name).blocks


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("source = ", "not valid TOML"),
        ("", "source"),
        ('source = "x"\nnumber = "fr"', "number"),
        ('source = "x"\ndate = "yy"', "dd/mm/yyyy"),
        ('source = "x"\n[[accounts]]\ncolumns.nme = "a"', "no field 'nme'"),
        ('source = "x"\n[[revenue]]\ncolumns.amount = "a"', "needs a column for 'account'"),
        ('source = "x"\n[[customers]]\n', "customers"),
    ],
)
def test_a_wrong_mapping_is_refused_and_says_what(content: str, says: str):
    with pytest.raises(Refused, match=r"test\.toml") as caught:
        parse(content, "test.toml")
    assert says in str(caught.value)


def test_a_column_that_is_not_there_is_refused(engine: Engine, orders: Path):
    with pytest.raises(Refused, match=r"no column 'Wert' for revenue\.amount"):
        bring(engine, orders, mapping=parse(REVENUE.replace("Betrag", "Wert"), "test.toml"))


def test_a_file_the_mapping_does_not_speak_of_is_refused(engine: Engine, orders: Path):
    with pytest.raises(Refused, match=r"does not speak of it; it reads orders\.csv"):
        take(engine, orders.with_name("products.csv"), "")


def test_rows_that_fit_nothing_come_back_or_are_left_out(engine: Engine, orders: Path):
    report = take(engine, orders, "")
    assert counts(report, "revenue") == (2, 0, 0, 1)
    assert report.unmatched["revenue"]["X"].amount == Decimal(5)
    left_out = take(engine, orders, 'no_match = "skip"')
    assert (left_out.rejected, left_out.counts["revenue"]["skipped"]) == (0, 1)


def test_filters_value_maps_constants_and_joins(engine: Engine, orders: Path):
    more = """
where.Status = "gebucht"
where_not.Kunde = ["X"]
columns.product_group = "products.Gruppe"
columns.kind = "Art"
values.kind = { I = "actual", "*" = "forecast" }
constants.currency = "EUR"
join = [{ file = "products.csv", column = "Artikel" }]
"""
    report = take(engine, orders, more)
    assert (report.rejected, report.counts["revenue"]["skipped"]) == (0, 2)
    (entry,) = rows(engine, RevenueEntry)
    assert (entry.amount, entry.product_group, entry.kind) == (Decimal("-1000.50"), "Lifte", "actual")


def test_a_row_without_partner_in_a_needed_join_comes_back(engine: Engine, orders: Path):
    more = 'where_not.Kunde = "X"\njoin = [{ file = "products.csv", column = "Artikel", required = true }]'
    report = take(engine, orders, more)
    assert counts(report, "revenue") == (1, 0, 0, 1)
    assert report.rejects[0].problems[0].expected == "a row of products.csv with this key"


def test_a_missing_joined_file_is_refused(engine: Engine, orders: Path):
    with pytest.raises(Refused, match=r"prices\.csv: the mapping joins it"):
        take(engine, orders, 'join = [{ file = "prices.csv", column = "Artikel" }]')


@pytest.mark.parametrize(("empty", "industry"), [("keep", "Bau"), ("clear", None)])
def test_an_empty_cell_keeps_or_clears(engine: Engine, tmp_path: Path, empty: str, industry: str | None):
    put(engine, Account(key="M", name="Muster", industry="Bau"))
    path = tmp_path / "a.csv"
    path.write_text("key;name;branche\nM;Muster;\n", encoding="utf-8")
    block = f'empty = "{empty}"\ncolumns = {{key = "key", name = "name", industry = "branche"}}'
    bring(engine, path, mapping=parse(f'source = "x"\n[[accounts]]\n{block}', "test.toml"))
    assert rows(engine, Account)[0].industry == industry


def test_an_account_is_not_cleared_of_its_name_by_spaces(engine: Engine, tmp_path: Path):
    path = tmp_path / "accounts.csv"
    path.write_text("key;name\nM; \t\n", encoding="utf-8")
    assert counts(bring(engine, path, preset="kamflow"), "accounts") == (0, 0, 0, 1)
