"""Which accounts an event concerns: its own and those above it, or all that a person has to do with."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Team
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.meeting import Request, RequestState
from kamflow.models.nudge import StoredNudge
from kamflow.models.plan import Measure
from kamflow.store import families
from kamflow.store.run import Accounts

PERSON = ("person.absent", "person.back")
HIGHEST = 10  # levels above an account; a circle by mistake ends here


class Happened(NamedTuple):
    """An event, as far as it sets something in motion."""

    id: int
    name: str
    account: int | None
    payload: Mapping[str, Any]
    trace: str | None = None


def accounts(session: Session, events: Iterable[Happened], today: date) -> dict[int, Accounts | None]:
    """Event -> the accounts it concerns; None: all of them."""
    events = list(events)
    above = _above(session, {each.account for each in events if each.account is not None})
    people = {each.payload["person"] for each in events if each.name in PERSON}
    of_person = {person: _of_person(session, person, today) for person in sorted(people)}
    return {each.id: _of_event(each, above, of_person) for each in events}


def _of_event(
    event: Happened, above: Mapping[int, Accounts], of_person: Mapping[int, Accounts]
) -> Accounts | None:
    if event.account is not None:
        return above[event.account]
    if event.name in PERSON:
        return of_person[event.payload["person"]]
    return None


def _above(session: Session, wanted: set[int]) -> dict[int, Accounts]:
    """Account -> itself and the groups it belongs to: they add up what their sites have."""
    parents: dict[int, int] = {}
    level = set(wanted)
    for _ in range(HIGHEST):
        level = level - parents.keys()
        if not level:
            break
        found = families.parents(session, level)
        parents |= found
        level = set(found.values())
    return {account: _line(account, parents) for account in wanted}


def _line(account: int, parents: Mapping[int, int]) -> Accounts:
    line = [account]
    while (parent := parents.get(line[-1])) is not None and parent not in line:
        line.append(parent)
    return frozenset(line)


def _of_person(session: Session, person: int, today: date) -> Accounts:
    """In the team, with a target, with something open: nudge, request or measure."""
    found: set[int] = set()
    for query in _queries(today):
        found.update(session.execute(query, {"person": person}).scalars())
    return frozenset(found)


def _queries(today: date) -> tuple[Select[Any], ...]:
    person = bindparam("person")
    nudge, request = StoredNudge, Request
    team = select(col(Team.account_id)).where(
        col(Team.person_id) == person, or_(col(Team.until_day).is_(None), col(Team.until_day) >= today)
    )
    targets = (
        select(col(Place.account_id))
        .join(ContactTarget, col(ContactTarget.place_id) == col(Place.id))
        .where(col(ContactTarget.person_id) == person, col(ContactTarget.period_last) >= today)
    )
    nudges = (
        select(col(nudge.account_id))
        .where(or_(col(nudge.owner_id) == person, col(nudge.assignee_id) == person))
        .where(col(nudge.closed_at).is_(None), col(nudge.account_id).is_not(None))
    )
    requests = select(col(request.account_id)).where(
        col(request.specialist_id) == person, col(request.state) == RequestState.OPEN
    )
    measures = select(col(Measure.account_id)).where(
        col(Measure.owner_id) == person, col(Measure.done_on).is_(None)
    )
    return team, targets, nudges, requests, measures
