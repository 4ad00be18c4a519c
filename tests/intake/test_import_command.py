"""`kamflow import` and `kamflow export` as an operator types them."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from kamflow.cli.app import run
from kamflow.intake.readers import workbook
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.person import Person
from kamflow.store.engine import connect
from tests.intake.bringing import put, rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home made once: all migrations take as long as ten imports."""
    folder = tmp_path_factory.mktemp("made") / "home"
    assert run(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def home(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    folder = Path(shutil.copytree(made, tmp_path / "home"))
    monkeypatch.setenv("KAMFLOW_HOME", str(folder))
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T06:30+00:00")
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    return folder


def put_file(name: str, content: str) -> str:
    Path(name).write_text(content, encoding="utf-8")
    return name


def test_good_rows_go_in_with_exit_0(home: Path, capsys: pytest.CaptureFixture[str]):
    path = put_file("accounts.csv", "key;name\nM;Muster AG\n")
    assert run(["import", path, "--preset", "kamflow", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["accounts"] == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 0, "skipped": 0}
    assert {"people", "contacts", "projects", "revenue", "interactions"} <= set(told)


def test_bad_rows_come_back_with_exit_1(home: Path, capsys: pytest.CaptureFixture[str]):
    path = put_file("accounts.csv", "key;name\nM;Muster AG\nN;\n")
    assert run(["import", path, "--preset", "kamflow"]) == 1
    said = capsys.readouterr().out
    assert "accounts.csv, line 3, name" in said
    assert len(list((home / "rejects").iterdir())) == 1


@pytest.mark.parametrize("arguments", [["--map", "nowhere.toml"], ["--preset", "nothing"]])
def test_an_import_that_is_refused_ends_with_2(home: Path, arguments: list[str]):
    assert run(["import", put_file("accounts.csv", "key;name\nM;Muster AG\n"), *arguments]) == 2


def test_a_path_that_is_no_file_is_named_and_nothing_is_drafted(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    for path, said in (("nix.csv", "no such file"), (str(home), "a folder")):
        assert run(["import", put_file("accounts.csv", "key;name\nM;M\n"), path]) == 2
        assert said in capsys.readouterr().err
    assert not Path("accounts.draft.toml").exists()


def test_a_dry_run_writes_no_file(home: Path, capsys: pytest.CaptureFixture[str]):
    path = put_file("accounts.csv", "key;name\nN;\n")
    assert run(["import", path, "--preset", "kamflow", "--dry-run"]) == 1
    assert "dry run: nothing was written" in capsys.readouterr().out
    assert list((home / "rejects").iterdir()) == []


def test_without_a_mapping_a_draft_is_written_and_nothing_imported(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    path = put_file("Kunden.csv", "Nummer;Vorname;Nachname;Firma\n1;Karl;Knut;Muster\n")
    assert run(["import", path]) == 2
    assert "Nachname -> last_name" in capsys.readouterr().out
    assert 'columns.account = "Firma"' in Path("Kunden.draft.toml").read_text(encoding="utf-8")


def test_interactions_leave_as_csv_and_come_back_unchanged(home: Path, capsys: pytest.CaptureFixture[str]):
    from datetime import date

    engine = connect(f"sqlite:///{home / 'kamflow.db'}")
    put(engine, Person(id=1, key="=w", name="Witt"), Account(id=1, key="M", name="Muster"))
    put(
        engine,
        Contact(id=1, key="@k", last_name="Knut"),
        Interaction(id=1, account_id=1, day=date(2026, 9, 1)),
    )
    put(engine, Encounter(interaction_id=1, person_id=1, contact_id=1))
    assert run(["export", "interactions", "--out", "interactions.csv"]) == 0
    with Path("interactions.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert (row["people"], row["contacts"], row["day"]) == ("'=w", "'@k", "2026-09-01")
    capsys.readouterr()
    assert run(["import", "interactions.csv", "--preset", "kamflow", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["interactions"]["unchanged"] == 1
    assert {each.day for each in rows(engine, Interaction)} == {date(2026, 9, 1)}
    engine.dispose()


def test_a_contact_matrix_is_written_for_an_account(home: Path, capsys: pytest.CaptureFixture[str]):
    engine = connect(f"sqlite:///{home / 'kamflow.db'}")
    put(engine, Account(key="M/1", name="Muster"))
    engine.dispose()
    assert run(["export", "contact-matrix", "--account", "M/1", "--period", "2026-Q3"]) == 0
    assert capsys.readouterr().out.strip() == "contact-matrix-M-1.xlsx"
    assert Path("contact-matrix-M-1.xlsx").read_bytes()[:2] == b"PK"
    assert run(["export", "contact-matrix"]) == 2


def test_a_contact_matrix_is_of_the_fiscal_year_as_it_was_changed(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KAMFLOW_COMPANY__FISCAL_YEAR_CHANGES", '[["2026-07-01", 7]]')
    engine = connect(f"sqlite:///{home / 'kamflow.db'}")
    put(engine, Account(key="M", name="Muster"))
    engine.dispose()
    assert run(["export", "contact-matrix", "--account", "M", "--out", "now.xlsx"]) == 0
    assert (
        run(["export", "contact-matrix", "--account", "M", "--period", "2026/27", "--out", "said.xlsx"]) == 0
    )
    for name in ("now.xlsx", "said.xlsx"):
        book = workbook.open_book(Path(name))
        assert "· 2026/27 ·" in str(workbook.grid(book, book.sheet_names[0])[0][0])


def test_what_cannot_be_exported_is_refused(home: Path):
    assert run(["export", "nothing"]) == 2
