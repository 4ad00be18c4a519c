"""The effect `ask_department`: what an annual meeting needs of a department becomes a request."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from kamflow.models.meeting import MeetingRound, Request, RequestState
from kamflow.nudge import Effect
from kamflow.store import events, meeting_needs
from kamflow.store.rows import stored
from kamflow.store.run import Run


def ask_departments(run: Run, effects: Sequence[Effect]) -> None:
    """Write the requests, each for who is in charge of the account there, if anybody is."""
    accounts = {effect.account for effect in effects if effect.account is not None}
    departments = {effect.facts["department"] for effect in effects}
    in_charge = meeting_needs.specialists(run, accounts, departments)
    for effect in effects:
        if effect.account is not None:
            chosen = in_charge.get((effect.account, effect.facts["department"]), ())
            _ask(run, effect, effect.account, next(iter(chosen), None))


def follow_meeting(session: Session, meeting: int, at: datetime, actor: int | None = None) -> int:
    """Give the open requests of a meeting the day of its first round that stands; how many changed.

    Where none stands, they keep the day they have.
    """
    first = session.execute(
        select(func.min(col(MeetingRound.day))).where(
            col(MeetingRound.meeting_id) == meeting, col(MeetingRound.state) != "cancelled"
        )
    ).scalar_one_or_none()
    if first is None:
        return 0
    open_ones = session.execute(
        select(col(Request.id), col(Request.account_id), col(Request.customer_date))
        .where(
            col(Request.meeting_id) == meeting,
            col(Request.state) == RequestState.OPEN,
            col(Request.customer_date).is_distinct_from(first),
        )
        .order_by(col(Request.id))
    ).all()
    if not open_ones:
        return 0
    changed = update(Request).where(col(Request.id).in_([number for number, _, _ in open_ones]))
    session.execute(changed.values(customer_date=first, version=col(Request.version) + 1))
    for number, account, before in open_ones:
        dates = {"before": before.isoformat() if before else None, "to": first.isoformat()}
        told = {"request": number, "meeting": meeting, **dates}
        events.record(session, "request.moved", at, actor=actor, account=account, **told)
    return len(open_ones)


def _ask(run: Run, effect: Effect, account: int, specialist: int | None) -> None:
    facts = effect.facts
    request = Request(
        account_id=account,
        meeting_id=facts["meeting"],
        department_id=facts["department"],
        specialist_id=specialist,
        kind=facts["kind"],
        asked_on=run.today,
        customer_date=date.fromisoformat(facts["customer_date"]),
    )
    run.session.add(request)
    run.session.flush()
    events.record(
        run.session,
        "request.asked",
        run.now,
        account=account,
        request=stored(request.id),
        meeting=facts["meeting"],
        department=facts["department"],
        customer_date=facts["customer_date"],
    )
