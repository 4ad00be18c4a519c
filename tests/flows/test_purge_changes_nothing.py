"""Whenever old rows are deleted: no rule decides and nobody is told otherwise than without it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlmodel import col

from flows import rehearse
from flows.rehearsal import hours
from kamflow.models.event import Event
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredEffect
from kamflow.models.source import CompletePeriod
from kamflow.store import adopted, copying, messages, people, purging, retained
from kamflow.store import engine as db
from kamflow.store.registry import RULES
from kamflow.upkeep import Retention
from notifications.compose import compose
from tests.flows import year
from tests.world import World, decided

ZONE = ZoneInfo("Europe/Berlin")
SHORTEST = Retention(sign_in=1, received=7, message=60, document=400, nudge=60, event=400, run=60, answer=400)
AT_ONCE = Retention.model_construct(
    **dict.fromkeys(Retention.model_fields, 1) | {"event": 400, "document": 30}
)


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Any:
    source = tmp_path / "source.db"
    source.write_bytes(sqlite_template.read_bytes())
    engine = db.connect(f"sqlite:///{source}")
    yield World(engine)
    engine.dispose()


def copied(world: World, path: Path) -> Engine:
    return copying.copy(str(world.engine.url), path)


def purge(engine: Engine, at: datetime, retention: Retention) -> int:
    old = retained.limits(retention, at, ZONE, works_council=True)
    return sum(purging.purge(engine, old, lambda: True)[0].values())


class Written:
    """What was written since the last look: messages, effects, what became of nudges."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen = dict.fromkeys((StoredMessage, StoredEffect, Event), 0)
        self.rows: list[str] = []

    def look(self, day: date) -> None:
        message, effect, event = StoredMessage, StoredEffect, Event
        self._take(day, message, col(message.key), col(message.facts), col(message.person_id))
        self._take(day, effect, col(effect.key), col(effect.facts))
        self._take(day, event, col(event.name), col(event.payload), col(event.account_id))

    def _take(self, day: date, model: Any, *columns: Any) -> None:
        number = col(model.id)
        with db.read(self._engine) as session:
            found = session.execute(select(*columns).where(number > self._seen[model]).order_by(number)).all()
            newest = session.execute(select(func.max(number))).scalar() or 0
        self._seen[model] = newest
        self.rows += [f"{day} {row!r}" for row in found]


def rehearsed(world: World, path: Path, last: date, after: Callable[[Engine, date], None]) -> Any:
    """The days to come with everybody diligent, on a copy; `after` each of them."""
    engine = copied(world, path)
    written = Written(engine)

    def evening(day: date) -> None:
        written.look(day)
        after(engine, day)

    home = replace(world.home(), engine=engine)
    played = rehearse.play(home, date(2026, 1, 5), last, True, evening)
    engine.dispose()
    return written.rows, played.record.runs, played.record.keys


@pytest.mark.slow
def test_fifteen_months_with_diligent_people_are_the_same(world: World, tmp_path: Path) -> None:
    year.build(world, 7, accounts=3)
    with db.write(world.engine) as session:
        session.execute(delete(CompletePeriod))  # the rehearsal says itself when a quarter is complete
    chance, gone = Random(7), []

    def now_and_then(engine: Engine, day: date) -> None:
        if chance.random() < 0.1:
            gone.append(purge(engine, datetime.combine(day, time(23), UTC), SHORTEST))

    last = date(2027, 3, 31)  # seven weeks in which what the year wrote is deleted
    with_all = rehearsed(world, tmp_path / "all.db", last, lambda *_: None)
    purged = rehearsed(world, tmp_path / "purged.db", last, now_and_then)
    assert sum(gone) > 300
    for before, after in zip(with_all, purged, strict=True):
        assert after == before


def lived(
    world: World, path: Path, first: date, days: int, retention: Retention | None
) -> tuple[list[str], int]:
    """Days as in a home: rules at night, compose in the morning, everything sent; how much was purged."""
    engine = copied(world, path)
    home = replace(world.home(), engine=engine)
    written, gone = Written(engine), 0
    with db.write(engine) as session:
        adopted.adopt(session, world.settings.home, home.now())
        everybody = people.load(session, world.settings.company, first, first + timedelta(days=days))
    zones = {member.zone for member in everybody.members.values()}
    for day in rehearse.days(first, first + timedelta(days=days)):
        for moment in hours.of_day(day, RULES, zones, world.policy.cadence, ZONE):
            if moment.kind == "run":
                decided(replace(home, now=lambda at=moment.at: at), moment.what, day)
            elif moment.kind == "tell":
                compose(engine, moment.at, world.settings, world.policy)
                with db.write(engine) as session:
                    messages.all_sent(session, moment.at)
        written.look(day)
        if retention is not None:
            gone += purge(engine, datetime.combine(day, time(23), UTC), retention)
    engine.dispose()
    return written.rows, gone


# Six days of January; and from 19 March to what a quarter that ended asks for.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "days", "seed"),
    [(date(2026, 1, 5), 6, 5), (date(2026, 3, 19), 34, 3)],
)
def test_nobody_is_told_otherwise_where_all_that_may_go_goes_each_night(
    world: World, tmp_path: Path, first: date, days: int, seed: int
) -> None:
    year.build(world, seed, accounts=5, first=first.replace(day=1))
    kept, _ = lived(world, tmp_path / "all.db", first, days, None)
    purged, gone = lived(world, tmp_path / "purged.db", first, days, AT_ONCE)
    assert gone > 20
    assert purged == kept
