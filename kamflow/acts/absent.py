"""Say on which days somebody is away: dates, never a reason. Stretches that touch become one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.errors import InputError, NotAllowed
from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store import absences, events, teams
from kamflow.store.engine import lock

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Away:
    """The whole stretch the days belong to now; `state` is noted, back, or already."""

    person: int
    state: str
    first: date
    last: date


def absent(
    session: Session, actor: int | None, person: int, first: date, last: date, now: datetime, company: Company
) -> Away:
    """Note that a person is away from `first` to `last`, both included.

    Raises:
        InputError: the last day lies before the first.
        NotAllowed: the actor is neither the person, their assistant, deputy, superior, nor the head.
    """
    _check(session, actor, person, first, last, now, company)
    touching = absences.between(session, person, first - _DAY, last + _DAY)
    if any(row.from_day <= first and last <= row.until_day for row in touching):
        whole = next(row for row in touching if row.from_day <= first and last <= row.until_day)
        return Away(person, "already", whole.from_day, whole.until_day)
    first_of_all = min([first, *(row.from_day for row in touching)])
    last_of_all = max([last, *(row.until_day for row in touching)])
    absences.replace(session, person, touching, [(first_of_all, last_of_all)])
    _record(session, "person.absent", actor, person, first, last, now)
    return Away(person, "noted", first_of_all, last_of_all)


def back(
    session: Session, actor: int | None, person: int, first: date, last: date, now: datetime, company: Company
) -> Away:
    """Take days of an absence back; what lies before and after them stays. Raises as `absent` does."""
    _check(session, actor, person, first, last, now, company)
    touching = absences.between(session, person, first, last)
    if not touching:
        return Away(person, "already", first, last)
    before = [(row.from_day, first - _DAY) for row in touching if row.from_day < first]
    after = [(last + _DAY, row.until_day) for row in touching if row.until_day > last]
    absences.replace(session, person, touching, before + after)
    _record(session, "person.back", actor, person, first, last, now)
    return Away(person, "back", first, last)


def _check(
    session: Session, actor: int | None, person: int, first: date, last: date, now: datetime, company: Company
) -> None:
    if last < first:
        raise InputError(f"{first}..{last}: the last day lies before the first; swap them")
    _check_rights(session, actor, person, days.local(session, actor, now, company))
    lock(session, f"absence:{person}")


def _check_rights(session: Session, actor: int | None, person: int, today: date) -> None:
    if actor is None:
        return
    rights.person(session, actor, "note an absence", today)
    row = session.get_one(Person, person)
    close = {person, row.superior_id, row.assistant_id, *teams.standing_in(session, [person])}
    if actor not in close and not rights.is_head(session, actor, today):
        raise NotAllowed(
            f"only {row.name}, their assistant, deputy or superior, the head of KAM or operations may note"
            " their absence"
        )


def _record(
    session: Session, name: str, actor: int | None, person: int, first: date, last: date, now: datetime
) -> None:
    events.record(
        session, name, now, actor=actor, person=person, first=first.isoformat(), last=last.isoformat()
    )
