"""The clock deletes old rows once a night, never under a run; old files and contacts go as well."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col
from structlog.testing import capture_logs

from flows.purge import Purge, note, purge, would_go
from flows.runtime import Home
from kamflow.models.contact import Contact
from kamflow.models.event import Event, ReceivedMail
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store import purging_contacts
from tests.world import World

EVENING = datetime(2026, 9, 7, 18, tzinfo=UTC)
NIGHT = datetime(2026, 9, 8, 1, 45, tzinfo=UTC)  # 03:45 in Berlin


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Any:
    file = tmp_path / "kamflow.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = db.connect(f"sqlite:///{file}")
    yield World(engine)
    engine.dispose()


@pytest.fixture
def home(world: World, tmp_path: Path) -> Home:
    return replace(world.home(), settings=world.settings.model_copy(update={"home": tmp_path}))


def at(home: Home, moment: datetime) -> tuple[Home, Callable[[datetime], None]]:
    """The home, and a way to set its clock."""
    clock = [moment]
    return replace(home, now=lambda: clock[0]), lambda later: clock.__setitem__(0, later)


def old_mail(world: World, name: str = "old") -> None:
    world.add(ReceivedMail(message_id=name, at=EVENING - timedelta(days=200), verdict="kept"))


def mails(world: World) -> list[str]:
    with db.read(world.engine) as session:
        return list(session.execute(select(col(ReceivedMail.message_id))).scalars())


def test_old_rows_go_at_night_and_once(world: World, home: Home) -> None:
    opened, turn = at(home, EVENING)
    job = Purge(opened)
    assert asyncio.run(job.beat()), "never done before: at once"
    old_mail(world)
    for moment, due in ((EVENING + timedelta(hours=3), False), (NIGHT, True)):
        turn(moment)
        assert asyncio.run(job.beat()) == due
    assert mails(world) == []
    turn(NIGHT + timedelta(minutes=10))
    assert not asyncio.run(job.beat())
    with db.read(world.engine) as session:
        done = session.execute(select(col(Event.payload)).where(col(Event.name) == "purge.done"))
        assert list(done.scalars()) == [{"gone": {}}, {"gone": {"received_mail": 1}}]


def test_a_table_may_be_called_as_the_log_calls_its_own_fields(home: Home) -> None:
    with capture_logs() as logs:
        note(home, {"event": 3, "level": 1})
    assert [each["gone"] for each in logs] == [{"event": 3, "level": 1}]


def test_what_a_night_missed_is_done_by_day(world: World, home: Home) -> None:
    opened, turn = at(home, EVENING)
    job = Purge(opened)
    assert asyncio.run(job.beat())
    turn(EVENING + timedelta(hours=40))
    assert asyncio.run(job.beat())


def test_nothing_is_deleted_while_a_run_is_going(world: World, home: Home) -> None:
    old_mail(world)
    row = world.add(FlowRun(flow="intake", as_of=date(2026, 9, 7), started_at=EVENING))
    opened, turn = at(home, EVENING + timedelta(minutes=1))
    job = Purge(opened)
    assert not asyncio.run(job.beat())
    row.state = "finished"
    world.add(row)
    turn(EVENING + timedelta(minutes=7))
    assert asyncio.run(job.beat())
    assert mails(world) == []


def test_old_files_go_and_what_lies_elsewhere_stays(world: World, home: Home, tmp_path: Path) -> None:
    away = tmp_path / "away.csv"
    files = [
        tmp_path / name / "crm" / f"{age}.csv" for name in ("done", "rejects", "inbox") for age in (10, 200)
    ]
    for path in (*files, away):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("-")
        then = home.now().timestamp() - 86_400 * (200 if path == away else int(path.stem))
        os.utime(path, (then, then))
    (tmp_path / "done" / "link.csv").symlink_to(away)
    assert would_go(home) == {"files": 2}
    assert purge(home) == ({"files": 2}, True)
    assert [path for path in files if not path.exists()] == [files[1], files[3]]
    assert away.exists()


def test_a_contact_whom_nobody_needs_is_one_without_place_whom_nobody_met(world: World) -> None:
    kam, account = world.person("Witt"), world.account("acc")
    long_ago, limit = date(2020, 5, 1), date(2023, 9, 1)
    gone, met, back, *_ = (
        world.place(name, account, until_day=long_ago) for name in ("Gone", "Met", "Back", "Lately")
    )
    world.place("Here", account)
    world.place("Soon", account, until_day=date(2025, 1, 1))
    world.meet(date(2024, 1, 5), kam, met)
    world.add(type(back)(contact_id=back.contact_id, account_id=account.id))
    with db.read(world.engine) as session:
        found = purging_contacts.without_place(session, limit)
    assert found == [gone.contact_id, gone.contact_id + 3]


def test_such_a_contact_is_erased_and_a_restore_would_erase_them_again(world: World, home: Home) -> None:
    account = world.account("acc")
    gone = world.place("Gone", account, until_day=date(2020, 5, 1))
    world.place("Here", account)
    keyed = home.settings.model_copy(update={"secret_key": SecretStr("k" * 32)})
    assert purge(replace(home, settings=keyed)) == ({"contact": 1}, True)
    assert purge(replace(home, settings=keyed)) == ({}, True)
    assert world.one(Contact, gone.contact_id).last_name == "erased contact"
    assert "Gone" not in (keyed.home / "erased.jsonl").read_text()


def test_without_a_secret_key_nobody_is_erased_and_the_rest_goes(world: World, home: Home) -> None:
    old_mail(world)
    gone = world.place("Gone", world.account("acc"), until_day=date(2020, 5, 1))
    assert purge(home) == ({"received_mail": 1}, True)
    assert world.one(Contact, gone.contact_id).last_name == "Gone"
