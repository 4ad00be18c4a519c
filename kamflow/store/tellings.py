"""What the cadence looks at: open nudges with who was told of them, and everybody's last digest."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.nudge import StoredNudge, Telling

SUPERSEDED = "superseded"  # cause of a digest that went into the next one before it was sent
CLOSED_MEANWHILE = "closed-meanwhile"  # cause of a message without a line that is still open and loud
Reason = Literal["opened", "stage", "due", "overdue", "back", "ladder"]
UNSENT = (MessageState.WAITING, MessageState.RETRYING)


@dataclass(frozen=True, slots=True)
class Told:
    """One telling. `lost`: its message failed, was superseded or stopped; `unsent`: a digest that waits.

    With the reason "ladder" `number` is the step of the ladder, else it counts the person's tellings.
    """

    person: int
    number: int
    reason: Reason
    stage: str
    on: date
    lost: bool = False
    unsent: bool = False


@dataclass(frozen=True, slots=True)
class OpenNudge:
    """An open nudge, as far as it decides who is told when. `item` is what counts as one.

    `why` names the steps of its ladder; `kam` and `lead` are who the facts say they are.
    """

    id: int
    item: str
    responsible: int
    opened_on: date
    staged_on: date
    due_on: date
    stage: str = ""
    weight: float = 0.0
    urgency: str = "daily"
    snoozed_until: date | None = None
    quiet_until: date | None = None
    rule: str = ""
    owner: int | None = None
    account_class: str | None = None
    why: Mapping[str, Any] = field(default_factory=dict)
    kam: int | None = None
    lead: int | None = None
    trace: str | None = None
    step: str = ""
    state: str | None = None
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class LastDigest:
    """Day of a person's last digest: composed at all, and not lost."""

    composed: date | None = None
    kept: date | None = None


def open_nudges(session: Session, persons: Iterable[int], climbing: date | None = None) -> list[OpenNudge]:
    """Nudges one of these persons is responsible for, and every urgent one.

    With `climbing` also those due until that day whose ladder has a step.
    """
    nudge = StoredNudge
    responsible = func.coalesce(col(nudge.assignee_id), col(nudge.owner_id))
    wanted = [col(nudge.urgency) == "now", responsible.in_(set(persons))]
    if climbing is not None:
        has_steps = col(nudge.why)["next"].as_string() != "nobody"
        wanted.append(and_(col(nudge.due_on) <= climbing, has_steps))
    rows = session.execute(
        select(
            col(nudge.id),
            col(nudge.group_key),
            responsible,
            col(nudge.opened_on),
            col(nudge.staged_on),
            col(nudge.due_on),
            col(nudge.stage),
            col(nudge.weight),
            col(nudge.urgency),
            col(nudge.snoozed_until),
            col(nudge.quiet_until),
            col(nudge.rule),
            col(nudge.owner_id),
            col(Account.account_class),
            col(nudge.why),
            col(nudge.facts)["kam"].as_integer(),
            col(nudge.facts)["lead"].as_integer(),
            col(nudge.trace),
            col(nudge.step),
            col(nudge.facts)["state"].as_string(),
        )
        .outerjoin(Account, col(Account.id) == col(nudge.account_id))
        .where(col(nudge.closed_at).is_(None), or_(*wanted))
        .order_by(col(nudge.id))
    )
    found = [OpenNudge(*row) for row in rows]
    told = _told(session, or_(*wanted)) if found else {}
    return [replace(each, told=tuple(told[each.id])) if each.id in told else each for each in found]


def _told(session: Session, wanted: Any) -> dict[int, list[Told]]:
    """Tellings of the open nudges that are wanted, oldest first."""
    original, fallback = StoredMessage, aliased(StoredMessage)
    failed = col(original.state) == MessageState.FAILED
    saved = and_(col(fallback.id).is_not(None), col(fallback.state) != MessageState.FAILED)
    rows = session.execute(
        select(
            col(Telling.nudge_id),
            col(Telling.person_id),
            col(Telling.number),
            col(Telling.reason),
            col(Telling.stage),
            col(Telling.told_on),
            or_(and_(failed, ~saved), _stopped(original), _stopped(fallback)),
            and_(
                col(original.template) == "digest",
                or_(col(original.state).in_(UNSENT), and_(failed, col(fallback.state).in_(UNSENT))),
            ),
        )
        .join(StoredNudge, col(StoredNudge.id) == col(Telling.nudge_id))
        .join(original, col(original.id) == col(Telling.message_id))
        .outerjoin(fallback, col(fallback.instead_of_id) == col(original.id))
        .where(col(StoredNudge.closed_at).is_(None), wanted)
        .order_by(col(Telling.id))
    )
    told: dict[int, list[Told]] = {}
    for nudge, person, number, reason, stage, on, lost, unsent in rows:
        told.setdefault(nudge, []).append(Told(person, number, reason, stage, on, bool(lost), bool(unsent)))
    return told


def _stopped(message: Any) -> Any:
    """Cancelled while something in it was still to be told: superseded, or stopped by hand."""
    cause = func.coalesce(message.cause, "")
    return and_(message.state == MessageState.CANCELLED, cause != CLOSED_MEANWHILE)


def last_digests(session: Session) -> dict[int, LastDigest]:
    """Per person the last digest; keys of digests sort by day."""
    message = StoredMessage
    kept = and_(col(message.state) != MessageState.FAILED, ~_stopped(message))
    digests = col(message.template) == "digest"
    person, newest = col(message.person_id), func.max(col(message.key))
    composed = _days(session, select(person, newest).where(digests).group_by(person))
    lasting = _days(session, select(person, newest).where(digests, kept).group_by(person))
    return {each: LastDigest(day, lasting.get(each)) for each, day in composed.items()}


def said_paused(session: Session, persons: Collection[int]) -> dict[int, frozenset[str]]:
    """Per person the rules that their last digest called paused; what was not delivered said nothing."""
    message = StoredMessage
    newest = (
        select(func.max(col(message.id)))
        .where(col(message.template) == "digest", col(message.person_id).in_(persons))
        .where(col(message.state).not_in((MessageState.FAILED, MessageState.CANCELLED)))
        .group_by(col(message.person_id))
    )
    rows = session.execute(
        select(col(message.person_id), col(message.facts)).where(col(message.id).in_(newest))
    )
    return {
        person: frozenset(rule for each in facts.get("paused", ()) for rule in each["rules"])
        for person, facts in rows
        if person is not None
    }


def urgent_since(session: Session, moment: datetime) -> dict[int, int]:
    """Per person the urgent messages written since then, those that were cancelled left out."""
    message = StoredMessage
    rows = session.execute(
        select(col(message.person_id), func.count())
        .where(col(message.template) == "now", col(message.created_at) >= moment)
        .where(col(message.state) != MessageState.CANCELLED, col(message.instead_of_id).is_(None))
        .group_by(col(message.person_id))
    )
    return {person: count for person, count in rows if person is not None}


def _days(session: Session, query: Any) -> dict[int, date]:
    # digest:<person>:<day>, or with ":<channel>" after it where the other channel took over.
    return {person: date.fromisoformat(key.split(":")[2]) for person, key in session.execute(query)}


def tell(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write down who is told: nudge_id, person_id, number, reason, stage, told_on, message_id each."""
    prepared = list(rows)
    if prepared:
        session.execute(insert(Telling), prepared)
