from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import meeting as meetings
from kamflow.acts import meeting_held
from kamflow.acts.acting import Acting
from kamflow.acts.meeting import Arranged
from kamflow.acts.meeting_held import Held
from kamflow.acts.meeting_round import Booking
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.meeting import AnnualMeeting, MeetingRound, Request
from kamflow.periods import Period
from kamflow.store import rounds
from tests.acts.world import Act, World, store

M, LATER = date(2026, 11, 10), date(2026, 11, 24)


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    """`act("witt")` is what an act of Witt is handed; it is 7 September 2026."""

    def call(actor: str | None = "witt", day: date | None = None) -> Acting:
        now = given.now.replace(month=day.month, day=day.day) if day else given.now
        return Acting(world.session, world.person(actor) if actor else None, now, given.company)

    return call


@pytest.fixture
def book(world: World, act: Act) -> Act:
    def call(day: date = M, actor: str | None = "witt", **more: Any) -> Arranged:
        return meetings.book(act(actor), Booking(world.account("muster"), day, **more))

    return call


def the(world: World, said: Arranged) -> MeetingRound:
    return world.session.get_one(MeetingRound, said.round)


def met(world: World) -> list[tuple[str, str]]:
    """Day and state of the interactions, in order."""
    rows = world.session.execute(select(Interaction).order_by(col(Interaction.id))).scalars()
    return [(row.day.isoformat(), row.state) for row in rows]


def payloads(world: World, name: str) -> list[dict[str, Any]]:
    return [event.payload for event in world.events(name)]


def test_a_booked_meeting_belongs_to_the_fiscal_year_of_its_day(world: World, book: Act) -> None:
    said, again = book(at=time(10), place="Köln"), book(at=time(10), place="Köln")

    row, meeting = the(world, said), world.session.get_one(AnnualMeeting, said.meeting)
    assert (said.state, again.state, said.number, said.revision) == ("booked", "already", 1, 0)
    assert (meeting.kind, meeting.year_first) == ("strategic", date(2026, 1, 1))
    assert (row.day, row.fixed_on, row.moved_from, row.place) == (M, date(2026, 9, 7), None, "Köln")
    assert row.starts_at.isoformat() == "2026-11-10T09:00:00+00:00"
    assert rounds.attendees(world.session, said.round) == ({world.person("witt")}, set())
    [event] = payloads(world, "meeting.booked")
    assert event | {"meeting": 0, "round": 0} == {
        "meeting": 0, "round": 0, "day": "2026-11-10", "was": None, "revision": 0,
    }  # fmt: skip


def test_a_move_counts_the_revision_and_keeps_where_it_was_in_the_morning(
    world: World, act: Act, book: Act
) -> None:
    row = the(world, book())
    monday = act(day=date(2026, 9, 14))

    for day in (LATER, date(2026, 12, 1)):
        meetings.move(monday, world.account("muster"), day)

    assert (row.day, row.revision, row.moved_from) == (date(2026, 12, 1), 2, M)
    assert row.fixed_on == date(2026, 9, 14)
    meetings.move(act(day=date(2026, 9, 15)), world.account("muster"), LATER)
    assert (row.revision, row.moved_from) == (3, date(2026, 12, 1))
    assert payloads(world, "meeting.moved")[0]["was"] == "2026-11-10"


def test_another_hour_of_the_same_day_changes_the_calendar_entry_and_no_paper(
    world: World, act: Act, book: Act
) -> None:
    row = the(world, book())
    muster = world.account("muster")

    assert meetings.move(act(), muster, M).state == "already"
    assert meetings.move(act(), muster, M, at=time(14)).state == "changed"
    assert (row.revision, row.entry_revision, row.day, row.moved_from) == (0, 1, M, None)
    assert meetings.move(act(), muster, M, where="Raum 2").state == "changed"
    assert (row.revision, row.entry_revision) == (0, 2)
    assert meetings.move(act(), muster, LATER).state == "moved"
    assert (row.revision, row.entry_revision) == (1, 3)
    assert row.starts_at.isoformat() == "2026-11-24T13:00:00+00:00"


