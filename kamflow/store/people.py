"""Our people on their days: who works when, who is away, who stands in. A few queries for all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.person import Absence, DepartmentLead, Person, PersonRole, Role
from kamflow.settings import Company
from kamflow.store import calendars
from kamflow.workdays import Calendar, Span, parse_closings, with_absences


@dataclass(frozen=True, slots=True)
class Member:
    """One of our people. `usual` is the calendar without absences, `calendar` the one with them."""

    id: int
    usual: Calendar
    calendar: Calendar
    zone: ZoneInfo
    absences: tuple[Span, ...] = ()
    language: str = "de"
    channel: str = "email"
    digest: str = "daily"
    level: str = "other"
    roles: frozenset[str] = frozenset()
    deputy: int | None = None
    superior: int | None = None
    assistant: int | None = None
    left_on: date | None = None
    leads: bool = False

    @property
    def sponsor(self) -> bool:
        """Tell whether the person is a sponsor and nothing that works with nudges beside it."""
        return Role.SPONSOR in self.roles and not self.roles & {Role.HEAD, Role.KAM}

    def absent(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.absences)

    def left(self, day: date) -> bool:
        """Tell whether the person is no longer with us; `left_on` is the last day."""
        return self.left_on is not None and day > self.left_on

    def works(self, day: date) -> bool:
        return self.calendar.is_workday(day) and not self.left(day)

    def days_back(self, day: date) -> int | None:
        """Working days from the end of the last absence to the day; None without one that cost a day."""
        over = [last for first, last in self.absences if last < day and self.usual.count(first, last)]
        if not over:
            return None
        return self.calendar.count(max(over), day)


@dataclass(frozen=True)
class People(Mapping[int, Member]):
    """All persons by id."""

    members: Mapping[int, Member]
    unknown_places: frozenset[int] = field(default=frozenset(), compare=False)

    def __getitem__(self, person: int) -> Member:
        return self.members[person]

    def __iter__(self) -> Iterator[int]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def stand_ins(self, person: int) -> tuple[int, ...]:
        """Who is asked in the person's place, in order: deputy, the deputy's deputy, else the head."""
        known = self._stand_ins.get(person)
        if known is None:
            deputy = self._of(person, "deputy")
            order = [deputy, self._of(deputy, "deputy"), *self._heads(person)]
            found = dict.fromkeys(other for other in order if other is not None and other in self.members)
            known = self._stand_ins[person] = tuple(other for other in found if other != person)
        return known

    def heads_of(self, person: int) -> list[int]:
        """Who is told as the head of KAM, the nearest first; above a head only their own superiors."""
        found = list(dict.fromkeys(self._heads(person)))
        if person not in found:
            return found
        return [other for other in self._above(person) if other in found]

    def _heads(self, person: int) -> list[int]:
        """Heads of KAM: those above the person first, from the nearest up, then the others by id."""
        return [other for other in self._above(person) if other in self._by_id] + self._by_id

    @cached_property
    def _by_id(self) -> list[int]:
        """The heads of KAM; found once, a night asks for every nudge."""
        return sorted(other.id for other in self.members.values() if Role.HEAD in other.roles)

    @cached_property
    def _stand_ins(self) -> dict[int, tuple[int, ...]]:
        return {}

    def _above(self, person: int) -> list[int]:
        above: list[int] = []
        superior = self._of(person, "superior")
        while superior is not None and superior not in above:
            above.append(superior)
            superior = self._of(superior, "superior")
        return above

    def _of(self, person: int | None, link: str) -> int | None:
        member = self.members.get(person) if person is not None else None
        return getattr(member, link) if member else None


def load(session: Session, company: Company, first: date, last: date) -> People:
    """Everybody, with the absences that touch the days from first to last.

    Holidays are those of the person's country and region; where these are unknown, those of the company
    count and the person is listed in `unknown_places`.
    """
    absences = _absences(session, first, last)
    roles = _roles(session)
    leading = set(session.execute(select(col(DepartmentLead.person_id))).scalars())
    usual_days = _Calendars(company, range(first.year, last.year + 1))
    members: dict[int, Member] = {}
    for person in session.execute(_QUERY):
        usual = usual_days.usual(person.id, person.country, person.region, person.weekdays)
        away = absences.get(person.id, ())
        members[person.id] = Member(
            id=person.id,
            usual=usual,
            calendar=with_absences(usual, away) if away else usual,
            zone=_zone(person.zone, company.zone),
            absences=away,
            language=person.language,
            channel=person.channel,
            digest=person.digest,
            level=person.level,
            roles=frozenset(roles.get(person.id, ())),
            deputy=person.deputy_id,
            superior=person.superior_id,
            assistant=person.assistant_id,
            left_on=person.left_on,
            leads=person.id in leading,
        )
    return People(members, frozenset(usual_days.unknown))


# Columns, not rows of the mapper: several times faster.
_QUERY = select(
    col(Person.id),
    col(Person.country),
    col(Person.region),
    col(Person.weekdays),
    col(Person.zone),
    col(Person.language),
    col(Person.channel),
    col(Person.digest),
    col(Person.level),
    col(Person.deputy_id),
    col(Person.superior_id),
    col(Person.assistant_id),
    col(Person.left_on),
).order_by(col(Person.id))


class _Calendars:
    """Builds each usual calendar once: people of one place and week share it."""

    def __init__(self, company: Company, years: range) -> None:
        self.unknown: set[int] = set()
        self._company = company
        self._closings = parse_closings(company.closings)
        self._years = years
        self._built: dict[tuple[str, str | None, str], Calendar | None] = {}

    def usual(self, person: int, country: str, region: str | None, weekdays: str) -> Calendar:
        key = (country, region, weekdays)
        if key not in self._built:
            self._built[key] = self._build(*key)
        found = self._built[key]
        if found is None:
            # An unknown region must not silence a person, nor stop everybody else's messages.
            self.unknown.add(person)
            return self.usual(person, self._company.country, self._company.region, weekdays)
        return found

    def _build(self, country: str, region: str | None, weekdays: str) -> Calendar | None:
        found = calendars.at_place(self._company, country, region, weekdays, self._closings)
        if found is not None:
            for year in self._years:
                found.bits(year)
        return found


def _absences(session: Session, first: date, last: date) -> dict[int, tuple[Span, ...]]:
    rows = session.execute(
        select(col(Absence.person_id), col(Absence.from_day), col(Absence.until_day))
        .where(col(Absence.from_day) <= last, col(Absence.until_day) >= first)
        .where(col(Absence.from_day) <= col(Absence.until_day))
        .order_by(col(Absence.from_day), col(Absence.id))
    )
    found: dict[int, tuple[Span, ...]] = {}
    for person, from_day, until_day in rows:
        found[person] = (*found.get(person, ()), (from_day, until_day))
    return found


def _roles(session: Session) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for person, role in session.execute(select(col(PersonRole.person_id), col(PersonRole.role))):
        found.setdefault(person, set()).add(role)
    return found


def _zone(name: str, otherwise: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(otherwise)
