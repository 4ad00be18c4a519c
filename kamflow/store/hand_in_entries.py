"""Calendar entries for the hand-ins of account plans: who has one, and of which day.

The plan keeps the UID of its entry and the highest SEQUENCE that was written, as a round of a meeting does.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, select
from sqlmodel import Session, col

from kamflow.figures.plan_entries import A_MORNING, spread
from kamflow.figures.plan_progress import Entry
from kamflow.models.account import Account
from kamflow.models.message import Document, MessageState, StoredMessage
from kamflow.models.plan import AccountPlan
from kamflow.nudge import Effect
from kamflow.store import carried, entry_uids
from kamflow.store.carried import Carried
from kamflow.store.messages import DUE, ENDED_UNSENT
from kamflow.store.mornings import Mornings
from kamflow.store.run import Run

RULE = "plan_creation"
KIND = "calendar"
TEMPLATE = "hand_in_entry"
# Why an entry was not sent that may be wanted again: the account or the plan comes back.
GONE, ELSEWHERE, HANDED_IN = "plan-gone", "account-elsewhere", "plan-handed-in"
_MAY_COME_BACK = (GONE, ELSEWHERE, HANDED_IN)
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
    leaves = _mornings(run, there)
    carried.write(run, [_carried(each, plans[_whose(each)], leaves.get(each.key)) for each in there])


def _mornings(run: Run, effects: Iterable[Effect]) -> dict[str, date]:
    """Entry -> the morning on which it leaves: nobody is sent many at once. One taken back leaves at once."""
    own: dict[int, list[Effect]] = {}
    for effect in effects:
        if effect.facts["method"] == "request":
            own.setdefault(effect.facts["person"], []).append(effect)
    if not own:
        return {}
    mornings, leaves = Mornings(run, own), dict[str, date]()
    waiting = _waiting(run, mornings, own)
    for person, asked in own.items():
        taken = waiting.get(person, Counter())
        days = [date.fromisoformat(each.facts["day"]) for each in asked]
        ahead = mornings.ahead(person, (len(days) + taken.total()) // A_MORNING + 1)
        chosen = spread(days, ahead, taken, run.today)
        leaves |= {each.key: morning for each, morning in zip(asked, chosen, strict=True)}
    return leaves


def _waiting(run: Run, mornings: Mornings, people: Collection[int]) -> dict[int, Counter[date]]:
    """Person -> how many entries leave on which morning already."""
    message = StoredMessage
    rows = run.session.execute(
        select(col(message.person_id), col(message.due_at))
        .where(col(message.kind) == KIND, col(message.template) == TEMPLATE)
        .where(col(message.state).in_(DUE), col(message.person_id).in_(people))
    )
    found: dict[int, Counter[date]] = {}
    for person, due_at in rows:
        found.setdefault(person, Counter())[mornings.day(person, due_at)] += 1
    return found


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


def _carried(effect: Effect, plan: AccountPlan, not_before: date | None) -> Carried:
    more = {"plan": plan.id, "account": effect.account, "uid": plan.uid, "sequence": plan.sequence}
    return Carried(
        document=KIND,
        message=KIND,
        template=TEMPLATE,
        key=effect.key,
        account=effect.account,
        person=effect.facts["person"],
        facts=dict(effect.facts) | more,
        # One that is taken back is of use later too: it waits for a working day.
        until=date.fromisoformat(effect.facts["day"]) if effect.facts["method"] == "request" else None,
        not_before=not_before,
    )


def entries(session: Session, accounts: Collection[int], plans: Iterable[int]) -> dict[int, dict[int, Entry]]:
    """Plan -> person -> the entries they were made so far.

    One that never went out, because it was cancelled or could not be delivered, changed no calendar. What was
    not wanted when it was to be sent was not told either, and is written again once it is.
    """
    found: dict[int, dict[int, Entry]] = {}
    for row in session.execute(_written(accounts, plans)):
        people = found.setdefault(row.plan, {})
        before, day = people.get(row.person_id, Entry()), date.fromisoformat(row.day)
        told = day if row.method == "request" else None
        invited = before.invited if row.state in ENDED_UNSENT else told
        if told is not None and row.state == MessageState.CANCELLED and row.cause in _MAY_COME_BACK:
            told = before.invited
        people[row.person_id] = Entry(before.made + 1, told, invited)
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
    rows = session.execute(closed_with_entries(today).where(col(AccountPlan.account_id).in_(accounts)))
    return set(rows.scalars())


def closed_with_entries(today: date) -> Select[tuple[int]]:
    """The accounts, closed by now, that have a plan of which an entry was written."""
    return (
        select(col(AccountPlan.account_id))
        .join(Account, col(Account.id) == col(AccountPlan.account_id))
        .where(col(AccountPlan.uid).is_not(None))
        .where(col(Account.closed_on) <= today, col(AccountPlan.year_last) >= today)
    )


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
            col(message.cause),
        )
        .join(message, col(message.id) == col(entry.message_id))
        .where(col(entry.kind) == KIND, col(entry.account_id).in_(accounts), plan.in_(list(plans)))
        .order_by(col(entry.id))
    )
