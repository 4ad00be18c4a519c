"""Papers and calendar entries: what must still be so when they are sent.

A paper about an annual meeting is of use as long as the meeting stands on the date it names and has not
begun, to who attends it, the KAM and the sponsor; the page of an account that was handed over while its
reader is the KAM. An entry that takes an invitation back goes to those only whom an invitation reached.
A briefing is sent as it was looked through until then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.store import (
    account_move,
    asked,
    briefing_review,
    briefing_rows,
    calendar_entries,
    contacts,
    handover_note,
    meeting_people,
    meeting_rows,
)
from kamflow.store.calendar_entries import NOT_EXPECTED, Sent
from kamflow.store.engine import write
from kamflow.store.meeting_people import Attendees
from kamflow.store.meeting_rows import RoundRow
from notifications import hand_ins
from notifications.hand_ins import HandIns
from notifications.outbox import Claimed

KINDS = ("document", "calendar")
BRIEFING = "briefing"


@dataclass(frozen=True)
class Papers:
    """The rounds that a batch is about, who attends them, and who looks after their accounts.

    `entries`: the calendar entry sent last, `newest`: the message with the one written last, both by (round,
    person). `elsewhere`: messages about an account that has another KAM by now.
    """

    talks: Mapping[int, RoundRow] = field(default_factory=dict)
    attendees: Mapping[int, Attendees] = field(default_factory=dict)
    in_charge: frozenset[tuple[int, int]] = frozenset()
    entries: Mapping[tuple[int, int], Sent] = field(default_factory=dict)
    newest: Mapping[tuple[int, int], int] = field(default_factory=dict)
    elsewhere: frozenset[int] = frozenset()
    hand_ins: HandIns = field(default_factory=HandIns)


def load(session: Session, batch: Iterable[Claimed], day: date) -> Papers:
    """What is known on a day of the rounds and accounts that these messages are about."""
    batch = list(batch)
    elsewhere = frozenset(each.id for each in batch if _elsewhere(session, each))
    about = [each for each in batch if each.kind in KINDS and "round" in each.facts]
    talks = {each.facts["round"] for each in about}
    days = hand_ins.load(session, batch, day)
    if not talks:
        return Papers(elsewhere=elsewhere, hand_ins=days)
    dated = {each.facts["round"] for each in about if each.kind == "calendar"}
    return Papers(
        meeting_rows.rounds(session, talks),
        meeting_people.attendees(session, talks),
        _in_charge(session, {each.facts["account"] for each in about}, day),
        calendar_entries.sent(session, dated, {each.id for each in about}) if dated else {},
        calendar_entries.newest(session, dated) if dated else {},
        elsewhere,
        days,
    )


def _in_charge(session: Session, accounts: set[int], day: date) -> frozenset[tuple[int, int]]:
    """(Account, person) of KAMs and sponsors."""
    kams = asked.upwards(session, accounts, lambda places: contacts.accounts_kams(session, places, day))
    sponsors = meeting_people.sponsors_on(session, accounts, day)
    return frozenset((*kams.items(), *sponsors.items()))


def looked_through(session: Session, batch: Iterable[Claimed]) -> list[Claimed]:
    """The batch with its briefings as the KAM struck, corrected and released them until now."""
    batch = list(batch)
    talks = {each.facts["round"] for each in batch if each.template == BRIEFING}
    if not talks:
        return batch
    # What was noted elsewhere on a day that has not begun here counts too.
    notes, known = briefing_rows.notes(session, talks, date.max), meeting_rows.rounds(session, talks)
    return [
        replace(each, facts=briefing_review.again(each.facts, notes.get(talk, ()), known.get(talk)))
        if each.template == BRIEFING and (talk := each.facts["round"])
        else each
        for each in batch
    ]


def keep(engine: Engine, before: Iterable[Claimed], batch: Iterable[Claimed]) -> None:
    """Let the documents say what is sent; a copy for somebody else changes nothing in them."""
    changed = {
        now.id: now.facts
        for was, now in zip(before, batch, strict=True)
        if now.facts != was.facts and now.facts.get("for_person") is None
    }
    if changed:
        with write(engine) as session:
            briefing_review.keep(session, changed)


def _elsewhere(session: Session, message: Claimed) -> bool:
    """Whether an account was handed over and, the same day, handed on."""
    if message.template != handover_note.KIND:
        return False
    day = date.fromisoformat(message.facts["day"])
    return message.person not in account_move.kams(session, message.facts["account"], day)


def stale(message: Claimed, papers: Papers, today: date, now: datetime) -> str | None:
    """Why a message must not be sent any more; None where it may."""
    if message.id in papers.elsewhere:
        return "account-elsewhere"
    if hand_ins.concerns(message):
        return hand_ins.stale(message, papers.hand_ins, today)
    number = message.facts.get("round")
    if message.kind not in KINDS or number is None:
        return None
    if message.facts.get("method") == "cancel":
        return _repeated(message, papers, number)
    return _of_talk(message, papers, papers.talks.get(number), today, now)


def _of_talk(
    message: Claimed, papers: Papers, talk: RoundRow | None, today: date, now: datetime
) -> str | None:
    if talk is None or talk.state == "cancelled":
        return "meeting-cancelled"
    calendar = message.kind == "calendar"
    if (talk.entry_revision if calendar else talk.revision) != message.facts["revision"]:
        return "meeting-moved"
    if not _expected(message, papers, talk.id):
        return NOT_EXPECTED
    if calendar and (why := "from-calendar" if talk.from_calendar else _repeated(message, papers, talk.id)):
        return why
    begun = talk.starts_at is not None and talk.starts_at <= now
    return "meeting-over" if begun or talk.state == "held" or talk.day < today else None


def _repeated(message: Claimed, papers: Papers, talk: int) -> str | None:
    """A later entry says more; what takes one back is for those only whom one reached."""
    whose = talk, message.facts["person"]
    if papers.newest.get(whose, message.id) != message.id:
        return "superseded"
    last = papers.entries.get(whose)
    taken_back = message.facts["method"] == "cancel"
    return "never-invited" if taken_back and (last is None or last.method == "cancel") else None


def _expected(message: Claimed, papers: Papers, talk: int) -> bool:
    """Whether who this is for attends; a paper is for who looks after the account as well."""
    reader = message.facts.get("for_person") or message.facts["person"]
    if reader in papers.attendees.get(talk, Attendees()).persons:
        return True
    return message.kind != "calendar" and (message.facts["account"], reader) in papers.in_charge


def around(message: Claimed, papers: Papers, zone: str, *, council: bool = True) -> Mapping[str, Any]:
    """What a paper says beside its facts: the reader's zone, when the talk begins, what an entry changes,
    and with a works council less of our own people."""
    if hand_ins.concerns(message):
        return hand_ins.around(message, papers.hand_ins)
    talk = papers.talks.get(message.facts.get("round", 0))
    if message.kind not in KINDS or talk is None:
        return {}
    starts_at = talk.starts_at.isoformat() if talk.starts_at else None
    said = {"zone": zone, "starts_at": starts_at, "council": council}
    if message.kind != "calendar":
        return said
    last = papers.entries.get((talk.id, message.facts["person"]))
    if last is None or last.method == "cancel":
        return said | {"change": None}
    same = (last.day, last.starts_at) == (talk.day.isoformat(), starts_at)
    return said | {"change": "place" if same else "date"}
