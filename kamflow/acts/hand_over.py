"""Give a nudge to somebody else, until it closes or the rule names another owner. Both see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.acts.done import held
from kamflow.errors import InputError
from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store import events


@dataclass(frozen=True)
class HandedOver:
    """`state` is handed over, or already."""

    nudge: int
    state: str
    owner: int
    assignee: int


def hand_over(
    session: Session, actor: int | None, nudge_id: int, to: int, now: datetime, company: Company
) -> HandedOver:
    """Make somebody the assignee of a nudge; handing it to its owner takes it back.

    Raises:
        InputError: the nudge is closed, or the other one has left.
        NotAllowed: it is not the actor's; operations may, for nobody must be left with it.
    """
    today = days.local(session, actor, now, company)
    nudge = held(session, nudge_id)
    if actor is not None:
        person = rights.person(session, actor, "hand over", today)
        rights.for_nudge(session, person, nudge, "hand it over", today)
    if nudge.closed_at is not None:
        raise InputError(f"nudge {nudge_id} is closed ({nudge.closed_as}): there is nothing to hand over")
    other = session.get_one(Person, to)
    if other.left_on is not None and other.left_on < today:
        raise InputError(f"{other.name} left on {other.left_on}: choose somebody else")
    before = nudge.assignee_id or nudge.owner_id
    if before == to:
        return HandedOver(nudge_id, "already", nudge.owner_id, to)
    nudge.assignee_id = to if to != nudge.owner_id else None
    # Putting it off, or having said Done, was the other one's decision.
    nudge.snoozed_until = nudge.quiet_until = None
    events.record(
        session,
        "nudge.handed_over",
        now,
        actor=actor,
        account=nudge.account_id,
        nudge=nudge.id,
        owner=nudge.owner_id,
        before=before,
        to=to,
    )
    return HandedOver(nudge_id, "handed over", nudge.owner_id, to)
