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
from kamflow.errors import InputError, NotFound
from kamflow.models.nudge import StepDone, StoredNudge
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import events
from kamflow.store.engine import lock


@dataclass(frozen=True)
class Done:
    """`state` is closed, quiet (until the day `until`), or already. Who may act but not read the nudge
    (an assistant) gets no more than the state."""

    nudge: int
    state: str
    until: date | None = None
    closed_as: str | None = None
    closes: str | None = None


def done(
    session: Session,
    actor: int | None,
    nudge_id: int,
    now: datetime,
    policy: Policy,
    company: Company,
    *,
    glass: bool = False,
) -> Done:
    """Close a nudge by word, or silence it while its facts stay open.

    Raises:
        InputError: it is a contact shortfall.
        NotAllowed: it is not the actor's (see `rights.for_nudge`).
    """
    today = days.local(session, actor, now, company)
    person = rights.person(session, actor, "done", today)
    nudge = held(session, nudge_id)
    rights.for_nudge(session, person, nudge, "say that it is done", today, glass=glass)
    reads = glass or person in rights.sees(session, nudge)
    if nudge.closed_at is not None:
        said = Done(nudge_id, "already", closed_as=nudge.closed_as)
    elif nudge.rule == "contact_shortfall":
        raise InputError(_no_done(nudge_id, reads=reads))
    elif nudge.closes_by == "word":
        said = _close(session, person, nudge, today, now)
    else:
        said = _silence(session, person, nudge, today, now, policy, company)
    return said if reads else Done(nudge_id, said.state)


def _no_done(nudge: int, *, reads: bool) -> str:
    if not reads:
        return f"nudge {nudge} has no Done: whoever it was given to sees what closes it"
    return (
        f"nudge {nudge} has no Done, for only contacts close it: log one (`kamflow log`), book one"
        " (`kamflow log` with a day to come), or lower the target if the plan says too much"
    )


def held(session: Session, nudge_id: int) -> StoredNudge:
    """The nudge as it is now, kept from others and from its rule's run until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    found = session.get(StoredNudge, nudge_id)
    if found is None:
        raise NotFound(f"no nudge {nudge_id}: `kamflow nudges` lists yours with their numbers")
    # A run that has read its facts must not open again what is closed here meanwhile.
    lock(session, found.rule)
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
