"""Put a nudge off until a day of one's choice, not further than some working days past its due date."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.acts.done import held
from kamflow.errors import InputError
from kamflow.models.nudge import StoredNudge
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import events


@dataclass(frozen=True)
class Snoozed:
    """Told again on the day `until`; `state` is snoozed, or already."""

    nudge: int
    state: str
    until: date


def snooze(  # noqa: PLR0913 - each is a decision of the caller
    session: Session,
    actor: int | None,
    nudge_id: int,
    until: date,
    now: datetime,
    policy: Policy,
    company: Company,
    *,
    glass: bool = False,
) -> Snoozed:
    """Keep silent about a nudge until a day.

    Raises:
        InputError: the day is not to come, or too far past the due date; or the nudge is closed. Who may
            act but not read the nudge (an assistant) learns no date from it.
        NotAllowed: it is not the actor's (see `rights.for_nudge`).
    """
    today = days.local(session, actor, now, company)
    person = rights.person(session, actor, "snooze", today)
    nudge = held(session, nudge_id)
    rights.for_nudge(session, person, nudge, "snooze it", today, glass=glass)
    reads = glass or person in rights.sees(session, nudge)
    if nudge.closed_at is None and nudge.snoozed_until == until:
        return Snoozed(nudge_id, "already", until)
    if until <= today:
        raise InputError(f"{until} is not to come: name a day after {today}")
    problem = _problem(session, nudge, until, today, policy, company)
    if problem is not None:
        unread = f"nudge {nudge_id} cannot be put off until {until}: whoever it was given to sees why"
        raise InputError(problem if reads else unread)
    # The day that was named last counts, also where Done had silenced it for longer.
    nudge.snoozed_until, nudge.quiet_until = until, None
    told = {"nudge": nudge.id, "until": until.isoformat()}
    events.record(session, "nudge.snoozed", now, actor=person, account=nudge.account_id, **told)
    return Snoozed(nudge_id, "snoozed", until)


def _problem(
    session: Session, nudge: StoredNudge, until: date, today: date, policy: Policy, company: Company
) -> str | None:
    """Why it cannot be put off until then."""
    if nudge.closed_at is not None:
        return f"nudge {nudge.id} is closed ({nudge.closed_as}): there is nothing to put off"
    asked = nudge.assignee_id or nudge.owner_id
    past = policy.cadence.snooze_past_due
    latest = days.calendar(session, asked, nudge.due_on, company).add(nudge.due_on, past)
    if latest <= today:
        due = nudge.due_on
        return f"nudge {nudge.id} was due on {due} and cannot be put off any more: do it, or hand it over"
    if until > latest:
        return f"nudge {nudge.id} is due on {nudge.due_on}: put it off until {latest} at the latest"
    return None
