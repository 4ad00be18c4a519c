"""Whoever is told, however long kamflow was down: in their own working time, one digest a day, one catch-up.

The cadence alone is looked at in tests/notifications/test_cadence_properties.py; here are all messages that a
company with its absences, part-timers, zones and closings receives, from the nights to the outbox.
"""

import shutil
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import col

from kamflow.models.message import StoredMessage
from kamflow.store import adopted, people
from kamflow.store import engine as db
from kamflow.store.people import Member
from kamflow.store.registry import RULES
from notifications.compose import compose
from tests.flows import year
from tests.world import World, decided

DAYS = 9
# Spring, and the quiet weeks.
STARTS = (date(2026, 3, 2), date(2026, 12, 14))
TELLS = (time(5, 40), time(7, 40), time(15, 40), time(21, 40))  # UTC

seeds = st.integers(0, 1000)
downs = st.lists(st.tuples(st.integers(1, DAYS - 4), st.integers(1, 4)), max_size=2)


class Told(NamedTuple):
    """Everything that a person received."""

    to: Member
    messages: list[StoredMessage]

    def local(self, message: StoredMessage) -> datetime:
        return message.due_at.astimezone(self.to.zone)

    def digests(self) -> list[StoredMessage]:
        return [each for each in self.messages if each.template == "digest"]


def played(
    template: Path, folder: Path, seed: int, first: date, off: list[Any], accounts: int = 5
) -> list[Told]:
    """Nights and mornings of a made-up company; on the days of `off` nothing runs."""
    path = shutil.copy(template, tempfile.mkdtemp(dir=folder))
    world = World(db.connect(f"sqlite:///{path}"))
    try:
        year.build(world, seed, accounts, first)
        with db.write(world.engine) as session:
            adopted.adopt(session, world.settings.home, datetime.combine(first, time(), UTC))
        down = {start + n for start, length in off for n in range(length)}
        for number in range(DAYS):
            if number not in down:
                _day(world, first + timedelta(days=number))
        return _told(world, first)
    finally:
        world.engine.dispose()


def _day(world: World, day: date) -> None:
    for name in RULES:
        decided(world.home(), name, day)
    for at in TELLS:
        compose(world.engine, datetime.combine(day, at, UTC), world.settings, world.policy)
    with db.write(world.engine) as session:
        session.execute(update(StoredMessage).values(state="sent"))


def _told(world: World, first: date) -> list[Told]:
    around = timedelta(days=120)
    with db.read(world.engine) as session:
        everybody = people.load(session, world.settings.company, first - around, first + around)
        rows = (
            session.execute(select(StoredMessage).where(col(StoredMessage.kind) != "alert")).scalars().all()
        )
    return [
        Told(member, [row for row in rows if row.person_id == number]) for number, member in everybody.items()
    ]


def check(told: list[Told], off: list[Any]) -> None:
    assert any(each.messages for each in told)
    for each in told:
        for message in each.messages:
            at = each.local(message)
            assert each.to.works(at.date()), message
            assert 8 <= at.hour < 18, message
        days = Counter(each.local(message).date() for message in each.digests())
        assert max(days.values(), default=1) == 1
        caught_up = [each for each in each.digests() if each.facts.get("occasion") == "catch-up"]
        assert len(caught_up) <= len(off)


def test_everybody_is_told_in_their_working_time_and_once_a_day(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """In one company, with two days without kamflow."""
    off = [(3, 2)]
    check(played(sqlite_template, tmp_path, 7, STARTS[0], off), off)


@pytest.mark.slow
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(seed=seeds, first=st.sampled_from(STARTS), off=downs)
def test_so_it_is_in_more_and_larger_companies(
    sqlite_template: Path, tmp_path: Path, seed: int, first: date, off: list[Any]
) -> None:
    check(played(sqlite_template, tmp_path, seed, first, off, accounts=12), off)
