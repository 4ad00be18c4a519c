"""From which day, for which accounts and on what kamflow decides after it was brought in."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from kamflow.nudge import Decision, Effect
from kamflow.policy import Policy, Starting
from kamflow.store import engine as db
from kamflow.store import starting
from tests.world import World

LIVE = date(2026, 7, 1)  # half of the working days of 2026 are left


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, policy=Policy(starting=Starting(go_live=LIVE)))


def asked(world: World) -> list[tuple[str, str | None]]:
    """(step, closed as) of every nudge."""
    return [(nudge.step, nudge.closed_as) for nudge in world.nudges(living=False)]


def cell(world: World, day: date) -> tuple[int, int, date]:
    """Soll, held and first day of the one cell there is."""
    [account] = world.facts("contact_shortfall", day)
    [found] = account.cells
    return found.soll, found.held, found.first


@pytest.mark.parametrize(("soll", "left"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 3), (12, 6), (52, 27)])
def test_a_target_counts_pro_rata_from_the_day_of_going_live(world: World, soll: int, left: int):
    anna = world.person("Anna")
    place = world.place("Knut", world.account("muster", anna))
    world.target(anna, place, soll)

    assert cell(world, date(2026, 9, 7)) == (left, 0, LIVE)


def test_contacts_before_it_do_not_count_but_are_known(world: World):
    anna = world.person("Anna")
    place = world.place("Knut", world.account("muster", anna))
    world.target(anna, place, 12)
    for day in (date(2026, 3, 3), date(2026, 6, 30), LIVE, date(2026, 8, 4)):
        world.meet(day, anna, place)

    assert cell(world, date(2026, 9, 7)) == (6, 2, LIVE)


def test_a_period_that_begins_later_counts_in_full(world: World):
    anna = world.person("Anna")
    place = world.place("Knut", world.account("muster", anna))
    world.target(anna, place, 3, period_first=date(2026, 10, 1), period_last=date(2026, 12, 31))

    assert cell(world, date(2026, 10, 5)) == (3, 0, date(2026, 10, 1))


def test_before_it_nothing_is_decided_and_nothing_created(world: World):
    world.account("muster", world.person("Anna"), account_class="key")

    world.night("plan_creation", LIVE - timedelta(days=1))
    assert (asked(world), world.effects()) == ([], [])
    world.night("plan_creation", LIVE)
    assert [effect.name for effect in world.effects()] == ["create_plan"]


def test_what_fell_due_before_it_opens_nothing(world: World):
    anna = world.person("Anna")
    account = world.account("muster", anna, account_class="key")
    world.measure(account, LIVE - timedelta(days=1), anna)
    world.measure(account, LIVE, anna)

    world.night("measure_followup", LIVE)

    assert [nudge.due_on for nudge in world.nudges()] == [LIVE]


def test_outside_the_pilot_nothing_is_decided_until_it_grows(world: World):
    anna = world.person("Anna")
    for key in ("one", "two"):
        world.account(key, anna, account_class="key")
    world.policy = Policy(starting=Starting(go_live=LIVE, pilot=("one",)))

    world.night("plan_creation", LIVE)
    assert len(world.nudges()) == 1
    world.policy = Policy(starting=Starting(go_live=LIVE))
    world.night("plan_creation", LIVE + timedelta(days=1))
    assert len(world.nudges()) == 2
    world.policy = Policy(starting=Starting(go_live=LIVE, pilot=("one",)))
    world.night("plan_creation", LIVE + timedelta(days=2))
    assert asked(world) == [("hand_in", None), ("hand_in", "paused")]


def test_in_the_shadow_nothing_that_others_hear_of_is_done(world: World):
    shadow = starting.told_from(world.policy.starting, world.settings.company)

    assert shadow == date(2026, 7, 15)
    assert {"invite", "remind", "send_document"} <= starting.HEARD
    assert "create_plan" not in starting.HEARD


def test_plans_are_handed_in_some_weeks_after_it_at_the_earliest(engine: Engine):
    # Going live on 1 October: thirty plans would step back from 31 October far beyond it.
    world = World(engine, policy=Policy(starting=Starting(go_live=date(2026, 10, 1))))
    anna = world.person("Anna")
    for number in range(30):
        world.account(f"A{number:02}", anna, account_class="major")

    world.night("plan_creation", date(2026, 10, 1))
    due = [nudge.due_on for nudge in world.nudges() if nudge.step == "hand_in"]

    assert len(due) == 30
    assert min(due) == date(2026, 10, 29)  # twenty working days
    assert max(due) == date(2026, 10, 30)


def test_without_a_day_of_going_live_everything_counts_from_the_first_run(engine: Engine):
    world = World(engine)
    anna = world.person("Anna")
    place = world.place("Knut", world.account("muster", anna))
    world.target(anna, place, 12)
    world.meet(date(2026, 3, 3), anna, place)

    assert cell(world, date(2026, 9, 7)) == (12, 1, date(2026, 1, 1))
    assert starting.told_from(world.policy.starting, world.settings.company) is None


def test_no_report_comes_on_a_quarter_that_was_over_and_reported_before_it(engine: Engine):
    world = World(engine, policy=Policy(starting=Starting(go_live=date(2026, 12, 1))))
    world.person("Head", "head")
    account = world.account("muster", world.person("Anna"), account_class="key")
    for kind, amount in (("actual", 1), ("target", 4)):
        world.sold(account, date(2026, 8, 1), amount * 100_000, kind)

    world.night("quarterly_controlling", date(2026, 12, 16))

    assert [effect.name for effect in world.effects()] == ["keep_scorecard"]


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"on": "2026-06-30"}, 0),
        ({"on": "2026-07-01"}, 1),
        ({"on": "2026-06-26", "day": "2026-07-03"}, 1),
        ({"on": "2026-06-01", "last": "2026-06-30"}, 0),
        ({"form": "key"}, 1),
    ],
)
def test_an_effect_counts_while_it_is_of_use_after_going_live(world: World, facts: dict[str, str], left: int):
    effect = Effect("send_document", "account.1", "x", "y", 1, facts)
    with db.read(world.engine) as session:
        run = world.run(session, "annual_meeting", date(2026, 9, 7))

        assert len(starting.begun(run, Decision(effects=(effect,))).effects) == left
