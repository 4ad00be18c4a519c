"""When papers leave: on the reader's next morning at work, in quiet weeks only where they would be late."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.store import engine as db
from kamflow.store.mornings import Mornings
from tests.world import World

FRIDAY = date(2026, 12, 18)
CHRISTMAS = date(2026, 12, 21)


@pytest.mark.parametrize(
    ("today", "until", "day"),
    [
        (FRIDAY, None, date(2026, 12, 18)),
        (CHRISTMAS, None, date(2027, 1, 7)),
        (CHRISTMAS, date(2027, 1, 12), date(2027, 1, 7)),
        (CHRISTMAS, date(2026, 12, 29), date(2026, 12, 21)),
        (date(2026, 12, 27), date(2026, 12, 27), date(2026, 12, 27)),
    ],
    ids=["a day at work", "quiet weeks", "time enough", "the meeting lies in them", "a Sunday, and due"],
)
def test_papers_wait_for_the_end_of_quiet_weeks_where_they_can(
    sqlite_engine: Engine, today: date, until: date | None, day: date
) -> None:
    assert due(sqlite_engine, today, until).date() == day


def test_what_begins_early_comes_an_hour_before(sqlite_engine: Engine) -> None:
    begins = datetime(2026, 12, 18, 7, 45, tzinfo=UTC)

    assert due(sqlite_engine, FRIDAY, FRIDAY, begins) == datetime(2026, 12, 18, 6, 45, tzinfo=UTC)


def due(engine: Engine, today: date, *said: Any) -> datetime:
    world = World(engine)
    witt = world.person("Witt").id or 0
    with db.read(engine) as session:
        return Mornings(world.run(session, "annual_meeting", today), [witt]).of(witt, *said)
