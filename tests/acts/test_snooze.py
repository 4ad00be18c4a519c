from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from kamflow.acts.snooze import snooze
from kamflow.errors import InputError, NotAllowed
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Absence
from tests.acts.world import Act, World, store


@pytest.fixture
def put_off(world: World, given: SimpleNamespace) -> Act:
    def call(nudge: StoredNudge, until: date, actor: str = "witt") -> Any:
        acting = world.person(actor)
        return snooze(world.session, acting, nudge.id, until, given.now, given.policy, given.company)

    return call


def test_a_nudge_is_put_off_until_any_day(world: World, put_off: Act) -> None:
    nudge = world.nudge(due_on=date(2026, 9, 11))
    assert put_off(nudge, date(2026, 9, 9)).state == "snoozed"
    assert nudge.snoozed_until == date(2026, 9, 9)
    assert world.events()[-1].payload == {"nudge": nudge.id, "until": "2026-09-09"}
    assert put_off(nudge, date(2026, 9, 9)).state == "already"


def test_the_day_named_last_counts(world: World, put_off: Act) -> None:
    nudge = world.nudge(due_on=date(2026, 9, 11), quiet_until=date(2026, 9, 14))
    put_off(nudge, date(2026, 9, 9))
    assert nudge.quiet_until is None


def test_not_further_than_ten_working_days_past_due(world: World, put_off: Act) -> None:
    nudge = world.nudge(due_on=date(2026, 9, 11))
    put_off(nudge, date(2026, 9, 25))
    with pytest.raises(InputError, match="until 2026-09-25 at the latest"):
        put_off(nudge, date(2026, 9, 26))


def test_an_absence_moves_the_limit(world: World, put_off: Act) -> None:
    store(
        world.session,
        Absence(person_id=world.person("witt"), from_day=date(2026, 9, 14), until_day=date(2026, 9, 18)),
    )
    put_off(world.nudge(due_on=date(2026, 9, 11)), date(2026, 10, 2))


def test_a_day_that_is_past_or_today_is_refused(world: World, put_off: Act) -> None:
    with pytest.raises(InputError, match="not to come"):
        put_off(world.nudge(), date(2026, 9, 7))


def test_what_is_long_overdue_cannot_be_put_off_any_more(world: World, put_off: Act) -> None:
    with pytest.raises(InputError, match="hand it over"):
        put_off(world.nudge(due_on=date(2026, 8, 3)), date(2026, 9, 8))


@pytest.mark.parametrize("due_on", [date(2026, 8, 3), date(2026, 9, 11)])
def test_an_assistant_learns_no_date_from_what_is_refused(world: World, put_off: Act, due_on: date) -> None:
    world.people["witt"].assistant_id = world.person("fremd")
    nudge = world.nudge(due_on=due_on)
    with pytest.raises(InputError) as error:
        put_off(nudge, date(2026, 12, 1), "fremd")
    said = f"nudge {nudge.id} cannot be put off until 2026-12-01: whoever it was given to sees why"
    assert str(error.value) == said


def test_a_closed_nudge_and_anothers_nudge_are_refused(
    world: World, put_off: Act, given: SimpleNamespace
) -> None:
    with pytest.raises(InputError, match="closed"):
        put_off(world.nudge(step="position", closed_at=given.now, closed_as="done"), date(2026, 9, 9))
    with pytest.raises(NotAllowed):
        put_off(world.nudge(), date(2026, 9, 9), "fremd")
    with pytest.raises(NotAllowed, match="breaking the glass"):
        put_off(world.nudge(step="measures", due_on=date(2026, 8, 3)), date(2026, 9, 9), "berg")
