"""Calendar entries: the effect `calendar`, and who holds an invitation to a round.

The round keeps the UID of its entry and the highest SEQUENCE that was written: an entry of revision r has
2r as an invitation and 2r + 1 where it takes one back, so each counts more than what came before it.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.meeting import MeetingRound
from kamflow.models.message import Document, MessageState, StoredMessage
from kamflow.nudge import Effect
from kamflow.store import carried
from kamflow.store.carried import Carried
from kamflow.store.messages import ENDED_UNSENT
from kamflow.store.run import Run

KIND = "calendar"
TEMPLATE = "calendar_entry"


def write_entries(run: Run, effects: Sequence[Effect]) -> None:
    """Put calendar entries into the outbox, one for each person, and keep what they say."""
    rounds = _rounds(run, effects)
    carried.write(run, [_carried(effect, rounds[effect.facts["round"]].uid) for effect in effects])


def _rounds(run: Run, effects: Sequence[Effect]) -> dict[int, MeetingRound]:
    """The rounds, with the UID and the SEQUENCE that they keep from now on."""
    numbers = {effect.facts["round"] for effect in effects}
    found = run.session.execute(select(MeetingRound).where(col(MeetingRound.id).in_(numbers)))
    rounds = {row.id or 0: row for row in found.scalars()}
    for effect in effects:
        row = rounds[effect.facts["round"]]
        row.uid = row.uid or _uid(run, effect.facts["round"])
        row.sequence = max(row.sequence, _sequence(effect))
    run.session.flush()
    return rounds


def _sequence(effect: Effect) -> int:
    return 2 * effect.facts["revision"] + (effect.facts["method"] == "cancel")


def _carried(effect: Effect, uid: str | None) -> Carried:
    asked = effect.facts
    kept = {key: asked[key] for key in ("person", "round", "day", "method", "revision")}
    return Carried(
        document=KIND,
        message=KIND,
        template=TEMPLATE,
        key=effect.key,
        account=effect.account,
        person=asked["person"],
        facts=kept | {"account": effect.account, "uid": uid, "sequence": _sequence(effect)},
        talk=asked["round"],
        revision=asked["revision"],
        until=date.fromisoformat(asked["day"]),
    )


def _uid(run: Run, talk: int) -> str:
    """Unlike that of any other round, here or in another company."""
    seed = f"{run.company.name}|{talk}|{run.now.isoformat()}"
    return f"{hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()}@kamflow"


def invited(session: Session, accounts: Collection[int], rounds: Iterable[int]) -> dict[int, set[int]]:
    """Round -> those whose last calendar entry for it was an invitation.

    An entry that never went out, because it was cancelled or could not be delivered, does not count.
    """
    entry, message = Document, StoredMessage
    rows = session.execute(
        select(col(entry.round_id), col(entry.person_id), col(entry.facts)["method"].as_string())
        .join(message, col(message.id) == col(entry.message_id))
        .where(col(entry.kind) == KIND, col(entry.account_id).in_(accounts))
        .where(col(entry.round_id).in_(list(rounds)), col(message.state).not_in(ENDED_UNSENT))
        .order_by(col(entry.id))
    )
    found: dict[int, set[int]] = {}
    for talk, person, method in rows:
        people = found.setdefault(talk, set())
        (people.add if method == "request" else people.discard)(person)
    return found


def sent_to(session: Session, rounds: Collection[int], apart: Collection[int]) -> set[tuple[int, int]]:
    """(Round, person) of invitations that went out, or are on their way in a message not named in `apart`."""
    entry, message = Document, StoredMessage
    out = (MessageState.SENT, MessageState.SENDING, MessageState.AMBIGUOUS)
    rows = session.execute(
        select(col(entry.round_id), col(entry.person_id))
        .join(message, col(message.id) == col(entry.message_id))
        .where(col(entry.kind) == KIND, col(entry.round_id).in_(rounds))
        .where(col(message.state).in_(out), col(message.id).not_in(apart))
        .where(col(entry.facts)["method"].as_string() == "request")
    )
    return set(rows.tuples().all())
