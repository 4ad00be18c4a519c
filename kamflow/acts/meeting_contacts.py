"""A round of an annual meeting is a contact of everybody who attends it, booked or held.

Who sees the buyer at the annual meeting must not be told to book the buyer once more. So a round with
people of both sides is logged like any other contact, and moves with its date: one contact per pair and
day, whoever else tells of it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from kamflow.acts import log
from kamflow.acts.acting import Acting
from kamflow.acts.log import Entry
from kamflow.store import rounds
from kamflow.store.rounds import Talk

_OFF = frozenset[int](), frozenset[int]()


@dataclass(frozen=True)
class Seen:
    """A round as it stands: when and where it is, and who attends of both sides."""

    day: date | None
    starts_at: datetime | None
    place: str | None
    cancelled: bool
    persons: frozenset[int]
    contacts: frozenset[int]

    def moved(self, now: "Seen") -> bool:
        """Tell whether papers have to be made anew: another day, or booked once more."""
        back = self.cancelled and not now.cancelled
        return self.day is not None and (back or self.day != now.day)

    def differs(self, now: "Seen") -> bool:
        """Tell whether calendars have to be changed: moved, or another time or place."""
        other = (self.starts_at, self.place) != (now.starts_at, now.place)
        return self.moved(now) or (self.day is not None and other)


def seen(desk: Acting, talk: Talk) -> Seen:
    """The round as it stands now; nobody attends what is cancelled."""
    row, cancelled = talk.round, talk.round.state == "cancelled"
    people = _OFF if cancelled else rounds.attendees(desk.session, talk.id)
    return Seen(row.day, row.starts_at, row.place, cancelled, *people)


def follow(desk: Acting, talk: Talk, before: Seen, now: Seen) -> None:
    """Log the round as it stands now, and call off what was booked for it before.

    Raises:
        InputError: a contact has no place at the account.
    """
    account = talk.meeting.account_id
    if before.day is not None and before.persons and before.contacts:
        gone = _entries(before, account) if before.day != now.day else _left(before, now, account)
        for entry in gone:
            log.call_off(desk.session, desk.actor, entry, desk.now, desk.today)
    if now.day is None or not now.persons or not now.contacts:
        return
    state = "held" if talk.round.state == "held" else "booked"
    if state == "held" or now.day >= desk.today:
        [entry] = _entries(now, account, state)
        log.follow(desk.session, desk.actor, entry, desk.now, desk.today)


def _left(before: Seen, now: Seen, account: int) -> list[Entry]:
    """The pairs of which one does not attend any more."""
    persons, contacts = before.persons - now.persons, before.contacts - now.contacts
    stayed = before.persons & now.persons
    found = [Entry(sorted(persons), sorted(before.contacts), before.day, account=account)]
    found.append(Entry(sorted(stayed), sorted(contacts), before.day, account=account))
    return [entry for entry in found if entry.persons and entry.contacts]


def _entries(one: Seen, account: int, state: str | None = None) -> list[Entry]:
    return [Entry(sorted(one.persons), sorted(one.contacts), one.day, state=state, account=account)]
