"""A database that was in use is upgraded: its rows stay, and mean what they meant."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, select
from sqlmodel import col

from kamflow.acts import log
from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.acts.log import Entry
from kamflow.acts.meeting_round import Booking
from kamflow.errors import NotMigrated
from kamflow.models.interaction import Interaction
from kamflow.settings import Company
from kamflow.store import engine as db
from kamflow.store import migrate
from tests.acts.world import build
from tests.conftest import NOW, _execute, _sibling

M, LATER = date(2026, 11, 10), date(2026, 11, 24)
_SAMPLES = (
    (bool, True),
    (int, 1),
    (Decimal, Decimal(1)),
    (float, 1.5),
    (datetime, NOW),
    (date, M),
    (dict, {}),
    (str, "0"),
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kamflow.db'}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"up_{request.getfixturevalue('worker_id')}"
    _execute(server, f'CREATE DATABASE "{name}"')
    yield _sibling(server, name)
    _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def old(url: str) -> Iterator[Engine]:
    """Nothing is in it; say the version by `command.upgrade`."""
    opened = db.connect(url)
    yield opened
    opened.dispose()


def at(engine: Engine, version: str) -> Engine:
    command.upgrade(migrate.config(engine), version)
    return engine


def tables(engine: Engine) -> dict[str, sa.Table]:
    found = sa.MetaData()
    found.reflect(engine)
    return {name: each for name, each in found.tables.items() if name != "alembic_version"}


def careless(connection: Connection) -> None:
    """Let rows point at rows that there are not; nobody else gets this connection."""
    if connection.dialect.name == "sqlite":
        dbapi: Any = connection.connection.driver_connection
        dbapi.execute("PRAGMA foreign_keys=OFF")
    else:
        connection.execute(sa.text("SET session_replication_role = replica"))
    connection.detach()


def fill(engine: Engine) -> None:
    """A row in every table, each pointing at every other it can point at."""
    with engine.connect() as connection:
        careless(connection)
        for each in tables(engine).values():
            connection.execute(each.insert().values({c.name: _sample(c) for c in each.columns}))
        connection.commit()


def _sample(column: sa.Column[Any]) -> Any:
    if column.foreign_keys:
        [key] = column.foreign_keys
        column = key.column
    kind = column.type.python_type
    return next(value for known, value in _SAMPLES if issubclass(kind, known))


def rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with db.read(engine) as session:
        return {
            name: [dict(row) for row in session.execute(select(each)).mappings()]
            for name, each in tables(engine).items()
        }


def orphans(engine: Engine) -> list[Any]:
    if engine.dialect.name != "sqlite":
        return []  # its constraints never rest
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        return list(connection.exec_driver_sql("PRAGMA foreign_key_check"))


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_all_rows_of_a_filled_database_outlive_its_upgrade(old: Engine, version: str) -> None:
    fill(at(old, version))
    before = rows(old)
    migrate.upgrade(old)
    migrate.check(old)

    after = rows(old)
    [said] = after["message_facts"]
    moved = {"message": [row | {"facts": said["facts"]} for row in after["message"]]}
    after |= moved
    kept = {name: [{key: row[key] for key in before[name][0]} for row in after[name]] for name in before}
    assert kept == before
    assert said["message_id"] == after["message"][0]["id"]
    assert orphans(old) == []
    if version == "0001":  # the others go a part of the same way
        command.check(migrate.config(old))


def test_every_version_can_be_left_again_with_its_rows(old: Engine) -> None:
    migrate.upgrade(old)
    fill(old)
    for version in ("0003", "0002", "0001"):
        command.downgrade(migrate.config(old), version)
        assert {name for name, kept in rows(old).items() if len(kept) != 1} == set()
    command.downgrade(migrate.config(old), "base")
    assert tables(old) == {}


def test_what_happened_before_there_was_a_relay_sets_nothing_in_motion(old: Engine) -> None:
    fill(at(old, "0003"))
    migrate.upgrade(old)

    [event], [asked] = rows(old)["event"], rows(old)["survey_invitation"]
    assert (event["relayed_at"], asked["closes_on"]) == (event["at"], None)


def booked(engine: Engine) -> list[tuple[int, str, str, bool]]:
    with db.read(engine) as session:
        found = session.execute(select(Interaction).order_by(col(Interaction.id))).scalars()
        return [(row.day.day, row.kind, row.state, row.round_id is not None) for row in found]


def test_what_was_booked_before_the_upgrade_moves_with_its_meeting(old: Engine) -> None:
    migrate.upgrade(old)
    with db.write(old) as session:
        world = build(session)
        desk = Acting(session, world.person("berg"), NOW, Company())
        witt, muster = world.person("witt"), world.account("muster")
        knut, paul = world.contact("knut"), world.contact("paul")
        meetings.book(desk, Booking(muster, M, persons=[witt], contacts=[paul]))
        own = Entry([witt], [knut], M), Entry([world.person("arnst")], [paul], M, "call")
        for entry in own:
            log.log(session, None, entry, NOW, Company())
    command.downgrade(migrate.config(old), "0002")
    migrate.upgrade(old)

    assert booked(old) == [
        (10, "visit", "booked", True), (10, "visit", "booked", False), (10, "call", "booked", False),
    ]  # fmt: skip
    with db.write(old) as session:
        meetings.move(Acting(session, witt, NOW, Company()), muster, LATER)
    assert [row[:3] for row in booked(old)] == [
        (10, "visit", "cancelled"), (10, "visit", "booked"), (10, "call", "booked"), (24, "visit", "booked"),
    ]  # fmt: skip


def test_an_upgrade_that_leaves_rows_pointing_nowhere_is_taken_back(tmp_path: Path) -> None:
    engine = at(db.connect(f"sqlite:///{tmp_path / 'kamflow.db'}"), "0002")
    with engine.connect() as connection:
        careless(connection)
        connection.exec_driver_sql("INSERT INTO encounter VALUES (7, 7, 7)")
        connection.commit()

    with pytest.raises(NotMigrated, match=r"1 in encounter \(interaction\)"):
        migrate.upgrade(engine)
    with pytest.raises(NotMigrated, match="is at version 0002"):
        migrate.check(engine)
    assert "folder_page" not in tables(engine)
    engine.dispose()


def test_the_newest_version_is_the_one_that_alembic_finds(engine: Engine) -> None:
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        assert migrate.current(connection) == found == migrate.newest()
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_heads() == [migrate.newest()]
