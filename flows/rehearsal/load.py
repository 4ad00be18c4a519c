"""How much comes to whom: per week and role, or per person where no works council watches."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col

from flows.rehearsal.record import Record
from flows.runtime import Home
from kamflow.models.account import Team
from kamflow.models.person import Person, PersonRole, Role
from kamflow.store.open_nudges import ENOUGH_PEOPLE

OTHERS = "others"
_ORDER = (Role.KAM, Role.HEAD, Role.SPONSOR, Role.SPECIALIST, Role.ASSISTANT, Role.OPERATIONS)


@dataclass(frozen=True)
class Row:
    """The load of a role (or person): per week the items told to one person on average."""

    label: str
    roles: tuple[str, ...]
    people: int
    items: tuple[float, ...]
    messages: int
    days_over: int
    idle_weeks: int


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def load(
    session: Session, record: Record, home: Home, weeks: tuple[date, ...]
) -> tuple[tuple[Row, ...], int]:
    """The rows, and how many people are in none because they are too few."""
    roles = _roles(session, record)
    if not home.settings.works_council:
        names = dict(session.execute(select(col(Person.id), col(Person.name))).tuples().all())
        rows = [
            _row(record, weeks, names.get(person) or str(person), (role,), [person])
            for person, role in roles.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-sum(row.items), row.label))), 0
    groups, hidden = _groups(roles)
    return tuple(_row(record, weeks, "+".join(names), names, people) for names, people in groups), hidden


def _groups(roles: Mapping[int, str]) -> tuple[list[tuple[tuple[str, ...], list[int]]], int]:
    """Roles of at least five people; smaller ones together, with the next larger one if it takes that."""
    by_role: defaultdict[str, list[int]] = defaultdict(list)
    for person, role in roles.items():
        by_role[role].append(person)
    ordered = sorted(by_role.items(), key=lambda pair: len(pair[1]))
    few = [(role, people) for role, people in ordered if len(people) < ENOUGH_PEOPLE]
    enough = [(role, people) for role, people in ordered if len(people) >= ENOUGH_PEOPLE]
    while few and sum(len(people) for _, people in few) < ENOUGH_PEOPLE and enough:
        few.append(enough.pop(0))
    together = [person for _, people in few for person in people]
    groups: list[tuple[tuple[str, ...], list[int]]] = [((role,), people) for role, people in enough]
    if len(together) >= ENOUGH_PEOPLE:
        groups.append((tuple(role for role, _ in few), together))
        together = []
    places = {role: number for number, role in enumerate((*_ORDER, OTHERS))}
    return sorted(groups, key=lambda group: min(places.get(role, 99) for role in group[0])), len(together)


def _roles(session: Session, record: Record) -> dict[int, str]:
    """Everybody who may be told something, with the first of their roles."""
    held: defaultdict[int, set[str]] = defaultdict(set)
    for person, role in session.execute(select(col(PersonRole.person_id), col(PersonRole.role))):
        held[person].add(role)
    here = or_(col(Person.left_on).is_(None), col(Person.left_on) >= record.first)
    known = set(session.execute(select(col(Person.id)).where(here)).scalars())
    told = {person for person, _ in record.messages}
    concerned = told | held.keys() | set(session.execute(select(col(Team.person_id))).scalars())
    return {
        person: next((role.value for role in _ORDER if role in held[person]), OTHERS)
        for person in sorted(concerned & known | told)
    }


def _row(
    record: Record, weeks: tuple[date, ...], label: str, roles: tuple[str, ...], people: Iterable[int]
) -> Row:
    own = set(people)
    items: Counter[date] = Counter()
    for (person, day), count in record.items.items():
        if person in own:
            items[monday(day)] += count
    messages = sum(count for (person, _), count in record.messages.items() if person in own)
    return Row(
        label=label,
        roles=roles,
        people=len(own),
        items=tuple(round(items[week] / len(own), 2) for week in weeks),
        messages=messages,
        days_over=sum(person in own for person, _ in record.over),
        idle_weeks=sum(not items[week] for week in weeks),
    )
