"""The rows of a folder for the customer, each read column by column (`customer_view`)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.documents.customer_folder.pages import Given, Somebody, Step, Text, Topic, meant
from kamflow.errors import NotFound
from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.meeting import AnnualMeeting, FolderPage, MeetingAttendee, MeetingKind, MeetingRound
from kamflow.models.person import Person
from kamflow.models.plan import Measure
from kamflow.models.service import Charge, Service, ServiceGiven
from kamflow.periods import Period


class Talk(NamedTuple):
    """The round that a folder is for; `number` where the meeting is a negotiation."""

    id: int
    meeting: int
    account: int
    year: Period
    day: date
    starts_at: datetime | None
    place: str | None
    number: int | None


class Customer(NamedTuple):
    name: str
    language: str | None
    country: str | None
    zone: str | None


class Measured(NamedTuple):
    """A measure, and whether the customer may read of it."""

    measure: int
    side: str
    customer: bool
    title: str


class People(NamedTuple):
    """Who attends, and the ids of the customer's people among them by their names."""

    theirs: tuple[Somebody, ...]
    ours: tuple[Somebody, ...]
    contacts: dict[int, str]


def talk(session: Session, number: int) -> Talk:
    """A dated round.

    Raises:
        NotFound: there is none, or it has no date.
    """
    row, meeting = MeetingRound, AnnualMeeting
    columns = (row.id, row.number, row.day, row.starts_at, row.place)
    of_meeting = (meeting.id, meeting.account_id, meeting.year_first, meeting.year_last, meeting.kind)
    query = (
        select(*map(col, (*columns, *of_meeting)))
        .join(meeting, col(meeting.id) == col(row.meeting_id))
        .where(col(row.id) == number, col(row.day).is_not(None))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"no round {number} with a date")
    identity, at, day, starts, place, its, account, first, last, kind = found
    several = at if kind == MeetingKind.NEGOTIATION else None
    return Talk(identity, its, account, Period(first, last), day, starts, place or None, several)


def customer(session: Session, account: int) -> Customer:
    row = Account
    columns = (row.name, row.language, row.country, row.zone)
    return Customer(*session.execute(select(*map(col, columns)).where(col(row.id) == account)).one())


def words(session: Session, meeting: int) -> dict[str, Text]:
    """Page -> what the KAM wrote on it for the customer."""
    row = FolderPage
    query = select(col(row.page), col(row.words)).where(col(row.meeting_id) == meeting)
    return {
        page: tuple(line for line in map(str.strip, text.splitlines()) if line)
        for page, text in session.execute(query)
        if text
    }


def ticks(session: Session, meeting: int) -> dict[str, str]:
    """Page -> the digest of what it said when it was ticked."""
    row = FolderPage
    query = select(col(row.page), col(row.digest)).where(col(row.meeting_id) == meeting)
    return {page: digest for page, digest in session.execute(query) if digest}


def attendees(session: Session, at: Talk) -> People:
    """Who comes, with their positions there and here."""
    row = MeetingAttendee
    of_ours = (
        select(col(Person.name), col(Person.position))
        .join(row, col(row.person_id) == col(Person.id))
        .where(col(row.round_id) == at.id)
        .order_by(col(Person.name), col(Person.id))
    )
    of_theirs = (
        select(col(Contact.id), col(Contact.first_name), col(Contact.last_name))
        .join(row, col(row.contact_id) == col(Contact.id))
        .where(col(row.round_id) == at.id)
        .order_by(col(Contact.last_name), col(Contact.first_name), col(Contact.id))
    )
    contacts = {number: f"{first or ''} {last}".strip() for number, first, last in session.execute(of_theirs)}
    positions = _positions(session, at, contacts)
    theirs = tuple(Somebody(name, positions.get(number)) for number, name in contacts.items())
    ours = tuple(Somebody(name, position or None) for name, position in session.execute(of_ours))
    return People(theirs, ours, contacts)


