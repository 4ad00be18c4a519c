"""Put a nudge off until a day of one's choice, not further than some working days past its due date."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.acts.done import held
from kamflow.errors import InputError
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import events


@dataclass(frozen=True)
class Snoozed:
    """Told again on the day `until`; `state` is snoozed, or already."""

    nudge: int
    state: str
    until: date


def snooze(
    session: Session,
    actor: int | None,
    nudge_id: int,
    until: date,
    now: datetime,
    policy: Policy,
    company: Company,
) -> Snoozed:
    """Keep silent about a nudge until a day.

    Raises:
        InputError: the day is not to come, or too far past the due date; or the nudge is closed.
        NotAllowed: it is not the actor's.
    """
    today = days.local(session, actor, now, company)
    person = rights.person(session, actor, "snooze", today)
    nudge = held(session, nudge_id)
    rights.for_nudge(session, person, nudge, "snooze it", today)
    if nudge.closed_at is not None:
        raise InputError(f"nudge {nudge_id} is closed ({nudge.closed_as}): there is nothing to put off")
    if nudge.snoozed_until == until:
        return Snoozed(nudge_id, "already", until)
    asked = nudge.assignee_id or nudge.owner_id
    past = policy.cadence.snooze_past_due
    latest = days.calendar(session, asked, nudge.due_on, company).add(nudge.due_on, past)
    _check(nudge_id, until, today, latest, nudge.due_on)
    # The day that was named last counts, also where Done had silenced it for longer.
    nudge.snoozed_until, nudge.quiet_until = until, None
    events.record(
        session,
        "nudge.snoozed",
        now,
        actor=person,
        account=nudge.account_id,
        nudge=nudge.id,
        until=until.isoformat(),
    )
    return Snoozed(nudge_id, "snoozed", until)


def _check(nudge_id: int, until: date, today: date, latest: date, due_on: date) -> None:
    if until <= today:
        raise InputError(f"{until} is not to come: name a day after {today}")
    if latest <= today:
        raise InputError(
            f"nudge {nudge_id} was due on {due_on} and cannot be put off any more: do it, or hand it over"
        )
    if until > latest:
        raise InputError(f"nudge {nudge_id} is due on {due_on}: put it off until {latest} at the latest")
