"""Who comes to an annual meeting: our people, contacts, the sponsor, and who of them is of the board."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Team, TeamRole
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.meeting import MeetingAttendee
from kamflow.models.person import Level, Person
from kamflow.store import asked
from kamflow.store.run import Run


class Attendees(NamedTuple):
    """Who is in a round, of either side."""

    persons: tuple[int, ...] = ()
    contacts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Board:
    """Who of the board is there: ours by id, theirs by account, and accounts with a target for one."""

    persons: frozenset[int] = frozenset()
    contacts: dict[int, set[int]] = field(default_factory=dict)
    targeted: frozenset[int] = frozenset()

    def expected(self, account: int, sponsor: int | None, attendees: Iterable[Attendees]) -> bool:
        """Whether somebody of the board is expected, on either side."""
        ours = {person for each in attendees for person in each.persons} | {sponsor}
        theirs = {contact for each in attendees for contact in each.contacts}
        if self.persons & ours:
            return True
        return bool(self.contacts.get(account, set()) & theirs) if theirs else account in self.targeted


def attendees(session: Session, rounds: Iterable[int]) -> dict[int, Attendees]:
    """Who is in each of these rounds."""
    row = MeetingAttendee
    rows = session.execute(
        select(col(row.round_id), col(row.person_id), col(row.contact_id))
        .where(col(row.round_id).in_(list(rounds)))
        .order_by(col(row.id))
    )
    persons: defaultdict[int, dict[int, None]] = defaultdict(dict)
    contacts: defaultdict[int, dict[int, None]] = defaultdict(dict)
    for talk, person, contact in rows:
        if person is not None:
            persons[talk][person] = None
        if contact is not None:
            contacts[talk][contact] = None
    return {
        talk: Attendees(tuple(persons[talk]), tuple(contacts[talk]))
        for talk in {*persons, *contacts}
    }  # fmt: skip


def sponsors(run: Run, accounts: Iterable[int]) -> dict[int, int]:
    """The sponsor of each account; a site without one has that of what it belongs to."""
    return sponsors_on(run.session, accounts, run.today)


def sponsors_on(session: Session, accounts: Iterable[int], day: date) -> dict[int, int]:
    """As `sponsors`, on a day."""
    return asked.upwards(session, accounts, lambda places: _sponsors(session, places, day))


def board(session: Session, accounts: Collection[int], people: Iterable[int], today: date) -> Board:
    """Who of these people, and of the contacts of these accounts, is of the board."""
    ours = session.execute(
        select(col(Person.id)).where(col(Person.id).in_(set(people)), col(Person.level) == Level.BOARD)
    )
    contacts: defaultdict[int, set[int]] = defaultdict(set)
    targeted: set[int] = set()
    for account, contact, targets in session.execute(_board_places(accounts, today)):
        contacts[account].add(contact)
        if targets:
            targeted.add(account)
    persons = frozenset(number for number in ours.scalars() if number is not None)
    return Board(persons, dict(contacts), frozenset(targeted))


def _board_places(accounts: Collection[int], today: date) -> Any:
    target = ContactTarget
    aimed = and_(
        col(target.place_id) == col(Place.id),
        col(target.soll) > 0,
        col(target.period_last) >= today,
        or_(col(target.until_day).is_(None), col(target.until_day) >= today),
    )
    return (
        select(
            col(Place.account_id),
            col(Place.contact_id),
            func.count(case((col(target.id).is_not(None), 1))),
        )
        .outerjoin(target, aimed)
        .where(col(Place.account_id).in_(accounts), col(Place.level) == Level.BOARD)
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= today))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .group_by(col(Place.account_id), col(Place.contact_id))
    )


def _sponsors(session: Session, accounts: Iterable[int], today: date) -> dict[int, int]:
    """The one with the longest standing, of those who have not left."""
    rows = session.execute(
        select(col(Team.account_id), col(Team.person_id))
        .join(Person, col(Person.id) == col(Team.person_id))
        .where(col(Team.account_id).in_(set(accounts)), col(Team.role) == TeamRole.SPONSOR)
        .where(or_(col(Team.from_day).is_(None), col(Team.from_day) <= today))
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= today))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= today))
        .order_by(col(Team.from_day).desc().nulls_last(), col(Team.id).desc())
    )
    return dict(rows.tuples().all())