def _positions(session: Session, at: Talk, contacts: Iterable[int]) -> dict[int, str]:
    """Contact -> position at the account on that day; nothing where there are several."""
    row = Place
    query = (
        select(col(row.contact_id), col(row.position))
        .where(col(row.account_id) == at.account, col(row.contact_id).in_(list(contacts)))
        .where(col(row.position).is_not(None))
        .where(or_(col(row.from_day).is_(None), col(row.from_day) <= at.day))
        .where(or_(col(row.until_day).is_(None), col(row.until_day) >= at.day))
        .distinct()
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for contact, position in session.execute(query):
        found[contact].append(position)
    return {contact: each[0] for contact, each in found.items() if len(each) == 1 and each[0]}


def topics(session: Session, at: Talk, people: People) -> tuple[Topic, ...]:
    """The topics of the contact matrix with those who attend; how often is nobody's business there."""
    row = ContactTarget
    query = (
        select(col(row.topic), col(Place.contact_id), col(Person.name))
        .join(Place, col(Place.id) == col(row.place_id))
        .join(Person, col(Person.id) == col(row.person_id))
        .where(col(Place.account_id) == at.account, col(Place.contact_id).in_(list(people.contacts)))
        .where(col(row.period_first) <= at.day, col(row.period_last) >= at.day)
        .where(or_(col(row.from_day).is_(None), col(row.from_day) <= at.day))
        .where(or_(col(row.until_day).is_(None), col(row.until_day) >= at.day))
        .where(col(row.topic).is_not(None))
        .order_by(col(row.id))
    )
    theirs: defaultdict[str, dict[str, None]] = defaultdict(dict)
    ours: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for topic, contact, person in session.execute(query):
        text = topic.strip()
        if text:
            theirs[text][people.contacts[contact]] = None
            ours[text][person] = None
    return tuple(Topic(text, tuple(theirs[text]), tuple(ours[text])) for text in theirs)


def given(session: Session, account: int, window: Period, today: date) -> tuple[Given, ...]:
    """What the account received, the newest first."""
    row = ServiceGiven
    columns = (row.day, row.quantity, row.value, row.hours, row.co2_kg, row.charge)
    query = (
        select(col(Service.name), col(Service.unit), *map(col, columns))
        .join(row, col(row.service_id) == col(Service.id))
        .where(col(row.account_id) == account)
        .where(col(row.day) >= window.first, col(row.day) <= min(window.last, today))
        .order_by(col(row.day).desc(), col(row.id).desc())
    )
    return tuple(
        Given(
            service, day, _plain(quantity), unit, value, _plain(hours), _plain(co2),
            None if charge is None else charge == Charge.CHARGED,
        )
        for service, unit, day, quantity, value, hours, co2, charge in session.execute(query)
    )  # fmt: skip


def _plain(number: Decimal | None) -> Decimal | None:
    """Without the zeros that a column adds behind the point, and never as 1E+2."""
    return None if number is None else Decimal(f"{number.normalize():f}")


def steps(session: Session, account: int, window: Period, today: date) -> tuple[Step, ...]:
    """The measures that the customer may know: open ones, and those done within the window."""
    row = Measure
    columns = (row.title, row.side, row.due_on, row.done_on, row.for_customer)
    query = (
        select(*map(col, columns), col(Person.name))
        .join(Person, col(Person.id) == col(row.owner_id), isouter=True)
        .where(col(row.account_id) == account)
        .where(or_(col(row.done_on).is_(None), col(row.done_on) >= window.first))
        .order_by(col(row.due_on).is_(None), col(row.due_on), col(row.id))
    )
    return tuple(
        Step(title, side, owner, due, done if done is not None and done <= today else None)
        for title, side, due, done, for_customer, owner in session.execute(query)
        if meant(side, for_customer)
    )


def further_talks(session: Session, at: Talk) -> tuple[date, ...]:
    """The days of the rounds after this one."""
    row = MeetingRound
    query = (
        select(col(row.day))
        .where(col(row.meeting_id) == at.meeting, col(row.id) != at.id)
        .where(col(row.day) > at.day, col(row.state) != "cancelled")
        .order_by(col(row.day))
    )
    return tuple(day for day in session.execute(query).scalars() if day is not None)


def shared(session: Session, account: int) -> list[Measured]:
    """The measures of an account, for who decides which of them the customer may know."""
    row = Measure
    query = (
        select(*map(col, (row.id, row.side, row.for_customer, row.title)))
        .where(col(row.account_id) == account)
        .order_by(col(row.id))
    )
    found = session.execute(query)
    return [Measured(number, side, meant(side, said), title) for number, side, said, title in found]
