"""See the gaps of an account [Abweichungsanalyse] and make a measure of one: who closes it, until when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.plan import Measure
from kamflow.models.training import Gap
from kamflow.store import plan_rows
from kamflow.store.engine import lock

TITLE = 200  # characters of a measure's title that are made of a longer text


@dataclass(frozen=True)
class Made:
    """`state` is made, or already."""

    gap: int
    measure: int
    account: int
    owner: int | None
    due_on: date | None
    state: str


def seen(acting: Acting, account: int) -> list[Gap]:
    """The gaps of an account, the oldest first.

    Raises:
        NotAllowed: not of the account's team or the head.
    """
    _let(acting, account, "see these gaps")
    query = select(Gap).where(col(Gap.account_id) == account).order_by(col(Gap.id))
    return list(acting.session.execute(query).scalars())


def measure(acting: Acting, number: int, owner: int | None, due_on: date, title: str | None = None) -> Made:
    """Make the measure; the actor owns it if nobody else is named.

    Raises:
        InputError: the day has passed.
        NotAllowed, NotFound: not of the account's team or the head; no such gap.
    """
    lock(acting.session, f"gap:{number}")
    gap = acting.session.get(Gap, number, populate_existing=True)
    if gap is None:
        raise NotFound(f"no gap {number}: `kamflow gap list --account KEY` names them")
    person = _let(acting, gap.account_id, "make a measure of this gap")
    if gap.measure_id is not None:
        known = acting.session.get_one(Measure, gap.measure_id)
        return Made(number, gap.measure_id, gap.account_id, known.owner_id, known.due_on, "already")
    if due_on < acting.today:
        raise InputError(f"{due_on} has passed: name a day from {acting.today} on")
    made = agree(acting.session, gap, owner or person, due_on, acting.today, title)
    acting.record("measure.agreed", gap.account_id, measure=made, gap=number, due=due_on.isoformat())
    return Made(number, made, gap.account_id, owner or person, due_on, "made")


def agree(session: Session, gap: Gap, owner: int, due_on: date, today: date, title: str | None = None) -> int:
    """Add the measure to the plan that runs and link it; the caller writes the event."""
    plans = plan_rows.running(session, gap.account_id, today)
    measure = Measure(
        account_id=gap.account_id,
        plan_id=plans[0].id if plans else None,
        title=_line(title or gap.action or gap.factor or gap.service),
        owner_id=owner,
        due_on=due_on,
    )
    session.add(measure)
    session.flush()
    gap.measure_id, gap.version = measure.id, gap.version + 1
    session.flush()
    return measure.id or 0


def _line(written: str) -> str:
    """The first line of a text, as a title holds it."""
    first = written.strip().splitlines()[0]
    return first if len(first) <= TITLE else f"{first[: TITLE - 1]}…"


def _let(acting: Acting, account: int, act: str) -> int:
    person = acting.person(act)
    rights.for_account(acting.session, person, acting.session.get_one(Account, account), act, acting.today)
    return person
