"""Calendar entries for the hand-ins of account plans: who has one, and of which day.

The plan keeps the UID of its entry and the highest SEQUENCE that was written, as a round of a meeting does.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures.plan_progress import Entry
from kamflow.models.account import Account
from kamflow.models.message import Document, MessageState, StoredMessage
from kamflow.models.plan import AccountPlan
from kamflow.nudge import Effect
from kamflow.store import carried, entry_uids
from kamflow.store.carried import Carried
from kamflow.store.messages import ENDED_UNSENT
from kamflow.store.run import Run

KIND = "calendar"
TEMPLATE = "hand_in_entry"
_OUT = (MessageState.SENT, MessageState.SENDING, MessageState.AMBIGUOUS)
Whose: TypeAlias = tuple[int, int]
# A plan by its account and the first day of its year.
Written: TypeAlias = tuple[int, date]


class Planned(NamedTuple):
    """A plan as it stands: whose account, in which state, and whether the account is still served."""

    account: int
    state: str
    closed_on: date | None


class Sent(NamedTuple):
    """The entry that a person was sent last for a plan."""

    method: str
    day: str


def write_entries(run: Run, effects: Sequence[Effect]) -> None:
    """Put entries into the outbox, one for each person, and keep what they say."""
    plans = _plans(run, {_whose(effect) for effect in effects})
    there = [effect for effect in effects if _whose(effect) in plans]
    carried.write(run, [_carried(effect, plans[_whose(effect)]) for effect in there])


def _whose(effect: Effect) -> Written:
    """Which plan it is about: an effect may come in the night in which the plan is drafted."""
    return effect.account or 0, date.fromisoformat(effect.facts["year"]["first"])


def _plans(run: Run, wanted: Collection[Written]) -> dict[Written, AccountPlan]:
    """The plans, with the UID and the SEQUENCE that they keep from now on."""
    found = run.session.execute(
        select(AccountPlan)
        .where(col(AccountPlan.account_id).in_({account for account, _ in wanted}))
        .where(col(AccountPlan.year_first).in_({first for _, first in wanted}))
    )
    rows = ((row.account_id, row.year_first, row) for row in found.scalars())
    plans = {(account, first): row for account, first, row in rows if (account, first) in wanted}
    for row in plans.values():
        row.sequence = 0 if row.uid is None else row.sequence + 1
        row.uid = row.uid or entry_uids.new(run, f"plan.{row.id}")
    run.session.flush()
    return plans


def _carried(effect: Effect, plan: AccountPlan) -> Carried:
    more = {"plan": plan.id, "account": effect.account, "uid": plan.uid, "sequence": plan.sequence}
    return Carried(
        document=KIND,
        message=KIND,
        template=TEMPLATE,
        key=effect.key,
        account=effect.account,
        person=effect.facts["person"],
        facts=dict(effect.facts) | more,
        until=date.fromisoformat(effect.facts["day"]),
    )


def entries(session: Session, accounts: Collection[int], plans: Iterable[int]) -> dict[int, dict[int, Entry]]:
    """Plan -> person -> the entries they were made so far.

    One that never went out, because it was cancelled or could not be delivered, changed no calendar.
    """
    found: dict[int, dict[int, Entry]] = {}
    for row in session.execute(_written(accounts, plans)):
        people = found.setdefault(row.plan, {})
        before, day = people.get(row.person_id, Entry()), date.fromisoformat(row.day)
        told = day if row.method == "request" else None
        people[row.person_id] = Entry(
            before.made + 1, told, before.invited if row.state in ENDED_UNSENT else told
        )
    return found


def sent(
    session: Session, accounts: Collection[int], plans: Iterable[int], apart: Collection[int]
) -> dict[Whose, Sent]:
    """(Plan, person) -> the entry that went out last, or is on its way in a message not named in `apart`."""
    message = StoredMessage
    out = _written(accounts, plans).where(col(message.state).in_(_OUT), col(message.id).not_in(apart))
    return {(row.plan, row.person_id): Sent(row.method, row.day) for row in session.execute(out)}


def newest(session: Session, accounts: Collection[int], plans: Iterable[int]) -> dict[Whose, int]:
    """(Plan, person) -> the message that carries the entry written last."""
    return {(row.plan, row.person_id): row.message for row in session.execute(_written(accounts, plans))}


def held(session: Session, accounts: Collection[int], today: date) -> set[int]:
    """Those of the accounts, closed by now, that have a plan of which somebody was sent an entry."""
    rows = session.execute(
        select(col(AccountPlan.account_id))
        .join(Account, col(Account.id) == col(AccountPlan.account_id))
        .where(col(AccountPlan.account_id).in_(accounts), col(AccountPlan.uid).is_not(None))
        .where(col(Account.closed_on) <= today, col(AccountPlan.year_last) >= today)
    )
    return set(rows.scalars())


def planned(session: Session, plans: Iterable[int]) -> dict[int, Planned]:
    """Plans by row."""
    plan, account = AccountPlan, Account
    rows = session.execute(
        select(col(plan.id), col(plan.account_id), col(plan.state), col(account.closed_on))
        .join(account, col(account.id) == col(plan.account_id))
        .where(col(plan.id).in_(set(plans)))
    )
    return {number: Planned(*rest) for number, *rest in rows if number is not None}


def _written(accounts: Collection[int], plans: Iterable[int]) -> Any:
    """All entries for these plans, in the order in which they were written."""
    entry, message = Document, StoredMessage
    plan = col(entry.facts)["plan"].as_integer()
    return (
        select(
            plan.label("plan"),
            col(entry.person_id),
            col(entry.facts)["method"].as_string().label("method"),
            col(entry.facts)["day"].as_string().label("day"),
            col(message.id).label("message"),
            col(message.state),
        )
        .join(message, col(message.id) == col(entry.message_id))
        .where(col(entry.kind) == KIND, col(entry.account_id).in_(accounts), plan.in_(list(plans)))
        .order_by(col(entry.id))
    )
