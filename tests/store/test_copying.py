import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import col

from kamflow.errors import StoreError
from kamflow.models.contact import ContactTarget
from kamflow.models.event import Event
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.models.nudge import StoredNudge
from kamflow.models.plan import AccountPlan, Measure
from kamflow.store import carrying, copying, events, handover_note
from kamflow.store import engine as db
from kamflow.store.account_move import Move
from kamflow.thresholds import PlanCreation
from tests.world import World

FUTURE = date(2027, 1, 1), date(2027, 12, 31)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    engine = db.connect(database_url)
    yield World(engine)
    engine.dispose()


def copied(world: World, tmp_path: Path) -> Engine:
    url = world.engine.url.render_as_string(hide_password=False)
    return copying.copy(url, tmp_path / "copy.db")


def carried(engine: Engine, world: World, today: date, days: tuple[date, date]) -> carrying.Carried:
    with db.write(engine) as session:
        return carrying.forward(session, today, *days, world.settings.company, PlanCreation())


def test_every_row_is_in_the_copy(world: World, tmp_path: Path) -> None:
    kam = world.person("Wïtt")
    place = world.place("Paul", world.account("Muster", kam), 8)
    world.target(kam, place, 6)
    world.meet(date(2026, 3, 2), kam, place)
    engine = copied(world, tmp_path)
    copy = World(engine, world.settings, world.policy)
    assert [str(each) for each in copy.facts("contact_shortfall", date(2026, 9, 7))] == [
        str(each) for each in world.facts("contact_shortfall", date(2026, 9, 7))
    ]
    engine.dispose()


def test_the_copy_knows_what_was_announced_and_when_revenue_arrived(world: World, tmp_path: Path) -> None:
    anna, ben = world.person("Anna"), world.person("Ben")
    account = world.account("Muster", anna, account_class="key")
    with db.write(world.engine) as session:
        arrived = datetime(2026, 10, 30, 5, tzinfo=UTC)
        events.record(session, "revenue.imported", arrived, account=account.id)
        handover_note.keep(session, Move(account.id or 0, ben.id or 0, FUTURE[0]), anna.id, moved=False)
    engine = copied(world, tmp_path)
    with db.read(engine) as session:
        assert handover_note.any_open(session)
        kept = session.execute(select(Event).where(col(Event.account_id) == account.id)).scalar_one()
        assert (kept.name, kept.at) == ("revenue.imported", arrived)
    engine.dispose()


def test_a_file_stays_the_same_byte_for_byte(world: World, tmp_path: Path) -> None:
    if world.engine.dialect.name != "sqlite":
        pytest.skip("a file")
    world.person("Witt")
    world.engine.dispose()
    path = Path(world.engine.url.database or "")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    copied(world, tmp_path).dispose()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_missing_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        copying.copy(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db")
    assert not (tmp_path / "none.db").exists()


def test_what_was_decided_later_is_forgotten(world: World, tmp_path: Path) -> None:
    kam = world.person("Witt")
    world.target(kam, world.place("Paul", world.account("Muster", kam)), 6)
    world.night("contact_shortfall", date(2026, 9, 7))
    engine = copied(world, tmp_path)
    with db.write(engine) as session:
        copying.rewind(session, date(2026, 9, 1))
        assert session.execute(select(func.count(col(StoredNudge.id)))).scalar_one() == 0
    engine.dispose()
    assert len(world.nudges()) == 1


def test_targets_of_a_year_become_those_of_the_next(world: World, tmp_path: Path) -> None:
    kam, account = world.person("Witt"), world.account("Muster")
    place = world.place("Paul", account)
    world.target(kam, place, 6, topic="prices")
    quarter = {"period_first": date(2026, 4, 1), "period_last": date(2026, 6, 30)}
    world.target(kam, place, 2, **quarter)
    world.target(kam, world.place("Gone", account, until_day=date(2026, 5, 1)), 3)
    engine = copied(world, tmp_path)
    assert carried(engine, world, date(2026, 9, 7), FUTURE).targets == 2
    assert carried(engine, world, date(2026, 9, 7), FUTURE).targets == 0
    with db.read(engine) as session:
        target = ContactTarget
        rows = session.execute(
            select(col(target.period_first), col(target.period_last), col(target.soll), col(target.topic))
            .where(col(target.period_first) >= FUTURE[0])
            .order_by(col(target.soll))
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        (date(2027, 4, 1), date(2027, 6, 30), 2, None),
        (*FUTURE, 6, "prices"),
    ]


def test_what_lies_before_a_future_first_day_went_to_plan(world: World, tmp_path: Path) -> None:
    kam = world.person("Witt")
    account = world.account("Muster", kam, account_class="key")
    world.add(Measure(account_id=account.id, title="-", due_on=date(2026, 11, 1)))
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    meeting = world.add(AnnualMeeting(account_id=account.id, **year))
    world.add(MeetingRound(meeting_id=meeting.id, day=date(2026, 10, 6)))
    engine = copied(world, tmp_path)
    assert carried(engine, world, date(2026, 9, 7), FUTURE) == carrying.Carried(targets=0, plans=1, months=1)
    with db.read(engine) as session:
        plan = session.execute(select(AccountPlan)).scalar_one()
        assert (plan.state, plan.year_first, plan.decided_at) == (
            "approved", FUTURE[0], datetime(2027, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        assert session.execute(select(Measure)).scalar_one().done_on == date(2026, 11, 1)
    engine.dispose()


def test_what_begins_today_is_taken_as_it_is(world: World, tmp_path: Path) -> None:
    account = world.account("Muster", account_class="key")
    world.add(Measure(account_id=account.id, title="-", due_on=date(2026, 8, 1)))
    engine = copied(world, tmp_path)
    days = (date(2026, 9, 7), date(2026, 12, 31))
    assert carried(engine, world, date(2026, 9, 7), days) == carrying.Carried()
    with db.read(engine) as session:
        assert session.execute(select(Measure)).scalar_one().done_on is None
    engine.dispose()