def test_a_move_back_on_the_same_day_is_none(world: World, act: Act, book: Act) -> None:
    row = the(world, book())
    for day in (LATER, M):
        meetings.move(act(), world.account("muster"), day)
    assert (row.day, row.moved_from, row.revision) == (M, None, 2)


def test_open_requests_follow_the_meeting(world: World, act: Act, book: Act) -> None:
    said = book()
    asked = {"account_id": world.account("muster"), "meeting_id": said.meeting, "customer_date": M}
    one = store(world.session, Request(kind="prices", **asked))
    done = store(world.session, Request(kind="prices", state="delivered", **asked))

    meetings.move(act(), world.account("muster"), LATER)

    world.session.expire_all()
    assert (one.customer_date, done.customer_date) == (LATER, M)


def test_who_attends_is_booked_with_whom_they_meet_and_moves_with_the_meeting(
    world: World, act: Act, book: Act
) -> None:
    muster, people = world.account("muster"), [world.person("witt"), world.person("kruse")]
    book(persons=people, contacts=[world.contact("paul"), world.contact("knut")])
    assert met(world) == [("2026-11-10", "booked")]
    assert len(world.session.execute(select(Encounter)).all()) == 4

    meetings.move(act(), muster, LATER)
    assert met(world) == [("2026-11-10", "cancelled"), ("2026-11-24", "booked")]
    meetings.cancel(act(), muster)
    assert met(world)[1] == ("2026-11-24", "cancelled")


def test_a_held_meeting_counts_once_for_who_was_there(world: World, act: Act, book: Act) -> None:
    muster, paul = world.account("muster"), world.contact("paul")
    book(persons=[world.person("witt")], contacts=[paul, world.contact("knut")])
    on_the_day = act(day=M)

    said = meeting_held.held(on_the_day, Held(muster, contacts=[paul]))
    again = meeting_held.held(on_the_day, Held(muster))

    assert (said.state, again.state) == ("held", "already")
    assert sorted(met(world)) == [("2026-11-10", "cancelled"), ("2026-11-10", "held")]
    assert payloads(world, "interaction.held")[0]["pairs"] == [[world.person("witt"), paul]]


def test_a_meeting_that_nobody_booked_here_is_held_with_its_day(world: World, act: Act) -> None:
    muster = world.account("muster")

    with pytest.raises(NotFound, match="no round of an annual meeting of Muster AG"):
        meeting_held.held(act(), Held(muster))
    said = meeting_held.held(act(), Held(muster, day=date(2026, 9, 3), contacts=[world.contact("paul")]))

    assert (said.state, said.day) == ("held", date(2026, 9, 3))
    assert the(world, said).fixed_on == date(2026, 9, 3)  # no imported history: minutes are asked for


def test_a_meeting_of_last_year_that_nobody_closed_is_not_meant(world: World, act: Act, book: Act) -> None:
    muster, last_year = (
        world.account("muster"),
        {"year_first": date(2025, 1, 1), "year_last": date(2025, 12, 31)},
    )
    old = store(world.session, AnnualMeeting(account_id=muster, **last_year))
    stale = store(world.session, MeetingRound(meeting_id=old.id, day=date(2025, 11, 11)))
    said = book()

    assert meetings.move(act(), muster, LATER).round == said.round
    assert meeting_held.held(act(day=LATER), Held(muster)).round == said.round
    assert meeting_held.held(act(day=LATER), Held(muster, day=date(2026, 9, 4))).round == said.round
    assert stale.state == "booked"


def test_a_meeting_to_come_is_not_held_yet(world: World, act: Act, book: Act) -> None:
    book()
    with pytest.raises(InputError, match="booked for 2026-11-10: say on which day"):
        meeting_held.held(act(), Held(world.account("muster")))
    with pytest.raises(InputError, match="still to come"):
        meeting_held.held(act(), Held(world.account("muster"), day=M))


def test_a_cancelled_meeting_can_be_booked_again_and_calendars_learn_of_it(
    world: World, act: Act, book: Act
) -> None:
    row = the(world, book())
    muster = world.account("muster")

    assert meetings.cancel(act(), muster).state == "cancelled"
    assert meetings.cancel(act(), muster).state == "already"
    with pytest.raises(InputError, match="was cancelled"):
        meetings.move(act(), muster, LATER)
    assert book(M).state == "booked"
    assert (row.state, row.revision, row.moved_from) == ("booked", 1, None)


