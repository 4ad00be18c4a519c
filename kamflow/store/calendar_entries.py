"""Calendar entries: the effect `calendar`, and who holds an invitation to a round.

The round keeps the UID of its entry and the highest SEQUENCE that was written. Entries that are written
together share the next one, so each counts more than what anybody was sent before. Entries for hand-ins of
plans are written by `hand_in_entries`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures.meeting_facts import Entry
from kamflow.models.meeting import MeetingRound
from kamflow.models.message import Document, MessageState, StoredMessage
from kamflow.nudge import Effect
from kamflow.store import carried, entry_uids, hand_in_entries
from kamflow.store.carried import Carried
from kamflow.store.messages import ENDED_UNSENT
from kamflow.store.run import Run

KIND = "calendar"
TEMPLATE = "calendar_entry"
# Why an invitation is not sent to who was taken off the meeting: added again, they are invited again.
NOT_EXPECTED = "not-expected"


class Sent(NamedTuple):
    """The entry that a person was sent last for a round: its day, and its time where it has one."""

    method: str
    day: str
    starts_at: str | None


def write_entries(run: Run, effects: Sequence[Effect]) -> None:
    """Put calendar entries into the outbox, one for each person, and keep what they say."""
    talks = [effect for effect in effects if "round" in effect.facts]
    rounds = _rounds(run, {effect.facts["round"] for effect in talks})
    carried.write(run, [_carried(effect, rounds[effect.facts["round"]]) for effect in talks])
    hand_in_entries.write_entries(run, [effect for effect in effects if "round" not in effect.facts])


def _rounds(run: Run, numbers: Collection[int]) -> dict[int, MeetingRound]:
    """The rounds, with the UID and the SEQUENCE that they keep from now on."""
    found = run.session.execute(select(MeetingRound).where(col(MeetingRound.id).in_(numbers)))
    rounds = {row.id or 0: row for row in found.scalars()}
    for number, row in rounds.items():
        row.sequence = 0 if row.uid is None else row.sequence + 1
        row.uid = row.uid or entry_uids.new(run, f"round.{number}")
    run.session.flush()
    return rounds


def _carried(effect: Effect, talk: MeetingRound) -> Carried:
    asked = effect.facts
    kept = {key: asked[key] for key in ("person", "round", "day", "method", "revision")}
    more = {
        "account": effect.account,
        "uid": talk.uid,
        "sequence": talk.sequence,
        "starts_at": talk.starts_at.isoformat() if talk.starts_at else None,
    }
    return Carried(
        document=KIND,
        message=KIND,
        template=TEMPLATE,
        key=effect.key,
        account=effect.account,
        person=asked["person"],
        facts=kept | more,
        talk=asked["round"],
        revision=asked["revision"],
        until=date.fromisoformat(asked["day"]),
        begins=talk.starts_at,
    )


def entries(
    session: Session, accounts: Collection[int], rounds: Iterable[int]
) -> dict[int, dict[int, Entry]]:
    """Round -> person -> the entries they were made so far.

    One that never went out, because it was cancelled or could not be delivered, invited nobody.
    """
    found: dict[int, dict[int, Entry]] = {}
    for row in session.execute(_written(rounds).where(col(Document.account_id).in_(accounts))):
        people = found.setdefault(row.round_id, {})
        before, invites = people.get(row.person_id, Entry()), row.method == "request"
        invited = before.invited if row.state in ENDED_UNSENT else invites
        told = row.revision if invites and row.cause != NOT_EXPECTED else None
        people[row.person_id] = Entry(before.made + 1, told, invited)
    return found


def sent(session: Session, rounds: Collection[int], apart: Collection[int]) -> dict[tuple[int, int], Sent]:
    """(Round, person) -> the entry that went out last, or is on its way in a message not named in `apart`."""
    out = (MessageState.SENT, MessageState.SENDING, MessageState.AMBIGUOUS)
    message = StoredMessage
    written = _written(rounds).add_columns(col(Document.facts))
    rows = session.execute(written.where(col(message.state).in_(out), col(message.id).not_in(apart)))
    return {
        (row.round_id, row.person_id): Sent(row.method, row.facts["day"], row.facts.get("starts_at"))
        for row in rows
    }


def newest(session: Session, rounds: Collection[int]) -> dict[tuple[int, int], int]:
    """(Round, person) -> the message that carries the entry written last."""
    return {(row.round_id, row.person_id): row.message for row in session.execute(_written(rounds))}


def _written(rounds: Iterable[int]) -> Any:
    """All entries for these rounds, in the order in which they were written."""
    entry, message = Document, StoredMessage
    return (
        select(
            col(entry.round_id),
            col(entry.person_id),
            col(entry.revision),
            col(entry.facts)["method"].as_string().label("method"),
            col(message.id).label("message"),
            col(message.state),
            col(message.cause),
        )
        .join(message, col(message.id) == col(entry.message_id))
        .where(col(entry.kind) == KIND, col(entry.round_id).in_(list(rounds)))
        .order_by(col(entry.id))
    )
