"""The drop folder: every file goes in, is refused with a reason, or stays; none is lost."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.intake import notices
from kamflow.intake.drop_folder import DropCounts, run_drop_folder
from kamflow.models.account import Account, ExternalReference
from kamflow.models.event import Event
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.source import ImportedFile, Source
from kamflow.settings import Company
from tests.intake.bringing import NOW, put, rows

MAPPING = """
source = "ignored: the folder is the source"
[[accounts]]
file = "accounts*.csv"
columns = {id = "Nr", name = "Firma"}
[[revenue]]
file = "orders*.csv"
columns = {id = "Nr", account = "Kunde", day = "Tag", amount = "Betrag"}
"""
Drop = Callable[..., Path]


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    def into(name: str, content: str, source: str = "erp", age: float = 3600) -> Path:
        path = tmp_path / "inbox" / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        seconds = (NOW - timedelta(seconds=age)).timestamp()
        os.utime(path, (seconds, seconds))
        return path

    into("mapping.toml", MAPPING)
    return into


def run(engine: Engine, home: Path, later: int = 0) -> DropCounts:
    return run_drop_folder(engine, home, NOW + timedelta(days=later), Company())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_files_of_a_source_go_in_together_and_are_moved(engine: Engine, tmp_path: Path, drop: Drop):
    drop("orders.csv", "Nr;Kunde;Tag;Betrag\n1;0815;2026-09-01;5,00\n")
    drop("accounts.csv", "Nr;Firma\n0815;Muster AG\n")
    assert run(engine, tmp_path) == DropCounts(imported=2)
    assert names(tmp_path / "inbox") == ["mapping.toml"]
    assert names(tmp_path / "done") == ["accounts-20260907-063000.csv", "orders-20260907-063000.csv"]
    assert {ref.source for ref in rows(engine, ExternalReference)} == {"erp"}
    assert run(engine, tmp_path) == DropCounts()


def test_the_owner_is_told_of_rows_that_came_back(engine: Engine, tmp_path: Path, drop: Drop):
    put(engine, Person(id=1, key="o", name="Owner", channel="slack"))
    put(engine, Source(key="erp", owner_id=1))
    drop("accounts.csv", "Nr;Firma\n1;Gut\n2;\n")
    assert run(engine, tmp_path) == DropCounts(imported=1, rejected_rows=1)
    (message,) = rows(engine, StoredMessage)
    stored = rows(engine, ImportedFile)[0]
    file_id = stored.id
    assert (message.kind, message.template) == ("notice", "rejects")
    assert message.key == f"rejects:erp:{stored.digest}"
    assert (message.person_id, message.channel) == (1, "slack")
    assert message.facts == {"source": "erp", "file_id": file_id, "rejected": 1, "rows": 2}
    assert len(names(tmp_path / "rejects" / "erp")) == 1


def test_rows_that_came_back_are_told_in_the_transaction_of_the_import(
    engine: Engine, tmp_path: Path, drop: Drop, monkeypatch: pytest.MonkeyPatch
):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    drop("accounts.csv", "Nr;Firma\n1;Gut\n2;\n")
    with monkeypatch.context() as patch:
        patch.setattr(notices, "rejects", killed)
        with pytest.raises(KeyboardInterrupt):
            run(engine, tmp_path)
    assert (rows(engine, Account), rows(engine, StoredMessage)) == ([], [])
    run(engine, tmp_path)
    assert (len(rows(engine, Account)), len(rows(engine, StoredMessage))) == (1, 1)


def test_the_same_file_again_is_not_told_again(engine: Engine, tmp_path: Path, drop: Drop):
    for later in (0, 1):
        drop("accounts.csv", "Nr;Firma\n1;Gut\n2;\n")
        run(engine, tmp_path, later)
    assert len(rows(engine, StoredMessage)) == 1


def test_a_refused_file_goes_to_rejects_with_the_reason_and_does_not_stop_the_others(
    engine: Engine, tmp_path: Path, drop: Drop
):
    drop("accounts.csv", "Nr;Firma\n1;Gut\n")
    drop("orders.csv", "Nr;Kunde;Tag;Betrag\n1;1;03/04/2026;5\n")
    assert run(engine, tmp_path) == DropCounts(imported=1, refused=1)
    assert names(tmp_path / "rejects") == [
        "orders-20260907-063000.csv",
        "orders-20260907-063000.csv.reason.txt",
    ]
    reason = (tmp_path / "rejects" / "erp" / "orders-20260907-063000.csv.reason.txt").read_text()
    assert 'date = "dd/mm/yyyy"' in reason
    assert rows(engine, StoredMessage)[0].kind == "alert"
    assert len(rows(engine, Account)) == 1


@pytest.mark.parametrize(
    ("age", "lock"), [(5, None), (3600, "~$accounts.csv"), (3600, ".~lock.accounts.csv#")]
)
def test_a_file_that_may_still_be_written_waits(
    engine: Engine, tmp_path: Path, drop: Drop, age: float, lock: str | None
):
    drop("accounts.csv", "Nr;Firma\n1;Gut\n", age=age)
    if lock:
        drop(lock, "x")
    assert run(engine, tmp_path) == DropCounts(waiting=1)
    assert "accounts.csv" in names(tmp_path / "inbox")


def test_a_file_with_far_fewer_rows_is_held_and_told_once(engine: Engine, tmp_path: Path, drop: Drop):
    full = "Nr;Firma\n" + "".join(f"{number};Firma {number}\n" for number in range(10))
    drop("accounts-2026-08.csv", full)
    run(engine, tmp_path)
    short = drop("accounts-2026-09.csv", "".join(full.splitlines(keepends=True)[:7]))
    for day in (1, 2):
        assert run(engine, tmp_path, day) == DropCounts(held=1)
    assert short.exists()
    assert [event.name for event in rows(engine, Event)].count("file.held") == 1
    assert [message.key for message in rows(engine, StoredMessage)] == [
        f"held:erp:{rows(engine, ImportedFile)[-1].digest}"
    ]
    short.with_name("accounts-2026-09.csv.accept").touch()
    assert run(engine, tmp_path, 3) == DropCounts(imported=1)
    assert names(tmp_path / "inbox") == ["mapping.toml"]


def test_a_file_with_a_third_fewer_rows_at_most_goes_in(engine: Engine, tmp_path: Path, drop: Drop):
    full = "Nr;Firma\n" + "".join(f"{number};Firma {number}\n" for number in range(10))
    drop("accounts.csv", full)
    run(engine, tmp_path)
    drop("accounts.csv", "".join(full.splitlines(keepends=True)[:8]))
    assert run(engine, tmp_path, 1) == DropCounts(imported=1)


def test_files_of_one_name_never_overwrite_each_other(engine: Engine, tmp_path: Path, drop: Drop):
    for _ in range(2):
        drop("accounts.csv", "Nr;Firma\n1;Gut\n")
        run(engine, tmp_path)
    assert names(tmp_path / "done") == ["accounts-20260907-063000-2.csv", "accounts-20260907-063000.csv"]


def test_a_source_without_mapping_is_refused_and_one_called_like_a_preset_is_read(
    engine: Engine, tmp_path: Path, drop: Drop
):
    drop("Account.csv", "Id,Name\n1,Gut\n", source="salesforce")
    drop("x.csv", "a;b\n1;2\n", source="nowhere")
    drop("mapping.toml", 'preset = "kamflow"\n', source="own")
    drop("accounts.csv", "key;name\n1;Eigen\n", source="own")
    assert run(engine, tmp_path) == DropCounts(imported=2, refused=1)
    assert {source.key for source in rows(engine, Source)} == {"salesforce", "own"}


def test_a_folder_without_inbox_is_no_error(engine: Engine, tmp_path: Path):
    assert run(engine, tmp_path / "nothing") == DropCounts()
