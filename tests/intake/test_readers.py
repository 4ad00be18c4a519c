"""Readers: what stands in a file, with its real line numbers."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kamflow.errors import Refused
from kamflow.intake.readers import tables
from kamflow.intake.readers.delimited import Dialect
from kamflow.intake.rows import Table


def read(path: Path, content: bytes | str, **dialect: Any) -> Table:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return tables.read(path, Dialect(**dialect))[0]


@pytest.mark.parametrize(
    "encoded",
    ["Müller;5\n".encode("utf-8-sig"), "Müller;5\n".encode("cp1252"), "Müller;5\n".encode("utf-16")],
)
def test_umlauts_survive_every_usual_encoding(tmp_path: Path, encoded: bytes):
    header = "Name;Zahl\n"
    codec = {b"\xef": "utf-8-sig", b"\xff": "utf-16"}.get(encoded[:1], "cp1252")
    table = read(tmp_path / "a.csv", (header + "Müller;5\n").encode(codec))
    assert (table.columns, table.rows[0].cells) == (("Name", "Zahl"), ("Müller", "5"))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str):
    table = read(tmp_path / "a.csv", delimiter.join(['"a, b; c"', "d", "e"]) + "\n1" + delimiter * 2 + "\n")
    assert table.columns == ("a, b; c", "d", "e")


def test_lines_are_counted_through_quoted_breaks(tmp_path: Path):
    table = read(tmp_path / "a.csv", 'a,b\r\n"one\r\ntwo",x\r\n\r\nthree,y\r\n')
    assert [(row.line, row.cells[0]) for row in table.rows] == [(2, "one\r\ntwo"), (5, "three")]


def test_lines_before_the_header_are_skipped_and_counted(tmp_path: Path):
    table = read(tmp_path / "a.csv", '"EXTF";700\nKonto;Name\n00100;Anna\n', skip_lines=1)
    assert (table.columns, table.rows[0].line, table.rows[0].cells) == (
        ("Konto", "Name"),
        3,
        ("00100", "Anna"),
    )


def test_a_row_of_another_width_carries_its_flaw(tmp_path: Path):
    table = read(tmp_path / "a.csv", "a;b\n1;2;3\n1\n1;2;\n")
    assert [row.flaw is None for row in table.rows] == [False, False, True]


def test_columns_of_the_same_name_stay_apart(tmp_path: Path):
    assert read(tmp_path / "a.csv", "E-Mail;E-Mail;\nx;y;z\n").columns == ("E-Mail", "E-Mail (2)", "column 3")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'a;b\n1;"open\n2;3\n', "line 2"),
        (b"", "no header"),
        (b"a;b\n\x81;\x8d\n", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str):
    with pytest.raises(Refused, match=says):
        read(tmp_path / "a.csv", content)


def test_a_workbook_keeps_text_as_text_and_numbers_exact(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Kunden")
        sheet.write_row(0, 0, ["Nr", "Betrag", "Tag", "Ja"])
        sheet.write_string(2, 0, "00123")
        sheet.write_number(2, 1, 3142.13)
        sheet.write_datetime(2, 2, datetime(2026, 3, 4), book.add_format({"num_format": "dd.mm.yyyy"}))  # noqa: DTZ001 - Excel knows no zones
        sheet.write_boolean(2, 3, True)
        sheet.write_number(3, 0, 100017)
        book.add_worksheet("Hidden").hide()
    (table,) = tables.read(path)
    assert (table.name, table.columns) == ("Kunden", ("Nr", "Betrag", "Tag", "Ja"))
    assert table.rows[0].cells == ("00123", Decimal("3142.13"), date(2026, 3, 4), True)
    assert (table.rows[0].line, table.rows[1].cells[0]) == (3, Decimal("100017.0"))


def test_a_broken_workbook_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match=r"save it as \.xlsx"):
        read(tmp_path / "a.xlsx", b"PK nonsense")


def test_json_records_know_their_line(tmp_path: Path):
    table = read(tmp_path / "a.json", '[\n {"a": "001"},\n\n {"a": 2.50, "b": {"c": null, "d": true}}\n]')
    assert [row.line for row in table.rows] == [2, 4]
    assert (table.columns, table.rows[1].cells) == (("a", "b.c", "b.d"), (Decimal("2.50"), "", True))


def test_a_salesforce_tree_gives_a_table_per_kind(tmp_path: Path):
    content = """{"records": [{"attributes": {"type": "Account", "referenceId": "A1"}, "Name": "Muster",
      "Contacts": {"records": [
        {"attributes": {"type": "Contact", "referenceId": "C1"}, "LastName": "Knut"}]}}]}"""
    path = tmp_path / "a.json"
    path.write_text(content)
    accounts, contacts = tables.read(path)
    assert (accounts.name, contacts.name) == ("Account", "Contact")
    assert dict(zip(contacts.columns, contacts.rows[0].cells, strict=True))["parent"] == "@A1"


@pytest.mark.parametrize(
    "content", ["", "{", "[1, 2", '{"a": 1}', "[] x", '[{"a": 1}', "[" * 100_000, "null"]
)
def test_what_is_no_list_of_records_is_refused(tmp_path: Path, content: str):
    with pytest.raises(Refused):
        read(tmp_path / "a.json", content)


def test_an_unknown_kind_of_file_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match=r"cannot read \.pdf"):
        read(tmp_path / "a.pdf", "x")
