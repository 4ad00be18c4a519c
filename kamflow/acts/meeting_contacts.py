"""A round of an annual meeting is a contact of everybody who attends it, booked or held.

Who sees the buyer at the annual meeting must not be told to book the buyer once more. So a round with
people of both sides is logged like any other contact, and moves with its date: one contact per pair and
day, whoever else tells of it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import product

from kamflow.acts import log
from kamflow.acts.acting import Acting
from kamflow.acts.log import Entry
from kamflow.store import rounds
from kamflow.store.encounters import Pair
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

    @property
    def pairs(self) -> frozenset[Pair]:
        """Who meets whom."""
        return frozenset(product(self.persons, self.contacts))

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

    What somebody logged himself, and who is in another round of that day, stays.

    Raises:
        InputError: a contact has no place at the account.
    """
    account = talk.meeting.account_id
    gone = before.pairs if before.day != now.day else before.pairs - now.pairs
    if (
        before.day is not None
        and gone
        and (gone := gone - rounds.also_met(desk.session, before.day, talk.id))
    ):
        log.call_off(desk.session, desk.actor, account, before.day, gone, desk.now)
    if now.day is None or not now.persons or not now.contacts:
        return
    state = "held" if talk.round.state == "held" else "booked"
    if state == "held" or now.day >= desk.today:
        entry = Entry(sorted(now.persons), sorted(now.contacts), now.day, state=state, account=account)
        log.follow(desk.session, desk.actor, talk.id, entry, desk.now, desk.today)
