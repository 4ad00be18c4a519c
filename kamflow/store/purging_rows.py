"""Which rows go, in the order in which they may: what rests on others comes before them.

What stays though it is old: tellings of open nudges with their messages, each person's last digest (nobody is
sent two a day), welcomes, invitations to surveys as long as papers (the 180 days), papers of rounds and plans
that are not over (the next one is compared with them), the newest event of a name, runs from the last
finished one on (days that are owed).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, and_, delete, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from kamflow.models.event import Event, ReceivedEvent, ReceivedMail, RelayBatch, RelayedEvent
from kamflow.models.glass import BrokenGlass
from kamflow.models.meeting import MeetingRound
from kamflow.models.message import Document, MessageFacts, MessageState, MessageStep, StoredMessage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.person import Absence
from kamflow.models.plan import AccountPlan
from kamflow.models.run import FlowRun, RunState
from kamflow.models.visit import SignIn, WebSession
from kamflow.models.watch import Incident, Supervisor
from kamflow.store import handover_note
from kamflow.store.retained import KEPT_EVENTS, SIGNS, Limits
from kamflow.store.tellings import CLOSED_MEANWHILE

Where = Callable[[Session, Limits], tuple[Any, ...]]
_ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.CANCELLED)
_WELCOME, _DIGEST, _ENTRY = "welcome", "digest", "calendar"


@dataclass(frozen=True)
class Goes:
    """Rows of a table that go, with what is `below` them (columns that name them)."""

    table: type[SQLModel]
    key: Any
    where: Where
    below: tuple[Any, ...] = ()
    order: tuple[Any, ...] = ()
    chained: Callable[[Sequence[int]], tuple[Delete, ...]] = lambda _numbers: ()

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)


def all_of_them() -> tuple[Goes, ...]:
    """Every kind, in order."""
    return (
        Goes(WebSession, col(WebSession.id), _sessions),
        Goes(SignIn, col(SignIn.id), _links),
        Goes(ReceivedMail, col(ReceivedMail.message_id), _mails),
        Goes(ReceivedEvent, col(ReceivedEvent.id), _told),
        Goes(StoredNudge, col(StoredNudge.id), _nudges, (col(Telling.nudge_id),)),
        Goes(Document, col(Document.id), _papers),
        Goes(MessageFacts, col(MessageFacts.message_id), _facts),
        Goes(
            StoredMessage,
            col(StoredMessage.id),
            _messages,
            (col(MessageFacts.message_id), col(MessageStep.message_id), col(Telling.message_id)),
            chained=_instead,
        ),
        Goes(RelayBatch, col(RelayBatch.id), _batches, (col(RelayedEvent.batch_id),)),
        Goes(Event, col(Event.id), _events, (col(RelayedEvent.event_id), col(BrokenGlass.event_id))),
        Goes(FlowRun, col(FlowRun.id), _runs, order=(col(FlowRun.as_of), col(FlowRun.id))),
        Goes(Incident, col(Incident.id), _incidents),
        Goes(Supervisor, col(Supervisor.name), _supervisors),
        Goes(Absence, col(Absence.id), _absences),
    )


def _not_newest(number: Any) -> Any:
    return number < select(func.max(number)).scalar_subquery()


def _sessions(_session: Session, old: Limits) -> tuple[Any, ...]:
    row = WebSession
    ended = func.coalesce(col(row.ended_at), col(row.ends_at))
    return (ended < old.at["sign_in"], col(row.ends_at) < old.at["sign_in"], _not_newest(col(row.id)))


def _links(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(SignIn.ends_at) < old.at["sign_in"], _not_newest(col(SignIn.id)))


def _mails(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(ReceivedMail.at) < old.at["received"],)


def _told(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(ReceivedEvent.at) < old.at["received"], _not_newest(col(ReceivedEvent.id)))


def _nudges(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(StoredNudge.closed_at) < old.at["nudge"], _not_newest(col(StoredNudge.id)))


def _papers(_session: Session, old: Limits) -> tuple[Any, ...]:
    """Not what is still to be sent, nor what the next paper for the same round or plan is compared with."""
    row, limit = Document, old.day["document"]
    talk, plan = MeetingRound, AccountPlan
    about = col(row.facts)["plan"].as_integer()
    dropped = col(row.facts)["state"].as_string() == handover_note.DROPPED
    ahead = select(col(talk.id)).where(
        col(talk.id) == col(row.round_id), or_(col(talk.day).is_(None), col(talk.day) >= limit)
    )
    planned = select(col(plan.id)).where(col(plan.id) == about, col(plan.year_last) >= limit)
    return (
        col(row.as_of) < limit,
        or_(col(row.message_id).is_not(None), col(row.kind) != handover_note.KIND, dropped),
        ~ahead.exists(),
        or_(col(row.kind) != _ENTRY, ~planned.exists()),
        _not_newest(col(row.id)),
    )


def _facts(_session: Session, old: Limits) -> tuple[Any, ...]:
    """What messages said goes before the record that they were sent; of nudges both go at once."""
    row = StoredMessage
    silent = select(col(row.id)).where(col(row.kind) != "nudges", _over(row, old.at), *_unused())
    return (col(MessageFacts.message_id).in_(silent),)


def _messages(_session: Session, old: Limits) -> tuple[Any, ...]:
    """Ended ones, with those that went by the other channel instead."""
    row, other = StoredMessage, aliased(StoredMessage)
    kept = {name: min(at, old.at["event"]) for name, at in old.at.items()}
    young = select(col(other.id)).where(col(other.instead_of_id) == col(row.id), ~_over(other, old.at, kept))
    return (
        col(row.instead_of_id).is_(None),
        _over(row, old.at, kept),
        ~young.exists(),
        *_unused(),
        _not_newest(col(row.id)),
    )


def _unused() -> tuple[Any, ...]:
    """Nothing rests on it: no open nudge, no paper, not the next digest, no welcome."""
    row, paper, telling, nudge = StoredMessage, Document, Telling, StoredNudge
    open_still = (
        select(col(telling.id))
        .join(nudge, col(nudge.id) == col(telling.nudge_id))
        .where(col(telling.message_id) == col(row.id), col(nudge.closed_at).is_(None))
    )
    carries = select(col(paper.id)).where(col(paper.message_id) == col(row.id))
    last = (col(row.id).not_in(each) for each in _last_digests())
    return (col(row.template) != _WELCOME, ~open_still.exists(), ~carries.exists(), *last)


def _over(message: Any, nudges: Mapping[str, datetime], others: Mapping[str, datetime] | None = None) -> Any:
    """Ended, and older than its kind is kept."""
    since = func.coalesce(col(message.sent_at), col(message.due_at), col(message.created_at))
    at = others or nudges
    limit = or_(
        and_(col(message.contact_id).is_not(None), since < at["document"]),
        and_(col(message.contact_id).is_(None), col(message.kind) != "nudges", since < at["message"]),
        and_(col(message.kind) == "nudges", since < max(nudges["message"], nudges["nudge"])),
    )
    return and_(col(message.state).in_(_ENDED), limit)


def _last_digests() -> tuple[Any, ...]:
    """Per person the last digest that was composed, and the last that was not lost."""
    row = aliased(StoredMessage)
    kept = or_(
        col(row.state) == MessageState.SENT,
        and_(col(row.state) == MessageState.CANCELLED, col(row.cause) == CLOSED_MEANWHILE),
    )
    newest = select(func.max(col(row.id))).where(col(row.template) == _DIGEST).group_by(col(row.person_id))
    return newest, newest.where(kept)


def _instead(numbers: Sequence[int]) -> tuple[Delete, ...]:
    """What went by the other channel, with its history and tellings."""
    row = StoredMessage
    instead = select(col(row.id)).where(col(row.instead_of_id).in_(numbers))
    return (
        delete(MessageFacts).where(col(MessageFacts.message_id).in_(instead)),
        delete(MessageStep).where(col(MessageStep.message_id).in_(instead)),
        delete(Telling).where(col(Telling.message_id).in_(instead)),
        delete(row).where(col(row.instead_of_id).in_(numbers)),
    )


def _batches(_session: Session, old: Limits) -> tuple[Any, ...]:
    row = RelayBatch
    return (col(row.state) == "done", col(row.done_at) < old.at["run"], _not_newest(col(row.id)))


def _events(_session: Session, old: Limits) -> tuple[Any, ...]:
    """Relayed ones, of each name all but the newest; a person's sign-ins all, and early."""
    row, other = Event, aliased(Event)
    name, at = col(row.name), col(row.at)
    newest = select(func.max(col(other.id))).group_by(col(other.name))
    batch = (
        select(col(RelayedEvent.event_id))
        .join(RelayBatch, col(RelayBatch.id) == col(RelayedEvent.batch_id))
        .where(col(RelayedEvent.event_id) == col(row.id), col(RelayBatch.state) != "done")
    )
    due = or_(
        and_(name.in_(SIGNS), at < old.at["sign_in"]),
        and_(name.like("nudge.%"), at < old.at["nudge"], col(row.id).not_in(newest)),
        and_(at < old.at["event"], name.not_in(KEPT_EVENTS), col(row.id).not_in(newest)),
    )
    return (col(row.relayed_at).is_not(None), due, ~batch.exists(), _not_newest(col(row.id)))


def _runs(_session: Session, old: Limits) -> tuple[Any, ...]:
    """Days before the last that a whole run finished: it covered them, so nobody owes them."""
    row, other = FlowRun, aliased(FlowRun)
    last = (
        select(func.max(col(other.as_of)))
        .where(col(other.flow) == col(row.flow), col(other.whole), col(other.state) == RunState.FINISHED)
        .correlate(row)
        .scalar_subquery()
    )
    return (
        col(row.as_of) < old.day["run"],
        col(row.as_of) < last,
        col(row.state) != RunState.RUNNING,
        _not_newest(col(row.id)),
    )


def _incidents(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(Incident.closed_at) < old.at["run"], _not_newest(col(Incident.id)))


def _supervisors(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(Supervisor.seen_at) < old.at["run"],)


def _absences(_session: Session, old: Limits) -> tuple[Any, ...]:
    return (col(Absence.until_day) < old.day["event"], _not_newest(col(Absence.id)))
