"""A home made by the first commit that had migrations is brought up to date, keeps its data and is well."""

import io
import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kamflow.cli import app
from kamflow.cli.checks import names
from kamflow.demo.slack.server import APP_TOKEN, TOKEN, running_slack
from kamflow.demo.smtp_catcher import running_catcher

ROOT = Path(__file__).resolve().parents[2]
FIRST = "21247dd"
pytestmark = pytest.mark.slow

# Runs with the code of that commit.
MAKE = """
import socket, sys
from datetime import UTC, date, datetime
from pathlib import Path
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.event import Event
from kamflow.models.message import AdoptedHome, StoredMessage
from kamflow.models.person import Person, PersonRole
from kamflow.store import engine, migrate

home, at = Path(sys.argv[1]), datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
opened = engine.connect(f"sqlite:///{home / 'kamflow.db'}")
migrate.upgrade(opened)
with engine.write(opened) as session:
    for row in (
        Person(id=1, key="witt", name="Anna Witt", email="witt@example.com"),
        PersonRole(person_id=1, role="kam"),
        Account(id=1, key="muster", name="Muster & Söhne", account_class="key"),
        Contact(id=1, key="knut", first_name="Karl", last_name="Knut", email="knut@muster.example"),
        Place(id=1, account_id=1, contact_id=1, influence=8),
        Event(name="interaction.held", at=at, payload={"interaction": 1}),
        StoredMessage(key="digest:1:2026-09-07", kind="nudges", channel="email", template="digest",
                      person_id=1, facts={}, state="sent", created_at=at, due_at=at, sent_at=at),
        AdoptedHome(host=socket.gethostname(), path=str(home.resolve()), adopted_at=at),
    ):
        session.add(row)
        session.flush()
"""

# What stands elsewhere since then: table by table, how it is read now.
MOVED = {"message": "SELECT message.*, facts FROM message JOIN message_facts ON message_id = message.id"}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A home as the first code with migrations made it."""
    packed = subprocess.run(["git", "archive", FIRST], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        pytest.skip("the history of this checkout does not reach back that far")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(tmp_path / "code", filter="data")
    home = tmp_path / "home"
    home.mkdir(mode=0o750)
    keep = {name: value for name, value in os.environ.items() if not name.startswith("KAMFLOW_")}
    env = keep | {"PYTHONPATH": str(tmp_path / "code")}
    made = [sys.executable, "-c", MAKE, str(home)]
    subprocess.run(made, cwd=tmp_path / "code", env=env, check=True)
    return home


def rows(home: Path, like: dict[str, list[dict[str, Any]]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Every row of each table; of those in `like` only the columns they have there."""
    with closing(sqlite3.connect(home / "kamflow.db")) as database:
        database.row_factory = sqlite3.Row
        listed = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = like or [name for (name,) in listed]
        now = MOVED if like else {}
        asked = {name: now.get(name, f"SELECT * FROM {name}") for name in tables}
        found = {name: [dict(each) for each in database.execute(query)] for name, query in asked.items()}
    if like is None:
        return {name: each for name, each in found.items() if each and name != "alembic_version"}
    return {name: [{key: row[key] for key in like[name][0]} for row in found[name]] for name in like}


def test_a_home_of_the_first_migration_is_upgraded_and_all_right(
    first: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], free_tcp_port: int
) -> None:
    before = rows(first)
    assert set(before) >= {"person", "account", "contact", "place", "message", "adopted_home", "event"}
    monkeypatch.setattr(names, "texts", lambda name: ["v=spf1 -all", "v=DMARC1; p=none"])
    monkeypatch.setenv("KAMFLOW_SLACK__TOKEN", TOKEN)
    monkeypatch.setenv("KAMFLOW_SLACK__APP_TOKEN", APP_TOKEN)
    assert app.run(["init", str(first)]) == 0
    assert rows(first, before) == before

    with running_catcher() as post, running_slack() as slack:
        (first / "kamflow.toml").write_text(
            f'[delivery]\nredirect_to = "kam@example.com"\n[slack]\napi_url = "{slack.url}"\n'
            f'[smtp]\nhost = "127.0.0.1"\nport = {post.port}\ntls = "none"\n'
            '[web]\npublic_listen = "127.0.0.1:0"\ninternal_listen = "127.0.0.1:0"\n'
            f'[operations]\nlisten = "127.0.0.1:0"\n[prefect]\nport = {free_tcp_port}\n'
        )
        capsys.readouterr()
        code = app.run(["doctor", "--home", str(first)])
    assert (code, "wrong" in capsys.readouterr().out) == (0, False)
