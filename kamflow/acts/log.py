"""Log what took place, is booked or was called off between our people and the customer's.

Everybody named met everybody named: one visit of two people to two contacts fills four cells of the
matrix. The same pair counts once a day, whoever tells it and however often.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import met_at, rights
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.interaction import Interaction, InteractionState
from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store import assigned, encounters, events, teams
from kamflow.store.encounters import Pair
from kamflow.store.engine import lock

KINDS = ("visit", "call", "video", "mail", "event")
OURS = "kamflow"
_SAID = {"held": "counted", "booked": "booked", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Entry:
    """What somebody tells. Without a day it is today; without a state, held or (later) booked.

    `account` is only needed for a contact with places at several accounts, or with none.
    """

    persons: Sequence[int]
    contacts: Sequence[int]
    day: date | None = None
    kind: str = "visit"
    state: str | None = None
    account: int | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of one pair: counted, booked, cancelled, or already so."""

    person: int
    contact: int
    account: int
    day: date
    said: str


def log(session: Session, actor: int | None, entry: Entry, now: datetime, company: Company) -> list[Receipt]:
    """Write interactions and say of each pair what counts.

    Raises:
        InputError: nobody named, a day that does not fit the state, or an unclear account.
        NotAllowed: the actor was not in it, stands in for nobody who was, and is neither in the account's
            team nor the head.
        NotFound: there is nothing to cancel.
    """
    today = days.local(session, actor, now, company)
    day = entry.day or today
    state = _state(entry, day, today)
    if not entry.persons or not entry.contacts:
        raise InputError("a contact needs somebody of both sides: name a person and a contact")
    by_account = _by_account(session, entry, day)
    _check_rights(session, actor, entry, list(by_account), today)
    return _write(_Told(session, actor, 0, day, entry.kind, state, now), entry.persons, by_account)


def follow(
    session: Session, actor: int | None, talk: int, entry: Entry, now: datetime, today: date
) -> list[Receipt]:
    """Log what follows from a round of a meeting, whose actor may, as its act has asked. Raises as `log`."""
    day = entry.day or today
    told = _Told(session, actor, 0, day, entry.kind, _state(entry, day, today), now, talk)
    return _write(told, entry.persons, _by_account(session, entry, day))


def call_off(
    session: Session, actor: int | None, account: int, day: date, gone: Collection[Pair], now: datetime
) -> None:
    """Cancel what `follow` booked for these pairs; what people or other systems told stays."""
    lock(session, encounters.LOCK)
    known = encounters.on(session, day, {person for person, _ in gone}, {contact for _, contact in gone})
    changing: dict[int, tuple[Interaction, list[Pair]]] = {}
    for pair in sorted(gone):
        for row in known.get(pair, ()):
            if row.round_id is not None and row.state == InteractionState.BOOKED:
                changing.setdefault(row.id or 0, (row, []))[1].append(pair)
    for row, moved in changing.values():
        where = row.account_id or account
        _Told(session, actor, where, day, row.kind, InteractionState.CANCELLED, now).change(row, moved)


def _by_account(session: Session, entry: Entry, day: date) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for contact in dict.fromkeys(entry.contacts):
        found.setdefault(met_at.account(session, contact, day, entry.account), []).append(contact)
    return found


def _write(told: "_Told", persons: Sequence[int], by_account: dict[int, list[int]]) -> list[Receipt]:
    lock(told.session, encounters.LOCK)
    receipts: list[Receipt] = []
    for account, contacts in by_account.items():
        part = replace(told, account=account)
        receipts += part.write(list(product(dict.fromkeys(persons), contacts)))
    return receipts


def called(session: Session, person: int, contact: int) -> str:
    """A pair as people call it: "Witt x Paul"."""
    return f"{session.get_one(Person, person).name} x {session.get_one(Contact, contact).name}"


