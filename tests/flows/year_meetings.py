"""Annual meetings, what departments agreed, and contacts who may be asked: part of the made-up year."""

from datetime import date, timedelta
from random import Random
from typing import Any

from kamflow.models.account import Team
from kamflow.models.contact import Contact
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.models.training import CollaborationRule, Complaint
from tests.world import World


def agreed(world: World, department: int) -> None:
    """What the department is asked for before every meeting."""
    world.add(
        CollaborationRule(department_id=department, kind="delivery_times", lead_time=12, for_meeting=True)
    )


def meets(world: World, chance: Random, account: Any, number: int, people: Any, first: date) -> None:
    """Every other account has booked its meeting, some a negotiation of two rounds; a sponsor may come."""
    kam, board = people
    if number % 3 == 0:
        world.add(Team(person_id=board.id, account_id=account.id, role="sponsor"))
    if number % 2:
        return
    rounds = chance.choice((1, 1, 2))
    meeting = world.add(
        AnnualMeeting(
            account_id=account.id,
            year_first=date(first.year, 1, 1),
            year_last=date(first.year, 12, 31),
            kind="negotiation" if rounds > 1 else "strategic",
            agreed_on=first + timedelta(55) if rounds > 1 else None,
        )
    )
    day = first + timedelta(chance.randrange(8, 45))
    for talk in range(rounds):
        row = world.add(
            MeetingRound(
                meeting_id=meeting.id,
                number=talk + 1,
                day=day + timedelta(20 * talk),
                fixed_on=first - timedelta(40),
                moved_from=first - timedelta(3) if chance.random() < 0.3 else None,
                from_calendar=chance.random() < 0.3,
            )
        )
        world.add(MeetingAttendee(round_id=row.id, person_id=kam.id))


def may_be_asked(world: World, chance: Random, place: Any, account: Any, first: date) -> None:
    """Some contacts consented; now and then one complains for a while."""
    contact = world.one(Contact, place.contact_id)
    contact.email = f"{contact.key}@example.com"
    contact.survey_consent = chance.choice(("given", "given", "objected", None))
    contact.consent_on = first - timedelta(100) if contact.survey_consent else None
    world.add(contact)
    if chance.random() < 0.1:
        day = first + timedelta(chance.randrange(30))
        world.add(
            Complaint(
                account_id=account.id,
                contact_id=contact.id,
                subject="-",
                opened_on=day,
                closed_on=day + timedelta(10),
            )
        )