def test_a_negotiation_has_rounds_until_both_sides_agree(world: World, act: Act, book: Act) -> None:
    muster, second = world.account("muster"), date(2026, 12, 1)
    first = book(kind="negotiation")
    assert book(second, number=2).meeting == first.meeting
    with pytest.raises(InputError, match=r"several rounds booked \(1 on 2026-11-10, 2 on 2026-12-01\)"):
        meetings.move(act(), muster, LATER)
    assert meetings.move(act(), muster, LATER, 1).state == "moved"

    with pytest.raises(InputError, match="before the first round"):
        meeting_held.agreed(act(), muster, date(2026, 9, 1))
    [agreed, again] = [meeting_held.agreed(act(day=second), muster) for _ in range(2)]

    assert (agreed.state, again.state, agreed.agreed_on) == ("agreed", "already", second)
    assert payloads(world, "meeting.agreed") == [{"meeting": first.meeting, "on": "2026-12-01"}]


def test_a_round_of_next_year_belongs_to_the_negotiation_that_runs(world: World, book: Act) -> None:
    first = book(date(2026, 12, 15), kind="negotiation")
    second = book(date(2027, 1, 12), number=2)
    assert second.meeting == first.meeting


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"day": date(2026, 9, 4)}, "has passed"),
        ({"day": LATER}, "is booked for 2026-11-10: `kamflow meeting move`"),
        ({"number": 2}, "a strategic meeting is one meeting"),
        ({"kind": "party"}, "expected one of strategic, negotiation"),
    ],
)
def test_what_does_not_fit_is_refused(book: Act, more: dict[str, Any], said: str) -> None:
    book()
    with pytest.raises(InputError, match=said):
        book(**more)


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 12, 1), "closed from 2026-12-01 on"), (date(2029, 1, 2), "more than a year away")],
)
def test_a_round_is_neither_booked_nor_moved_where_it_cannot_be(
    world: World, act: Act, book: Act, day: date, said: str
) -> None:
    row = the(world, book())
    world.accounts["muster"].closed_on = date(2026, 12, 1) if day.year == 2026 else None
    with pytest.raises(InputError, match=said):
        meetings.move(act(), world.account("muster"), day)
    with pytest.raises(InputError, match=said):
        book(day, year=Period(date(2027, 1, 1), date(2027, 12, 31)))
    assert row.day == M


def test_an_old_negotiation_without_an_end_takes_no_round_of_today(world: World, book: Act) -> None:
    old = {"year_first": date(2019, 1, 1), "year_last": date(2019, 12, 31), "kind": "negotiation"}
    stale = store(world.session, AnnualMeeting(account_id=world.account("muster"), **old))
    assert book(number=2).meeting != stale.id


def test_a_strategic_meeting_is_agreed_when_it_was_held(world: World, act: Act, book: Act) -> None:
    book()
    with pytest.raises(InputError, match="is a strategic one"):
        meeting_held.agreed(act(), world.account("muster"))


def test_the_month_is_planned_with_the_day_on_which_that_was_said(world: World, act: Act) -> None:
    muster = world.account("muster")

    first, again = (meeting_held.plan_month(act(), muster, 11) for _ in range(2))

    row = world.accounts["muster"]
    assert (first.state, again.state) == ("planned", "already")
    assert (row.meeting_month, row.meeting_month_on) == (11, date(2026, 9, 7))
    assert payloads(world, "meeting.month") == [{"month": 11, "was": None}]
    with pytest.raises(InputError, match="from 1 to 12"):
        meeting_held.plan_month(act(), muster, 13)


@pytest.mark.parametrize("actor", ["witt", "arnst", "kruse", "berg", None])
def test_the_team_who_stands_in_the_head_and_operations_may_book(book: Act, actor: str | None) -> None:
    assert book(actor=actor).state == "booked"


def test_others_may_not_book(book: Act) -> None:
    with pytest.raises(NotAllowed, match="only the team of Muster AG"):
        book(actor="fremd")
