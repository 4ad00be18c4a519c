"""Say that something is done.

Where a word is all there can be (a step of a plan thought through, thanks given), it is the fact and
the nudge closes. Where facts tell (a plan handed in), saying so only silences it for some days: then it
comes back and says why. A contact shortfall has no Done: a contact closes it, a booking, or a lower
target.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.errors import InputError
from kamflow.models.nudge import StepDone, StoredNudge
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import events
from kamflow.store.engine import lock


@dataclass(frozen=True)
class Done:
    """`state` is closed, quiet (until the day `until`), or already."""

    nudge: int
    state: str
    until: date | None = None
    closed_as: str | None = None
    closes: str | None = None


def done(
    session: Session, actor: int | None, nudge_id: int, now: datetime, policy: Policy, company: Company
) -> Done:
    """Close a nudge by word, or silence it while its facts stay open.

    Raises:
        InputError: it is a contact shortfall.
        NotAllowed: it is not the actor's.
    """
    today = days.local(session, actor, now, company)
    person = rights.person(session, actor, "done", today)
    nudge = held(session, nudge_id)
    rights.for_nudge(session, person, nudge, "say that it is done", today)
    if nudge.closed_at is not None:
        return Done(nudge_id, "already", closed_as=nudge.closed_as)
    if nudge.rule == "contact_shortfall":
        raise InputError(
            f"nudge {nudge_id} has no Done, for only contacts close it: log one (`kamflow log`), book one"
            " (`kamflow log` with a day to come), or lower the target if the plan says too much"
        )
    if nudge.closes_by == "word":
        return _close(session, person, nudge, today, now)
    return _silence(session, person, nudge, today, now, policy, company)


def held(session: Session, nudge_id: int) -> StoredNudge:
    """The nudge as it is now, kept from others until the transaction ends."""
    lock(session, f"nudge:{nudge_id}")
    return session.get_one(StoredNudge, nudge_id, populate_existing=True)


def _close(session: Session, person: int, nudge: StoredNudge, today: date, now: datetime) -> Done:
    # What came up again (a second refusal) is closed by a second word: the newest one counts.
    session.merge(StepDone(identity=nudge.identity, person_id=person, done_on=today, done_at=now))
    nudge.closed_at, nudge.closed_on, nudge.closed_as = now, today, "done"
    _record(session, "nudge.done", person, nudge, now, closes_by="word")
    _record(session, "nudge.closed", person, nudge, now, **{"as": "done"})
    return Done(nudge.id or 0, "closed", closed_as="done")


def _silence(
    session: Session,
    person: int,
    nudge: StoredNudge,
    today: date,
    now: datetime,
    policy: Policy,
    company: Company,
) -> Done:
    asked = nudge.assignee_id or nudge.owner_id
    until = days.calendar(session, asked, today, company).add(today, policy.cadence.silence_after_done)
    closes = nudge.why.get("closes")
    if nudge.quiet_until is not None and nudge.quiet_until >= until:
        return Done(nudge.id or 0, "already", until=nudge.quiet_until, closes=closes)
    nudge.quiet_until = until
    _record(session, "nudge.done", person, nudge, now, closes_by="facts", quiet_until=until.isoformat())
    return Done(nudge.id or 0, "quiet", until=until, closes=closes)


def _record(
    session: Session, name: str, person: int, nudge: StoredNudge, now: datetime, **payload: str | int
) -> None:
    events.record(
        session,
        name,
        now,
        actor=person,
        account=nudge.account_id,
        nudge=nudge.id,
        identity=nudge.identity,
        **payload,
    )
