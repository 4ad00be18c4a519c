"""How kamflow begins: nothing before the day, a welcome in the shadow, few items a day after it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kamflow.models.account import Account, Team
from kamflow.models.message import MessageState
from kamflow.models.person import Absence, Person, PersonRole
from kamflow.policy import Policy, Starting
from kamflow.store import account_move, handover_note
from kamflow.store import engine as db
from kamflow.store.account_move import Move
from notifications import outbox, papers
from notifications.cadence.start import Start
from tests.notifications.cast import member
from tests.notifications.conftest import Office

LIVE = date(2026, 9, 7)  # a Monday; ten working days later it is Monday, 21 September
TOLD = date(2026, 9, 21)
# The tests without it read and write all of this on both.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def starting(office: Office) -> Office:
    office.policy = Policy(starting=Starting(go_live=LIVE))
    return office


def mornings(office: Office, first: date, days: int) -> list[tuple[str, str, int]]:
    """(day, template, items) of every message from a day on, composed and sent every morning."""
    seen = {each.id for each in office.messages()}
    found: list[tuple[str, str, int]] = []
    for day in (first + timedelta(days=n) for n in range(days)):
        office.clock.at = datetime(day.year, day.month, day.day, 7, 0, tzinfo=UTC)
        office.compose()
        for each in office.messages():
            if each.id not in seen:
                seen.add(each.id)
                office.change(each, state=MessageState.SENT)
                found.append((day.strftime("%d %b"), each.template, len(each.facts.get("items") or ())))
    return found


def many(office: Office, person: Person, count: int, **more: Any) -> None:
    far = {"opened_on": LIVE, "due_on": date(2026, 12, 1)} | more
    for number in range(count):
        office.nudge(person, f"step{number}", **far)


@one_database
def test_before_the_day_nothing_is_told(starting: Office):
    many(starting, starting.person(), 2)

    assert mornings(starting, LIVE - timedelta(days=4), 4) == []


def test_in_the_shadow_comes_one_welcome_then_three_items_a_day_then_seven(starting: Office):
    many(starting, starting.person(), 44)

    assert mornings(starting, LIVE, 29) == [
        ("07 Sep", "welcome", 0),
        *((f"{day} Sep", "digest", 3) for day in (21, 22, 23, 24, 25, 28, 29, 30)),
        *((f"{day} Oct", "digest", 3) for day in ("01", "02")),
        ("05 Oct", "digest", 7),
    ]


@one_database
def test_what_came_up_in_the_shadow_is_no_catch_up(starting: Office):
    many(starting, starting.person(), 9)
    mornings(starting, LIVE, 16)

    digests = [each for each in starting.messages() if each.template == "digest"]
    assert [each.facts["occasion"] for each in digests] == ["daily", "daily"]


@one_database
def test_not_even_the_urgent_is_told_in_the_shadow(starting: Office):
    starting.nudge(starting.person(), urgency="now", due_on=date(2026, 12, 1))

    assert [template for _, template, _ in mornings(starting, LIVE, 15)] == ["welcome", "now"]


@one_database
def test_a_welcome_waits_for_a_working_day(starting: Office):
    anna = starting.person()
    starting.add(Absence(person_id=anna.id, from_day=LIVE, until_day=date(2026, 9, 9)))
    many(starting, anna, 1)

    # The second day back, like every digest.
    assert mornings(starting, LIVE, 7) == [("11 Sep", "welcome", 0)]


@one_database
def test_who_joins_later_is_welcomed_first_and_begins_as_gently(starting: Office):
    many(starting, starting.person(), 1)
    mornings(starting, LIVE, 30)
    many(starting, starting.person("Ben"), 8, opened_on=date(2026, 10, 7))

    found = mornings(starting, date(2026, 10, 7), 3)

    assert found == [("07 Oct", "welcome", 0), ("08 Oct", "digest", 3), ("09 Oct", "digest", 3)]


@one_database
def test_only_those_it_concerns_are_welcomed(starting: Office):
    starting.policy = Policy(starting=Starting(go_live=LIVE, pilot=("muster",)))
    anna, ben, head = starting.person("Anna"), starting.person("Ben"), starting.person("Head")
    starting.person("Nobody")
    starting.add(PersonRole(person_id=head.id, role="head"))
    for key, person in (("muster", anna), ("other", ben)):
        account = starting.add(Account(key=key, name=key))
        starting.add(Team(person_id=person.id, account_id=account.id, role="kam"))

    mornings(starting, LIVE, 3)

    assert {each.person_id for each in starting.messages()} == {anna.id, head.id}


@one_database
def test_without_a_day_of_going_live_nobody_is_welcomed(office: Office):
    many(office, office.person(), 9)

    assert mornings(office, LIVE, 1) == [("07 Sep", "digest", 7)]


def test_the_ramp_counts_own_working_days():
    start = Start(TOLD, 10, 3, {1: LIVE})
    part_time = member(1, weekdays="24")

    assert start.items(part_time, date(2026, 10, 22), 7) == 3  # a Thursday, her tenth day
    assert start.items(part_time, date(2026, 10, 27), 7) == 7


def handed_over(office: Office, account: Account, to: int, on: date) -> None:
    """Announced before, and moved by the first run of its day."""
    with db.write(office.engine) as session:
        account_move.team(session, account.id or 0, to, on)
        handover_note.keep(session, Move(account.id or 0, to, on), None, moved=True)


def test_the_page_of_a_hand_over_comes_on_its_day_once_the_shadow_is_over(starting: Office):
    anna = starting.person()
    for key, on in (("late", date(2026, 9, 24)), ("early", date(2026, 9, 10))):
        handed_over(starting, starting.add(Account(key=key, name=key)), anna.id, on)

    found = mornings(starting, LIVE, 25)

    assert [each[:2] for each in found] == [
        ("07 Sep", "welcome"),
        ("21 Sep", "account_handover"),
        ("24 Sep", "account_handover"),
    ]


@one_database
def test_no_page_goes_to_who_is_not_the_kam_any_more(office: Office):
    anna, ben = office.person("Anna"), office.person("Ben")
    account = office.add(Account(key="muster", name="Muster AG"))
    handed_over(office, account, anna.id, LIVE)
    handed_over(office, account, ben.id, LIVE)

    found = mornings(office, LIVE, 2)

    assert [each[1] for each in found] == ["account_handover"]
    assert [each.person_id for each in office.messages()] == [ben.id]


@one_database
def test_a_page_in_the_outbox_is_not_sent_once_the_account_was_handed_on(office: Office):
    anna, ben = office.person("Anna"), office.person("Ben")
    account = office.add(Account(key="muster", name="Muster AG"))
    handed_over(office, account, anna.id, LIVE)
    office.clock.at = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
    office.compose()
    handed_over(office, account, ben.id, LIVE)

    with db.write(office.engine) as session:
        batch = outbox.claim(session, "test", office.clock.at, timedelta(minutes=5), 50)
        known = papers.load(session, batch, LIVE)

    assert [papers.stale(each, known, LIVE, office.clock.at) for each in batch] == ["account-elsewhere"]


@one_database
def test_a_page_is_not_sent_twice_for_the_same_day(office: Office):
    anna = office.person("Anna")
    account = office.add(Account(key="muster", name="Muster AG"))
    for _ in range(2):
        handed_over(office, account, anna.id, LIVE)
        mornings(office, LIVE, 1)

    assert [each.template for each in office.messages()] == ["account_handover"]
    with db.read(office.engine) as session:
        assert not handover_note.any_open(session)
