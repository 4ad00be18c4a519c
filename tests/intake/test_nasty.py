"""Strings and addresses that break other programs."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import Engine

from kamflow.intake import exporting
from kamflow.intake.mapping import parse
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.store.engine import read
from tests.intake.bringing import bring, counts, put, rows

Shared = Callable[[str], Path]
STRICT = """
source = "test"
[[contacts]]
file = "contacts.csv"
required = ["email"]
columns = {id = "id", account = "account", last_name = "last_name", email = "email"}
"""


def _addresses(path: Path) -> list[tuple[str, str, str]]:
    """(id, category, address) with control pictures turned back into control characters."""
    found = []
    for test in ElementTree.parse(path).getroot().iter("test"):  # noqa: S314 - our own file
        shown = test.findtext("address") or ""
        address = "".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) <= 0x2420 else c for c in shown)
        found.append((test.get("id") or "", test.findtext("category") or "", address))
    return found


def _write(path: Path, records: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, records[0], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(records)
    return path


def test_every_wrong_address_of_isemail_comes_back_with_a_reason(
    engine: Engine, shared_data: Shared, tmp_path: Path
):
    put(engine, Account(key="M", name="Muster"))
    tests = _addresses(shared_data("nasty_isemail/tests.xml"))
    records = [{"id": n, "account": "M", "last_name": f"Test {n}", "email": a} for n, _, a in tests]
    report = bring(engine, _write(tmp_path / "contacts.csv", records), mapping=parse(STRICT, "test"))
    wrong = {number for number, category, _ in tests if category == "ISEMAIL_ERR"}
    back = {str(record.row.cells[0]): record.problems[0].expected for record in report.rejects}
    assert len(wrong) == 66
    assert wrong <= set(back)
    assert all(back.values())
    sent_to = {number: address for number, _, address in tests}
    for contact in rows(engine, Contact):
        local, _, domain = contact.email.rpartition("@")
        assert f"{local}@{domain.lower()}" == contact.email
        assert local == sent_to[contact.key].strip(" ").rpartition("@")[0]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_naughty_strings_go_in_as_they_are(engine: Engine, shared_data: Shared, tmp_path: Path, kind: str):
    naughty = [each for each in json.loads(shared_data("nasty_blns/blns.json").read_text()) if each.strip()]
    records = [{"key": str(number), "name": each} for number, each in enumerate(naughty)]
    path = tmp_path / f"accounts.{kind}"
    if kind == "csv":
        _write(path, records)
    else:
        path.write_text(json.dumps(records), encoding="utf-8")
    report = bring(engine, path, preset="kamflow")
    assert [record.problems for record in report.rejects if len(record.row.cells[1]) <= 500] == []
    stored = {account.key: account.name for account in rows(engine, Account)}
    expected = {str(n): each.replace("\0", "\ufffd") for n, each in enumerate(naughty) if len(each) <= 500}
    assert stored == expected
    assert bring(engine, path, preset="kamflow").changes == 0


def test_naughty_strings_survive_an_export_and_its_import(
    engine: Engine, shared_data: Shared, tmp_path: Path
):
    naughty = json.loads(shared_data("nasty_blns/blns.json").read_text())
    put(engine, *(Account(key=f"A{n}", name=each) for n, each in enumerate(naughty) if each.strip(" \t\xa0")))
    with read(engine) as session:
        exporting.write_file(session, "accounts", tmp_path / "accounts.csv")
    cells = (tmp_path / "accounts.csv").read_text(encoding="utf-8-sig").split(";")
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
    report = bring(engine, tmp_path / "accounts.csv", preset="kamflow")
    assert report.changes == 0
    assert counts(report, "accounts")[2] == len(rows(engine, Account)) - report.rejected


@pytest.mark.parametrize("bad", ["a\0b", "\ud800x"])
def test_what_no_database_takes_becomes_a_replacement(engine: Engine, tmp_path: Path, bad: str):
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps([{"key": "A", "name": bad}]), encoding="utf-8")
    bring(engine, path, preset="kamflow")
    assert rows(engine, Account)[0].name in ("a\ufffdb", "\ufffdx")


def test_a_name_too_long_for_an_index_comes_back(engine: Engine, tmp_path: Path):
    path = _write(tmp_path / "accounts.csv", [{"key": "A", "name": "ä" * 501}])
    assert counts(bring(engine, path, preset="kamflow"), "accounts") == (0, 0, 0, 1)
