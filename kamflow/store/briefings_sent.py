"""What of a meeting's papers a person was sent last, to compare it with what is so today."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures.meeting_facts import Change
from kamflow.models.message import Document, MessageState, StoredMessage
from kamflow.store import briefing_delta, briefing_facts

PAPERS = ("draft", "briefing", "morning")


def last(
    session: Session, accounts: Collection[int], rounds: Collection[int]
) -> dict[tuple[int, int], dict[str, Any]]:
    """(Round, person) -> what the paper that was sent last said of time, attendees and figures."""
    paper, message = Document, StoredMessage
    rows = session.execute(
        select(col(paper.round_id), col(paper.person_id), col(paper.facts))
        .join(message, col(message.id) == col(paper.message_id))
        .where(col(paper.kind).in_(PAPERS), col(paper.account_id).in_(accounts))
        .where(col(paper.round_id).in_(rounds), col(message.state) == MessageState.SENT)
        .order_by(col(paper.id))
    )
    return {(talk, person): facts["compared"] for talk, person, facts in rows}


def changed(
    session: Session, accounts: Collection[int], rounds: Iterable[int], today: date
) -> dict[int, dict[int, tuple[Change, ...]]]:
    """Round -> person -> what differs today from the paper they were sent last."""
    talks = list(rounds)
    if not talks:
        return {}
    present = briefing_facts.as_of(session, talks, today)
    found: dict[int, dict[int, tuple[Change, ...]]] = {}
    for (talk, person), before in last(session, accounts, talks).items():
        found.setdefault(talk, {})[person] = briefing_delta.kinds(before, present[talk]["compared"])
    return found
