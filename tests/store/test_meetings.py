"""What the query tells the rule `annual_meeting`: rounds, who comes, what is known of M."""

from datetime import date

import pytest
from sqlalchemy import Engine, event

from kamflow.figures.meeting_facts import MeetingFacts
from kamflow.models.account import Account, Team
from kamflow.models.person import Department, DepartmentLead, Person
from kamflow.models.training import CollaborationRule
from kamflow.periods import Period
from kamflow.store import engine as db
from kamflow.store import meetings
from tests.meeting_rows import done, meeting, talk
from tests.world import YEAR, World

TODAY = date(2026, 9, 14)
M = date(2026, 11, 10)
LAST, NEXT = (date(2025, 1, 1), date(2025, 12, 31)), (date(2027, 1, 1), date(2027, 12, 31))


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    return world.account("Muster AG", witt, account_class="key", meeting_month=11)


def facts(world: World, day: date = TODAY) -> dict[int, MeetingFacts]:
    """By the calendar year in which the fiscal year begins."""
    return {fact.year.first.year: fact for fact in world.facts("annual_meeting", day)}


def test_this_year_and_the_next_are_looked_at_the_last_where_it_has_a_meeting(
    world: World, muster: Account
) -> None:
    assert list(facts(world)) == [2026, 2027]
    talk(world, meeting(world, muster, LAST), date(2025, 10, 7), state="held")

    found = facts(world)

    assert list(found) == [2025, 2026, 2027]
    assert (found[2025].rounds[0].state, found[2026].last_month, found[2027].last_month) == ("held", 10, None)


def test_a_closed_account_has_no_meeting(world: World, witt: Person) -> None:
    world.account("Alt GmbH", witt, closed_on=TODAY)
    assert facts(world) == {}


def test_a_round_knows_its_dates_and_who_of_us_is_here(world: World, witt: Person, muster: Account) -> None:
    gone, knut = world.person("Weg", left_on=date(2026, 9, 1)), world.place("Knut", muster)
    row = talk(
        world, meeting(world, muster), M, (witt, gone, knut), revision=2, fixed_on=date(2026, 9, 1),
        moved_from=date(2026, 11, 3), from_calendar=True,
    )  # fmt: skip
    talk(world, meeting(world, muster, NEXT), None)

    [one] = facts(world)[2026].rounds

    assert (one.id, one.day, one.revision, one.from_calendar) == (row.id, M, 2, True)
    assert (one.fixed_on, one.moved_from) == (date(2026, 9, 1), date(2026, 11, 3))
    assert [asked.person for asked in one.people] == [witt.id]
    assert facts(world)[2027].rounds == ()


def test_what_was_said_counts_from_its_day_on(world: World, witt: Person, muster: Account) -> None:
    held = meeting(world, muster, agreed_on=date(2026, 9, 10))
    row = talk(world, held, date(2026, 9, 8), released_on=date(2026, 9, 2), released_revision=0)
    year = Period(*YEAR)
    done(world, meetings.identity(muster.id, year, "agenda"), witt, date(2026, 9, 3))
    done(world, meetings.minutes_identity(muster.id, row.id), witt, date(2026, 9, 11))
    done(world, meetings.follow_up_identity(muster.id, held.id), witt, date(2026, 9, 12))

    after, before = facts(world)[2026], facts(world, date(2026, 9, 1))[2026]

    assert (after.agenda_on, after.followed_up_on) == (date(2026, 9, 3), date(2026, 9, 12))
    assert after.rounds[0].minutes_on == date(2026, 9, 11)
    assert (after.released_on, after.released_revision, after.agreed_on) == (
        date(2026, 9, 2), 0, date(2026, 9, 10),
    )  # fmt: skip
    known = (before.agenda_on, before.followed_up_on, before.released_on, before.agreed_on)
    assert known == (None, None, None, None)


@pytest.mark.parametrize("who", ["sponsor", "attendee", "theirs", "targeted", "nobody"])
def test_somebody_of_the_board_of_either_side_is_expected(
    world: World, witt: Person, muster: Account, who: str
) -> None:
    kruse = world.person("Kruse", "sponsor", level="board")
    chief, karl = world.place("Chief", muster, level="board"), world.place("Karl", muster)
    if who == "sponsor":
        world.add(Team(person_id=kruse.id, account_id=muster.id, role="sponsor"))
    if who in ("attendee", "theirs", "nobody"):
        coming = {"attendee": (kruse, karl), "theirs": (witt, chief), "nobody": (witt, karl)}[who]
        talk(world, meeting(world, muster), M, coming)
    if who in ("targeted", "nobody"):
        world.target(witt, chief, 1)

    fact = facts(world)[2026]

    assert fact.board == (who != "nobody")
    assert (fact.sponsor.person if fact.sponsor else None) == (kruse.id if who == "sponsor" else None)


