"""Deliver what a department was asked for, or refuse it with a cause; many at once.

A refusal can become a delivery, and another cause is a new refusal: both are told anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.figures.request_dates import Cause
from kamflow.models.meeting import Request, RequestState
from kamflow.store.engine import lock

CAUSES: tuple[str, ...] = get_args(Cause)


@dataclass(frozen=True)
class Answered:
    """`state` is delivered, refused, or already (as it was)."""

    request: int
    account: int
    state: Literal["delivered", "refused", "already"]
    cause: str | None
    decided_on: date | None


def deliver(acting: Acting, requests: Sequence[int]) -> list[Answered]:
    """Note that requests are delivered, all of them or none.

    Raises:
        NotAllowed, NotFound: neither in the department nor in the account's team; no such request.
    """
    return [_deliver(acting, number) for number in sorted(set(requests))]


def refuse(acting: Acting, requests: Sequence[int], cause: str) -> list[Answered]:
    """Refuse requests for one cause, all of them or none.

    Raises:
        InputError: no such cause, or one of them was delivered.
        NotAllowed, NotFound: not of the department (or of the team, where it has nobody); no such request.
    """
    if cause not in CAUSES:
        raise InputError(f"cause {cause!r}: expected one of {', '.join(CAUSES)}")
    return [_refuse(acting, number, cause) for number in sorted(set(requests))]


def _deliver(acting: Acting, number: int) -> Answered:
    row = _held(acting, number, "say that this is delivered", by_team=True)
    if row.state == RequestState.DELIVERED:
        return _answered(row, "already")
    row.state, row.cause, row.decided_on = RequestState.DELIVERED.value, None, acting.today
    acting.record("request.delivered", row.account_id, request=number)
    return _answered(row, "delivered")


def _refuse(acting: Acting, number: int, cause: str) -> Answered:
    row = _held(acting, number, "refuse this", by_team=False)
    if row.state == RequestState.DELIVERED:
        raise InputError(f"request {number} was delivered on {row.decided_on}: it cannot be refused any more")
    if row.state == RequestState.REFUSED and row.cause == cause:
        return _answered(row, "already")
    row.state, row.cause, row.decided_on = RequestState.REFUSED.value, cause, acting.today
    acting.record("request.refused", row.account_id, request=number, cause=cause)
    return _answered(row, "refused")


def _held(acting: Acting, number: int, act: str, *, by_team: bool) -> Request:
    """The request as it is now, kept from others until the transaction ends."""
    person = acting.person(act)
    lock(acting.session, f"request:{number}")
    row = acting.session.get(Request, number, populate_existing=True)
    if row is None:
        raise NotFound(f"no request {number}: `kamflow nudges --json` names yours with their numbers")
    rights.for_request(acting.session, person, row, act, acting.today, by_team=by_team)
    return row


def _answered(row: Request, state: Literal["delivered", "refused", "already"]) -> Answered:
    return Answered(row.id or 0, row.account_id, state, row.cause, row.decided_on)
