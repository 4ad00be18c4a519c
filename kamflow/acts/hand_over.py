"""Give a nudge to somebody else, until it closes or the rule names another owner. Both see it.

Who gets it may do what it asks for. So what only its owner's own contacts close cannot be given away, nor
the decision about a plan to whoever wrote it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.acts.done import held
from kamflow.errors import InputError, NotAllowed
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.periods import Period
from kamflow.settings import Company
from kamflow.store import approvers, events


@dataclass(frozen=True)
class HandedOver:
    """`state` is handed over, or already. Who may not read the nudge is not told whose it was."""

    nudge: int
    state: str
    owner: int | None
    assignee: int


def hand_over(
    session: Session,
    actor: int | None,
    nudge_id: int,
    to: int,
    now: datetime,
    company: Company,
    *,
    glass: bool = False,
) -> HandedOver:
    """Make somebody the assignee of a nudge; handing it to its owner takes it back.

    Raises:
        InputError: the nudge is closed, the other one has left, or could not do it.
        NotAllowed: it is not the actor's (see `rights.for_nudge`), or the other one wrote the plan;
            operations may, for nobody must be left with it.
    """
    today = days.local(session, actor, now, company)
    nudge = held(session, nudge_id)
    if actor is not None:
        person = rights.person(session, actor, "hand over", today)
        rights.for_nudge(session, person, nudge, "hand it over", today, glass=glass)
    reads = glass or actor in rights.sees(session, nudge)
    _check(session, nudge, to, today, reads=reads)
    before = nudge.assignee_id or nudge.owner_id
    owner = nudge.owner_id if reads else None
    if before == to:
        return HandedOver(nudge_id, "already", owner, to)
    nudge.assignee_id = to if to != nudge.owner_id else None
    # Putting it off, or having said Done, was the other one's decision.
    nudge.snoozed_until = nudge.quiet_until = None
    told = {"nudge": nudge.id, "owner": nudge.owner_id, "before": before, "to": to}
    events.record(session, "nudge.handed_over", now, actor=actor, account=nudge.account_id, **told)
    return HandedOver(nudge_id, "handed over", owner, to)


def _check(session: Session, nudge: StoredNudge, to: int, today: date, *, reads: bool) -> None:
    if nudge.closed_at is not None:
        how = f" ({nudge.closed_as})" if reads else ""
        raise InputError(f"nudge {nudge.id} is closed{how}: there is nothing to hand over")
    other = session.get_one(Person, to)
    if other.left_on is not None and other.left_on < today:
        raise InputError(f"{other.name} left on {other.left_on}: choose somebody else")
    if to == nudge.owner_id:
        return
    if nudge.rule == "contact_shortfall" and not nudge.facts.get("no_data"):
        raise InputError(_own_contacts(nudge, reads=reads))
    if nudge.step == "approve" and to in _whose_plan(session, nudge, today):
        raise NotAllowed(f"{other.name} wrote the plan or is the KAM and may not decide about it")


def _own_contacts(nudge: StoredNudge, *, reads: bool) -> str:
    if not reads:
        return f"nudge {nudge.id} cannot be handed over: whoever it was given to sees why"
    return (
        f"nudge {nudge.id} is closed by its owner's own contacts only, so nobody else could close it: move"
        " the targets to who shall meet these people (import targets, or the contact matrix)"
    )


def _whose_plan(session: Session, nudge: StoredNudge, today: date) -> frozenset[int]:
    if nudge.account_id is None:
        return frozenset()
    found = approvers.load(session, [nudge.account_id], today)
    return found.own(nudge.account_id, Period.parse(nudge.period).first)
