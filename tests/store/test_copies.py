"""A copy of the database is one state of it, and a database made of it is equal to that state."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update
from sqlmodel import col

from kamflow.models.event import Event
from kamflow.models.message import MessageState, StoredMessage
from kamflow.store import backups, copies, migrate, new_messages
from kamflow.store import engine as db
from kamflow.store.new_messages import NewMessage
from tests.conftest import NOW
from tests.store.test_migrate import fill, rows
from tests.store.test_migrate import url as url  # noqa: PLC0414 - a fixture

# Each transaction writes two rows: a copy with an odd number of them would be no state of the database.
WRITER = """
import sys
from tests.conftest import NOW
from kamflow.store import engine as db, events
engine = db.connect(sys.argv[1])

def write():
    with db.write(engine) as session:
        events.record(session, "test.left", NOW)
        events.record(session, "test.right", NOW)

write()
print("ready", flush=True)
while True:
    write()
"""


@pytest.fixture
def used(url: str) -> Iterator[Engine]:
    opened = db.connect(url)
    migrate.upgrade(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def writers(used: Engine) -> Iterator[None]:
    """Two other processes that write as fast as they can."""
    command = [sys.executable, "-c", WRITER, used.url.render_as_string(hide_password=False)]
    going = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for each in going:
        assert each.stdout.readline() == b"ready\n"
    yield
    for each in going:
        each.kill()
        each.communicate()


def test_every_row_comes_back_and_new_ones_find_a_number(used: Engine, tmp_path: Path) -> None:
    fill(used)
    before = rows(used)
    (folder := tmp_path / "copy").mkdir()
    version = copies.write_out(used, folder)
    with db.write(used) as session:
        session.execute(update(Event).values(name="changed"))
    aside = copies.bring_back(used, folder, version)
    used.dispose()
    copies.put_in_place(aside, used, folder / "kamflow.db")

    assert rows(used) == before
    migrate.check(used)
    with db.write(used) as session:
        backups.made(session, NOW, 1)
        newest = session.execute(select(func.max(col(Event.id)))).scalar_one()
    assert newest == max(row["id"] for row in before["event"]) + 1


@pytest.mark.usefixtures("writers")
def test_a_copy_under_load_is_one_state(used: Engine, tmp_path: Path) -> None:
    (folder := tmp_path / "copy").mkdir()
    version = copies.write_out(used, folder)
    aside = copies.bring_back(used, folder, version)
    with db.read(aside) as session:
        said = select(func.count()).select_from(Event).where(col(Event.name).like("test.%"))
        found = session.execute(said).scalar_one()
        left = session.execute(said.where(col(Event.name) == "test.left")).scalar_one()
    aside.dispose()
    assert found == 2 * left > 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_waits_is_stopped_with_its_cause(engine: Engine) -> None:
    with db.write(engine) as session:
        new_messages.add(session, NewMessage("a", "notice", "email", "x", {}), NOW)
        assert backups.hold(session, NOW) == 1
        assert backups.hold(session, NOW) == 0
        [message] = session.execute(select(StoredMessage)).scalars()
        assert (message.state, message.cause) == (MessageState.CANCELLED, "restored")
