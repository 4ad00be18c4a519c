"""Papers and calendar entries: what must still be so when they are sent.

A paper about an annual meeting is of use as long as the meeting stands on the date it names, the page of an
account that was handed over while its reader is the KAM. An entry that takes an invitation back
goes to those only whom an invitation reached.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from kamflow.settings import Settings
from kamflow.store import account_move, calendar_entries, handover_note, meeting_rows
from kamflow.store.meeting_rows import RoundRow
from kamflow.store.names import Names
from kamflow.store.recipients import Recipient
from notifications.message import Mail, Part, mailbox
from notifications.outbox import Claimed
from notifications.render import ics

KINDS = ("document", "calendar")


@dataclass(frozen=True)
class Papers:
    """The rounds that a batch is about, and who was sent an invitation to one, as (round, person).

    `elsewhere`: messages about an account that has another KAM by now.
    """

    talks: Mapping[int, RoundRow] = field(default_factory=dict)
    invited: frozenset[tuple[int, int]] = frozenset()
    elsewhere: frozenset[int] = frozenset()


def load(session: Session, batch: Iterable[Claimed]) -> Papers:
    """What is known of the rounds and accounts that these messages are about."""
    batch = list(batch)
    elsewhere = frozenset(each.id for each in batch if _elsewhere(session, each))
    about = [each for each in batch if each.kind in KINDS and "round" in each.facts]
    talks = {each.facts["round"] for each in about}
    if not talks:
        return Papers(elsewhere=elsewhere)
    taken_back = {each.facts["round"] for each in about if each.facts.get("method") == "cancel"}
    apart = {each.id for each in about}
    sent = calendar_entries.sent_to(session, taken_back, apart) if taken_back else set()
    return Papers(meeting_rows.rounds(session, talks), frozenset(sent), elsewhere)


def _elsewhere(session: Session, message: Claimed) -> bool:
    """Whether an account was handed over and, the same day, handed on."""
    if message.template != handover_note.KIND:
        return False
    day = date.fromisoformat(message.facts["day"])
    return message.person not in account_move.kams(session, message.facts["account"], day)


def stale(message: Claimed, papers: Papers, today: date) -> str | None:
    """Why a message must not be sent any more; None where it may."""
    if message.id in papers.elsewhere:
        return "account-elsewhere"
    number = message.facts.get("round")
    if message.kind not in KINDS or number is None:
        return None
    if message.facts.get("method") == "cancel":
        return None if (number, message.facts["person"]) in papers.invited else "never-invited"
    talk = papers.talks.get(number)
    if talk is None or talk.state == "cancelled":
        return "meeting-cancelled"
    if talk.revision != message.facts["revision"]:
        return "meeting-moved"
    if message.kind == "calendar" and talk.from_calendar:
        return "from-calendar"
    return "meeting-over" if talk.state == "held" or talk.day < today else None


def around(message: Claimed, papers: Papers, zone: str) -> Mapping[str, Any]:
    """What a paper says beside its facts: the reader's zone, and when the talk begins."""
    talk = papers.talks.get(message.facts.get("round", 0))
    if message.kind not in KINDS or talk is None:
        return {}
    return {"zone": zone, "starts_at": talk.starts_at.isoformat() if talk.starts_at else None}


def attached(
    mail: Mail,
    message: Claimed,
    papers: Papers,
    reader: Recipient | None,
    settings: Settings,
    names: Names,
    now: datetime,
) -> Mail:
    """The mail with the calendar entry it is about, if any.

    Where everything goes to one address the entry is a plain attachment: that calendar is not the reader's.
    """
    if message.kind != "calendar" or reader is None or not reader.email:
        return mail
    talk = papers.talks.get(message.facts["round"])
    entry = ics.entry(
        message.facts,
        talk.starts_at if talk else None,
        ics.Parties(mailbox(settings.smtp.sender), mailbox(reader.email), reader.name),
        reader.language,
        names,
        now,
    )
    method = message.facts["method"].upper()
    kind = f"text/calendar; method={method}; charset=utf-8"
    redirected = settings.delivery.mode == "redirect"
    part = (
        Part(entry, "application/ics", "meeting.ics")
        if redirected
        else Part(entry, kind, "meeting.ics", alternative=True)
    )
    return replace(mail, parts=(part,))