@dataclass(frozen=True)
class _Told:
    """One account's part of an entry."""

    session: Session
    actor: int | None
    account: int
    day: date
    kind: str
    state: InteractionState
    now: datetime
    talk: int | None = None  # the round that it is for

    def write(self, pairs: list[Pair]) -> list[Receipt]:
        known = encounters.on(self.session, self.day, {p for p, _ in pairs}, {c for _, c in pairs})
        if self.state == InteractionState.CANCELLED:
            self._refuse_unknown([pair for pair in pairs if pair not in known])
        settled = {pair for pair in pairs if pair in known and self._settles(known[pair][0])}
        changing: dict[int, tuple[Interaction, list[Pair]]] = {}
        new: list[Pair] = []
        for pair in pairs:
            if pair in settled:
                continue
            rows = self._to_change(known.get(pair, []))
            for row in rows:
                changing.setdefault(row.id or 0, (row, []))[1].append(pair)
            new += [] if rows else [pair]
        for row, moved in changing.values():
            self.change(row, moved)
        if new:
            self._record(encounters.add(self.session, self._interaction(), new), self.account, new)
        return [self._receipt(pair, known[pair][0] if pair in settled else None) for pair in pairs]

    def _settles(self, best: Interaction) -> bool:
        """Tell whether it is so already; who has met on that day need not book it any more."""
        return best.state == self.state or (best.state == "held" and self.state == "booked")

    def _to_change(self, rows: list[Interaction]) -> list[Interaction]:
        if self.state == InteractionState.CANCELLED:
            return [row for row in rows if row.state != self.state]
        # What another system told as booked stays as it told it, or its next import would undo ours:
        # the pair's held contact stands beside it and goes first.
        return [row for row in rows if row.state == InteractionState.BOOKED and row.source == OURS][:1]

    def _refuse_unknown(self, pairs: list[Pair]) -> None:
        if pairs:
            who = ", ".join(called(self.session, *pair) for pair in pairs)
            raise NotFound(f"nothing to cancel on {self.day}: no contact {who} is known")

    def change(self, row: Interaction, pairs: list[Pair]) -> None:
        """Give pairs their new state; who else is in it keeps the old one."""
        number = row.id or 0
        if encounters.pairs(self.session, number) <= set(pairs):
            row.state = self.state
        else:
            part = self._interaction(row.kind, row.source)
            # Or the next import of the whole would find these pairs missing and bring them back.
            part.part_of_id = row.part_of_id or number
            part.round_id = row.round_id
            encounters.move(self.session, pairs, number, encounters.add(self.session, part, ()))
            number = part.id or 0
        self._record(number, row.account_id or self.account, pairs)

    def _interaction(self, kind: str | None = None, source: str = OURS) -> Interaction:
        return Interaction(
            account_id=self.account,
            kind=kind or self.kind,
            state=self.state,
            day=self.day,
            source=source,
            logged_by_id=self.actor,
            round_id=self.talk,
        )

    def _record(self, interaction: int, account: int, pairs: list[Pair]) -> None:
        events.record(
            self.session,
            f"interaction.{self.state.value}",
            self.now,
            actor=self.actor,
            account=account,
            interaction=interaction,
            day=self.day.isoformat(),
            pairs=[list(pair) for pair in pairs],
        )

    def _receipt(self, pair: Pair, settled: Interaction | None) -> Receipt:
        said = f"already {_SAID[settled.state]}" if settled else _SAID[self.state]
        return Receipt(*pair, account=self.account, day=self.day, said=said)


def _state(entry: Entry, day: date, today: date) -> InteractionState:
    if entry.kind not in KINDS:
        raise InputError(f"kind {entry.kind!r}: expected one of {', '.join(KINDS)}")
    if entry.state is None:
        return InteractionState.BOOKED if day > today else InteractionState.HELD
    if entry.state not in _SAID:
        raise InputError(f"state {entry.state!r}: expected one of {', '.join(_SAID)}")
    if entry.state == "held" and day > today:
        raise InputError(f"{day} is still to come: a contact on that day is booked, not held")
    if entry.state == "booked" and day < today:
        raise InputError(f"{day} is past: a contact on that day was held or cancelled, not booked")
    return InteractionState(entry.state)


def _check_rights(
    session: Session, actor: int | None, entry: Entry, accounts: Sequence[int], today: date
) -> None:
    # Operations enter what took place as an import would; everybody may tell what they were in, and for
    # whom they assist or stand in for: a reminder of theirs is told to them too.
    if actor is None:
        return
    rights.person(session, actor, "log a contact", today)
    beside = teams.assisting(session, entry.persons) | teams.standing_in(session, entry.persons)
    if actor in {*entry.persons, *beside}:
        return
    for account in accounts:
        if assigned.holds(session, actor, "contact_shortfall", account):
            continue
        rights.for_account(session, actor, session.get_one(Account, account), "log its contacts", today)