def test_a_site_has_the_kam_and_the_sponsor_of_its_group(world: World, witt: Person, muster: Account) -> None:
    kruse = world.person("Kruse", "sponsor")
    world.add(Team(person_id=kruse.id, account_id=muster.id, role="sponsor"))
    site = world.account("Muster Werk", parent_id=muster.id)

    [fact] = [each for each in world.facts("annual_meeting", TODAY) if each.account == site.id][:1]

    assert (fact.kam.person, fact.sponsor.person) == (witt.id, kruse.id)


def test_a_department_is_asked_as_its_specialist_works_else_its_lead_else_the_company(
    world: World, muster: Account
) -> None:
    logistics, sales = (world.add(Department(key=key, name=key)) for key in ("log", "sal"))
    lech = world.person("Lech", "specialist", department_id=logistics.id, weekdays="12")
    lead = world.person("Leitner", "specialist", weekdays="345")
    world.add(DepartmentLead(department_id=logistics.id, person_id=lead.id))
    for department, kind, asked in ((logistics, "delivery_times", True), (sales, "prices", True),
                                    (logistics, "other", False)):  # fmt: skip
        rule = {"department_id": department.id, "kind": kind, "lead_time": 15, "for_meeting": asked}
        world.add(CollaborationRule(**rule))
    held = meeting(world, muster)
    world.request(muster, department_id=sales.id, kind="prices", meeting_id=held.id)

    without, monday = facts(world)[2026].needs, date(2026, 9, 14)
    world.add(Team(person_id=lech.id, account_id=muster.id, role="core"))
    with_him = facts(world)[2026].needs

    assert [(need.kind, need.lead_time, need.asked) for need in without] == [
        ("delivery_times", 15, False), ("prices", 15, True),
    ]  # fmt: skip
    assert [need.calendar.is_workday(monday) for need in without] == [False, True]
    assert [need.calendar.is_workday(monday) for need in with_him] == [True, True]


def test_common_days_are_those_of_company_and_customer(world: World, witt: Person) -> None:
    world.account("Halm", witt, country="AT", region="1")

    [fact, _] = world.facts("annual_meeting", TODAY)

    # 26 October is a holiday in Austria, 6 January in Bavaria
    assert not fact.calendar.is_workday(date(2026, 10, 26))
    assert not fact.calendar.is_workday(date(2027, 1, 6))
    assert fact.calendar.is_workday(date(2026, 10, 27))


def test_the_day_of_the_meeting_is_known_for_other_rules(world: World, witt: Person, muster: Account) -> None:
    years = [Period(*YEAR), Period(*NEXT)]
    other = world.account("Andere", witt)
    held = meeting(world, other)
    talk(world, held, date(2026, 10, 6), state="cancelled")
    accounts = frozenset({muster.id, other.id})

    def days() -> dict[tuple[int, int], date]:
        with db.read(world.engine) as session:
            found = meetings.meeting_days(world.run(session, "x", TODAY), accounts, years)
        return {(account, year.first.year): day for (account, year), day in found.items()}

    # All Saints' is a Sunday in 2026 and a Monday in 2027, a holiday in Bavaria
    planned = {(muster.id, 2026): date(2026, 11, 2), (muster.id, 2027): date(2027, 11, 2)}
    assert days() == planned
    talk(world, held, M, number=2)
    # booked this year, and next year in the same month
    assert days() == planned | {(other.id, 2026): M, (other.id, 2027): date(2027, 11, 2)}


def test_more_accounts_need_no_more_queries(world: World, witt: Person) -> None:
    def queries() -> int:
        counted: list[str] = []
        note = lambda *said: counted.append(said[2])  # noqa: E731 - a listener
        event.listen(world.engine, "before_cursor_execute", note)
        world.facts("annual_meeting", M)
        event.remove(world.engine, "before_cursor_execute", note)
        return len(counted)

    for number in range(2):
        account = world.account(f"One {number}", witt, account_class="key")
        talk(world, meeting(world, account), M, (witt, world.place(f"P{number}", account)))
    few = queries()
    for number in range(2, 10):
        account = world.account(f"One {number}", witt, account_class="key")
        talk(world, meeting(world, account), M, (witt, world.place(f"P{number}", account)))

    assert queries() == few
