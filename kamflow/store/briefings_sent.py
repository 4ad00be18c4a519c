"""What of a meeting's papers a person was sent last, to compare it with what is so today.

What could not be delivered by mail and went by Slack was sent as well.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.figures.meeting_facts import Change
from kamflow.models.message import Document, MessageState, StoredMessage
from kamflow.store import briefing_delta, briefing_facts

PAPERS = ("draft", "briefing", "morning")


def last(
    session: Session, accounts: Collection[int], rounds: Collection[int]
) -> dict[tuple[int, int], dict[str, Any]]:
    """(Round, person) -> what the paper that was sent last said of time, attendees and figures."""
    rows = session.execute(_sent(PAPERS, accounts, rounds).add_columns(col(Document.facts)))
    return {(row.round_id, row.person_id): row.facts["compared"] for row in rows}


def unreviewed(
    session: Session, accounts: Collection[int], rounds: Collection[int]
) -> dict[tuple[int, int | None], set[int]]:
    """(Round, revision) -> those who were sent its briefing before it was released, and not since."""
    found: dict[tuple[int, int | None], set[int]] = {}
    if not rounds:
        return found
    reviewed = col(Document.facts)["reviewed"].as_boolean().label("reviewed")
    for row in session.execute(_sent(("briefing",), accounts, rounds).add_columns(reviewed)):
        people = found.setdefault((row.round_id, row.revision), set())
        (people.discard if row.reviewed else people.add)(row.person_id)
    return found


def changed(
    session: Session, accounts: Collection[int], rounds: Iterable[int], today: date
) -> dict[int, dict[int, tuple[Change, ...]]]:
    """Round -> person -> what differs today from the paper they were sent last."""
    talks = list(rounds)
    if not talks:
        return {}
    present = briefing_facts.compared(session, talks, today)
    found: dict[int, dict[int, tuple[Change, ...]]] = {}
    for (talk, person), before in last(session, accounts, talks).items():
        found.setdefault(talk, {})[person] = briefing_delta.kinds(before, present[talk])
    return found


def _sent(kinds: Collection[str], accounts: Collection[int], rounds: Collection[int]) -> Any:
    """Papers that went out, by the message that carries them or the one instead of it, the oldest first."""
    paper, message, instead = Document, StoredMessage, aliased(StoredMessage)
    return (
        select(col(paper.round_id), col(paper.person_id), col(paper.revision))
        .join(message, col(message.id) == col(paper.message_id))
        .outerjoin(instead, col(instead.instead_of_id) == col(message.id))
        .where(col(paper.kind).in_(kinds), col(paper.account_id).in_(accounts))
        .where(col(paper.round_id).in_(rounds))
        .where(or_(col(message.state) == MessageState.SENT, col(instead.state) == MessageState.SENT))
        .order_by(col(paper.id))
    )
