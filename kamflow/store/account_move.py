"""What belongs to an account's KAM, moved to a successor from a day on.

Who looks after a group looks after its sites without a KAM of their own, so those move with it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, or_, select, update
from sqlmodel import Session, col

from kamflow.models.account import Account, Team, TeamRole
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.plan import AccountPlan, Measure, OpenQuestion, PlanState
from kamflow.store import events, families, target_move
from kamflow.store.asked import LEVELS
from kamflow.store.contacts import accounts_kams
from kamflow.store.engine import lock

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Move:
    """An account, its successor, and their first day."""

    account: int
    to: int
    on: date


@dataclass(frozen=True, slots=True)
class Moved:
    """Whose it was, the one with the longest standing first, and how much of each kind."""

    before: tuple[int, ...] = ()
    targets: int = 0
    measures: int = 0
    questions: int = 0
    plans: int = 0


def team(session: Session, account: int, to: int, on: date) -> list[Team]:
    """End the place of whoever would be KAM on the day or later, and begin the successor's; which ended.

    What was announced for later is taken back with it.
    """
    again = and_(col(Team.person_id) == to, col(Team.from_day) == on)
    rows = session.execute(
        select(Team)
        .where(col(Team.account_id) == account, col(Team.role) == TeamRole.KAM)
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= on - _DAY, again))
        .order_by(col(Team.from_day).nulls_first(), col(Team.id))
        .execution_options(populate_existing=True)
    )
    held = list(rows.scalars())
    own = [row for row in held if row.person_id == to and (row.from_day is None or row.from_day <= on)]
    ended = [row for row in held if row not in own and (row.until_day is None or row.until_day >= on)]
    for row in ended:
        row.until_day = on - _DAY
    if own:
        own[0].until_day = None
    else:
        session.add(Team(person_id=to, account_id=account, role=TeamRole.KAM, from_day=on))
    session.flush()
    return ended


def others_later(session: Session, account: int, to: int, on: date) -> bool:
    """Whether somebody else is announced as the account's KAM for a day after this one."""
    rows = session.execute(
        select(col(Team.id)).where(
            col(Team.account_id) == account,
            col(Team.role) == TeamRole.KAM,
            col(Team.person_id) != to,
            col(Team.from_day) > on,
            # What was taken back ends before it would have begun.
            or_(col(Team.until_day).is_(None), col(Team.until_day) >= col(Team.from_day)),
        )
    )
    return rows.first() is not None


def kams(session: Session, account: int, day: date) -> list[int]:
    """The KAMs in the account's own team on a day, the one with the longest standing first."""
    rows = session.execute(
        select(col(Team.person_id))
        .where(col(Team.account_id) == account, col(Team.role) == TeamRole.KAM)
        .where(or_(col(Team.from_day).is_(None), col(Team.from_day) <= day))
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= day))
        .order_by(col(Team.from_day).nulls_first(), col(Team.id))
    )
    return list(dict.fromkeys(rows.scalars()))


def until(session: Session, account: int, on: date) -> list[int]:
    """Who was KAM until the day before and is no more; of a site without a KAM that of what is above it."""
    place, stays = account, kams(session, account, on)
    for _ in range(LEVELS):
        if found := kams(session, place, on - _DAY):
            return [person for person in found if person not in stays]
        above = families.parents(session, [place])
        if place not in above:
            break
        place = above[place]
    return []


def everything(
    session: Session, move: Move, before: Iterable[int], now: datetime, actor: int | None = None
) -> Moved:
    """Give the successor what these people have open at the account, and write down what moved."""
    accounts, moved = with_sites(session, move.account, move.on), Moved()
    for person in before:
        _lock(session, accounts, person, move.to)
        changed = target_move.move(session, accounts, person, move.to, move.on, now.date())
        for place, each in changed:
            said = {"before": person, "person": move.to} | each
            events.record(session, "target.changed", now, actor=actor, account=place, **said)
        counts = {"targets": len(changed)} | _tasks(session, accounts, person, move.to)
        said = {"before": person, "to": move.to, "on": move.on.isoformat()} | counts
        events.record(session, "account.moved", now, actor=actor, account=move.account, **said)
        more = {name: getattr(moved, name) + count for name, count in counts.items()}
        moved = Moved((*moved.before, person), **more)
    return moved


def with_sites(session: Session, account: int, on: date) -> list[int]:
    """The account, and what lies below it without a KAM of its own."""
    found = level = [account]
    for _ in range(LEVELS):
        rows = session.execute(select(col(Account.id)).where(col(Account.parent_id).in_(level)))
        below = [number for number in rows.scalars() if number is not None]
        own = accounts_kams(session, below, on)
        level = sorted(number for number in below if number not in own and number not in found)
        if not level:
            break
        found = found + level
    return found


def _lock(session: Session, accounts: Collection[int], before: int, to: int) -> None:
    """Take the locks under which people change what is moved, in one order."""
    target, place = ContactTarget, Place
    contacts = session.execute(
        select(col(place.contact_id))
        .join(target, col(target.place_id) == col(place.id))
        .where(col(place.account_id).in_(accounts), col(target.person_id) == before)
    )
    for contact in sorted(set(contacts.scalars())):
        for person in sorted((before, to)):
            lock(session, f"target:{person}:{contact}")
    for account in sorted(accounts):
        lock(session, f"plan:{account}")
    for name, model in (("measure", Measure), ("question", OpenQuestion)):
        rows = session.execute(
            select(col(model.id)).where(col(model.account_id).in_(accounts), col(model.owner_id) == before)
        )
        for number in sorted(number for number in rows.scalars() if number is not None):
            lock(session, f"{name}:{number}")


def _tasks(session: Session, accounts: Collection[int], before: int, to: int) -> dict[str, int]:
    """Move open measures, open questions and the plans in work; how many of each."""
    moves = dict(_moves(accounts, before, to))
    counts = {name: cast("CursorResult[Any]", session.execute(move)).rowcount for name, move in moves.items()}
    session.expire_all()
    return counts


def _moves(accounts: Collection[int], before: int, to: int) -> Iterator[tuple[str, Any]]:
    """Whatever was exported before is of an older version now: a form must not give it back."""
    plan, measure, question = AccountPlan, Measure, OpenQuestion
    yield (
        "measures",
        (
            update(measure)
            .where(col(measure.account_id).in_(accounts), col(measure.owner_id) == before)
            .where(col(measure.done_on).is_(None))
            .values(owner_id=to, version=col(measure.version) + 1)
        ),
    )
    yield (
        "questions",
        (
            update(question)
            .where(col(question.account_id).in_(accounts), col(question.owner_id) == before)
            .where(col(question.answered_on).is_(None))
            .values(owner_id=to, version=col(question.version) + 1)
        ),
    )
    yield (
        "plans",
        (
            update(plan)
            .where(col(plan.account_id).in_(accounts), col(plan.author_id) == before)
            .where(col(plan.state).in_((PlanState.DRAFT, PlanState.RETURNED, PlanState.SUBMITTED)))
            .values(author_id=to)
        ),
    )
