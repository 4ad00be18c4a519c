"""Say that measures are done, or move one with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.models.plan import Measure
from kamflow.store.engine import lock


@dataclass(frozen=True)
class Followed:
    """`state` is done, moved, or already; `due_on` the date that counts now."""

    measure: int
    account: int
    state: str
    due_on: date | None
    done_on: date | None


def done(acting: Acting, measures: Sequence[int]) -> list[Followed]:
    """Close measures, all of them or none.

    Raises:
        NotAllowed, NotFound: not the owner, the account's team or the head; no such measure.
    """
    return [_done(acting, number) for number in sorted(set(measures))]


def move(acting: Acting, measure: int, to: date, reason: str) -> Followed:
    """Set another date; the reason stays with the measure.

    Raises:
        InputError: the day has passed, no reason is given, or the measure is done.
        NotAllowed, NotFound: as `done`.
    """
    row = _held(acting, measure, "move this measure")
    if row.done_on is not None:
        raise InputError(f"measure {measure} was done on {row.done_on}: there is nothing to move")
    if to < acting.today:
        raise InputError(f"{to} has passed: name a day from {acting.today} on")
    if not reason.strip():
        raise InputError("say why: a measure is moved with a reason (--reason TEXT)")
    if row.due_on == to:
        return _followed(row, "already")
    before = row.due_on
    row.due_on, row.moved_reason, row.version = to, reason.strip(), row.version + 1
    acting.record(
        "measure.moved",
        row.account_id,
        measure=measure,
        before=before.isoformat() if before else None,
        to=to.isoformat(),
    )
    return _followed(row, "moved")


def _done(acting: Acting, number: int) -> Followed:
    row = _held(acting, number, "say that this measure is done")
    if row.done_on is not None:
        return _followed(row, "already")
    row.done_on, row.version = acting.today, row.version + 1
    acting.record("measure.done", row.account_id, measure=number)
    return _followed(row, "done")


def _held(acting: Acting, number: int, act: str) -> Measure:
    """The measure as it is now, kept from others until the transaction ends."""
    person = acting.person(act)
    lock(acting.session, f"measure:{number}")
    row = acting.session.get(Measure, number, populate_existing=True)
    if row is None:
        raise NotFound(f"no measure {number}: `kamflow nudges --json` names yours with their numbers")
    rights.for_measure(acting.session, person, row, act, acting.today)
    return row


def _followed(row: Measure, state: str) -> Followed:
    return Followed(row.id or 0, row.account_id, state, row.due_on, row.done_on)
