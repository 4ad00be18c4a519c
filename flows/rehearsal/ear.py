"""Who hears what: the real cadence over nudges and tellings that are kept in memory.

A person of whom nothing can be worth telling before a day is not looked at until then.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from flows.rehearsal.open_rows import NUDGE, rows, worth_from
from kamflow.models.person import Role
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import calendars, starting, tellings
from kamflow.store.people import People
from kamflow.store.run import NO_ACCOUNT, Accounts
from kamflow.store.tellings import LastDigest, OpenNudge, Told
from notifications.cadence import ladder
from notifications.cadence.decide import Announcement, decide, due_digests
from notifications.cadence.sponsors import few, spared
from notifications.cadence.start import STARTED, Start
from notifications.compose import CLIMBS_BEFORE

_N = NUDGE.c
_UNBOUNDED = 1_000_000


@dataclass(frozen=True)
class _Readers(People):
    """Everybody, of whom only some are asked whether a digest is due."""

    asked: tuple[int, ...] = ()
    heads: dict[int, list[int]] = field(default_factory=dict, compare=False)

    def heads_of(self, person: int) -> list[int]:
        """As always, but looked up once: a ladder asks for every nudge."""
        known = self.heads.get(person)
        if known is None:
            known = self.heads[person] = super().heads_of(person)
        return known

    def __iter__(self) -> Iterator[int]:
        return iter(self.asked)

    def __len__(self) -> int:
        return len(self.asked)


@dataclass(frozen=True, slots=True)
class Heard:
    """An announcement and how many items had to wait because the budget was spent."""

    announcement: Announcement
    over: int


class Ear:
    """Open nudges with who was told of them, as the store would tell."""

    def __init__(self, session: Session, everybody: People, policy: Policy, company: Company) -> None:
        self._people, self._policy, self._company = everybody, policy, company
        self._quiet = calendars.quiet_weeks(policy.cadence, company)
        self._nudges: dict[int, OpenNudge] = {}
        self._of: defaultdict[int, set[int]] = defaultdict(set)
        self._within: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
        self._urgent: set[int] = set()
        self._ladders: dict[int, date] = {}
        self._wake: dict[int, date] = {}
        self._asked: Counter[tuple[int, date]] = Counter()
        self._last = tellings.last_digests(session)
        self._heads: dict[int, list[int]] = {}
        # Those to whom something climbs.
        self._above = [
            each.id for each in everybody.members.values() if each.leads or Role.HEAD in each.roles
        ]

    def begin(self, session: Session, today: date) -> None:
        """Take over what was open and told before; what still waits to be sent counts as told."""
        known = {each.id: each.told for each in tellings.open_nudges(session, self._people.members)}
        for row in session.execute(rows()):
            self._add(row, tuple(replace(told, unsent=False) for told in known.get(row.id, ())))
        month = today.replace(day=1)
        since = datetime.combine(month, time(), ZoneInfo(self._company.zone))
        for person, count in tellings.urgent_since(session, since).items():
            self._asked[person, month] = count

    def refresh(self, session: Session, rule: str, accounts: Accounts) -> None:
        """Read anew what is open of a rule about accounts."""
        scope = _N.account_id.in_(accounts)
        if NO_ACCOUNT in accounts:
            scope = scope | _N.account_id.is_(None)
        found = {row.id: row for row in session.execute(rows().where(_N.rule == rule, scope))}
        for account in accounts:
            for number in self._within.get((rule, account), set()) - found.keys():
                self._drop(number, account)
        for number, row in found.items():
            self._add(row, self._nudges[number].told if number in self._nudges else ())

    def tell(self, session: Session, now: datetime) -> list[Heard]:
        """What is told at this moment; it counts as told from now on."""
        today = now.astimezone(ZoneInfo(self._company.zone)).date()
        if not starting.live(self._policy.starting, today):
            return []
        start, cadence = self._start(session), self._policy.cadence
        climbing = [number for number, day in self._ladders.items() if day <= today]
        readers = self._readers(self._awake(now, bool(climbing)))
        slots = due_digests(readers, self._last, now, cadence, self._quiet, start)
        if not slots and not self._urgent:
            return []
        numbers = {number for person in slots for number in self._of[person]} | self._urgent
        numbers.update(climbing)
        month = today.replace(day=1)
        asked = {person: count for (person, on), count in self._asked.items() if on == month}
        known = [self._nudges[number] for number in sorted(numbers)]
        nudges = spared(known, self._people, asked, self._policy.sponsors)
        found = decide(nudges, readers, self._last, now, cadence, self._quiet, start)
        found = few(found, self._people, asked, self._policy.sponsors)
        over = self._over(found, nudges, now, start)
        heard = [Heard(each, over.get(each.key, 0)) for each in found]
        for each in found:
            self._remember(each, month)
        for person in {*slots, *(each.person for each in found)}:
            self._sleep(person, now)
        return heard

    def _start(self, session: Session) -> Start:
        first = starting.told_from(self._policy.starting, self._company)
        if first is None:
            return STARTED
        ramp = self._policy.starting
        return Start(first, ramp.ramp_days, ramp.ramp_items, starting.welcomed(session))

    def _add(self, row: Any, told: tuple[Told, ...]) -> None:
        account = row.account_id or NO_ACCOUNT
        nudge = OpenNudge(**{n: v for n, v in row._mapping.items() if n != "account_id"}, told=told)
        before = self._nudges.get(nudge.id)
        if before == nudge:
            return
        if before is not None and before.responsible != nudge.responsible:
            self._of[before.responsible].discard(nudge.id)
        self._nudges[nudge.id] = nudge
        self._of[nudge.responsible].add(nudge.id)
        self._within[nudge.rule, account].add(nudge.id)
        (self._urgent.add if nudge.urgency == "now" else self._urgent.discard)(nudge.id)
        self._climb(nudge)
        self._wake[nudge.responsible] = date.min

    def _climb(self, nudge: OpenNudge) -> None:
        """Note from when a step of its ladder may be told: calendar days reach further than working days."""
        told = {each.number for each in nudge.told if each.reason == "ladder" and not each.lost}
        days = [
            nudge.due_on + (timedelta(days=step.after) if step.after >= 0 else -CLIMBS_BEFORE)
            for step in ladder.steps(nudge.why)
            if step.number not in told
        ]
        if days:
            self._ladders[nudge.id] = min(days)
        else:
            self._ladders.pop(nudge.id, None)

    def _drop(self, number: int, account: int) -> None:
        nudge = self._nudges.pop(number)
        self._of[nudge.responsible].discard(number)
        self._within[nudge.rule, account].discard(number)
        self._urgent.discard(number)
        self._ladders.pop(number, None)

    def _awake(self, now: datetime, climbing: bool) -> Iterator[int]:
        woken = dict(self._wake) | dict.fromkeys(self._above if climbing else (), date.min)
        for person, day in woken.items():
            member = self._people.get(person)
            if member is not None and day <= now.astimezone(member.zone).date():
                yield person

    def _sleep(self, person: int, now: datetime) -> None:
        """Let a person be until something may be worth telling."""
        member = self._people[person]
        today = now.astimezone(member.zone).date()
        known = (self._nudges[number] for number in self._of[person])
        days = [day for nudge in known if (day := worth_from(nudge, member, today, self._policy.cadence))]
        if days:
            self._wake[person] = min(days)
        else:
            self._wake.pop(person, None)

    def _over(
        self, said: Iterable[Announcement], nudges: Sequence[OpenNudge], now: datetime, start: Start
    ) -> dict[str, int]:
        """How many items more each digest would have told, had the budget been larger."""
        usual, people = self._policy.cadence.items, self._people
        digests = (each for each in said if each.template == "digest")
        spent = {
            each.person: len(each.items)
            for each in digests
            if len(each.items) >= start.items(people[each.person], each.day, usual)
        }
        if not spent:
            return {}
        own = [nudge for nudge in nudges if nudge.responsible in spent or nudge.id in self._ladders]
        unbounded = self._policy.cadence.model_copy(update={"items": _UNBOUNDED})
        plain = replace(start, ramp_days=0)
        larger = decide(own, self._readers(spent), self._last, now, unbounded, self._quiet, plain)
        return {
            each.key: len(each.items) - spent[each.person] for each in larger if each.template == "digest"
        }

    def _readers(self, persons: Iterable[int]) -> _Readers:
        return _Readers(self._people.members, asked=tuple(persons), heads=self._heads)

    def _remember(self, said: Announcement, month: date) -> None:
        for line in said.told:
            told = Told(said.person, line.number, line.reason, line.stage, said.day)
            nudge = self._nudges[line.nudge]
            self._nudges[line.nudge] = changed = replace(nudge, told=(*nudge.told, told))
            self._climb(changed)
        if said.template == "digest":
            self._last[said.person] = LastDigest(said.day, said.day)
        elif said.template == "now":
            self._asked[said.person, month] += 1
