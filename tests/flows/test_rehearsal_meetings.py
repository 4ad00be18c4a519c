"""What a rehearsal says of annual meetings."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows import rehearse
from flows.rehearsal.meetings import meetings
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.store import engine as db
from tests.world import World

FIRST, LAST = date(2026, 9, 14), date(2026, 11, 6)


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    return World(sqlite_engine)


def booked(world: World, name: str, day: date, fixed_on: date) -> None:
    account = world.account(name, world.person(f"Kam of {name}"), account_class="key")
    meeting = world.add(
        AnnualMeeting(
            account_id=account.id, year_first=date(2026, 1, 1), year_last=date(2026, 12, 31), kind="strategic"
        )
    )
    world.add(MeetingRound(meeting_id=meeting.id, number=1, day=day, fixed_on=fixed_on))


def test_a_meeting_fixed_late_cannot_be_prepared_and_a_month_may_pass(world: World, tmp_path: Path) -> None:
    booked(world, "In time", date(2026, 10, 30), date(2026, 6, 1))
    booked(world, "Late", date(2026, 9, 18), date(2026, 9, 14))
    kam = world.person("Witt")
    world.account("Never", kam, account_class="key", meeting_month=10)

    played = rehearse.play(world.home(), FIRST, LAST, diligent=False)

    with db.read(world.engine) as session:
        found = meetings(session, played.record, world.home())
    assert (found.arranged, found.missed, found.short) == (1, 1, 1)
