"""What becomes of one mail, in one transaction with the note that it was dealt with.

In this order: what we sent ourselves is ignored; a delivery report is a bounce; an invitation by one of our
people is a meeting (some calendars send them as automatic mails); any other automatic mail and lists are
ignored, so that two machines never talk to each other; a reply proves itself by its token. All the rest a
human reads.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlmodel import Session

from kamflow.errors import KamflowError
from kamflow.intake.calendars import invitation
from kamflow.store import received_mail, sign_ins, unreachable
from kamflow.web.mailbox import proof, returned
from kamflow.web.mailbox.received import OWN, Received
from kamflow.web.site import Site
from notifications import outbox
from notifications.feedback import bounces, replies
from notifications.feedback.replies import Reply
from notifications.message import mailbox as parsed
from notifications.outbox import NewMessage

VIA = "mail"
LARGEST_CALENDAR = 1_000_000
# Answers to an invitation: they say nothing about who else comes.
_ANSWERS = frozenset({"reply", "counter", "declinecounter", "refresh"})

log = structlog.get_logger()


class Dealt(NamedTuple):
    """`verdict`: meeting, bounce, reply, ignored; known (dealt with before); or forward: a human has to
    read it, and nothing is noted until somebody got it. `flagged`: it stays marked in the mailbox."""

    verdict: str
    person: int | None = None
    flagged: bool = False


class _Doubled(Exception):
    """Another reader of the mailbox was first: what this one did is taken back."""


def deal(site: Site, mail: Received) -> Dealt:
    """Do what a mail says, once.

    Raises:
        SQLAlchemyError: the database; the mail is read again.
    """
    try:
        with site.writing(VIA) as session:
            if received_mail.known(session, mail.id):
                return Dealt("known")
            dealt = _sorted(site, session, mail)
            if dealt.verdict != "forward" and not received_mail.add(
                session, mail.id, site.now(), dealt.verdict, dealt.person
            ):
                raise _Doubled
            return dealt
    except _Doubled:
        return Dealt("known")
    except SQLAlchemyError as error:
        if not isinstance(error, DataError):  # that is the mail's: something that no database keeps
            raise
        log.warning("mailbox.not_understood", error=type(error).__name__, ours=False)
        return Dealt("forward")
    except Exception as error:  # noqa: BLE001 - whatever a mail does to us, a human gets it and the next one comes
        kind = type(error).__name__
        log.warning("mailbox.not_understood", error=kind, ours=isinstance(error, KamflowError))
        return Dealt("forward")


def key(mail: Received) -> str:
    """What tells a mail from every other, without saying anything of it."""
    return hashlib.sha256(mail.id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _sorted(site: Site, session: Session, mail: Received) -> Dealt:
    if _own(site, mail):
        return Dealt("ignored", flagged=True)
    if returned.is_report(mail):
        return _bounced(site, session, mail)
    found = sign_ins.by_email(session, mail.sender, site.today) if mail.sender else None
    person = found.id if found else None
    calendar = next(_calendars(mail), None)
    if calendar is not None and str(calendar.get_param("method", "")).lower() in _ANSWERS:
        return Dealt("ignored")
    if calendar is not None and person is not None and _true(site, mail):
        return _meeting(site, session, calendar, person)
    if mail.automatic:
        return Dealt("ignored")
    return _replied(site, session, mail) or Dealt("forward")


def _own(site: Site, mail: Received) -> bool:
    ours = {(site.settings.mailbox.address or "").casefold()}
    ours.add(parsed(site.settings.smtp.sender).address.casefold())
    return mail.sender in ours or OWN.lower().encode() in mail.raw.lower()


def _true(site: Site, mail: Received) -> bool:
    return proof.passes(mail.head, mail.sender, site.settings.mailbox.authserv_id)


def _bounced(site: Site, session: Session, mail: Received) -> Dealt:
    found = [bounces.take(session, each, site.now(), site.settings) for each in returned.bounces(mail)]
    return Dealt("bounce" if any(each is not None for each in found) else "ignored")


def _calendars(mail: Received) -> Iterator[Message]:
    for part in mail.parts():
        if part.get_content_type() in ("text/calendar", "application/ics"):
            yield part


def _meeting(site: Site, session: Session, calendar: Message, person: int) -> Dealt:
    content = calendar.get_payload(decode=True)
    if not isinstance(content, bytes) or len(content) > LARGEST_CALENDAR:
        return Dealt("forward")
    settings = site.settings
    counts = invitation.take(session, content, site.now(), settings.company, person, settings.smtp.domain)
    log.info("mailbox.meeting", counts=dict(counts))
    if invitation.NONE in counts or counts["rejected"] or counts[invitation.NOT_THEIRS]:
        return Dealt("forward")
    _say_so(session, site, person, counts)
    return Dealt("meeting", person)


def _say_so(session: Session, site: Site, person: int, counts: Counter[str]) -> None:
    """Tell who invited that nothing was counted; once a day, and nothing of the meeting."""
    private = counts[invitation.PRIVATE] > 0
    if not private and not any(counts[why] for why in invitation.UNKNOWN):
        return
    day = site.today.isoformat()
    facts = {"why": "private" if private else "unknown", "day": day}
    channel = outbox.channel(unreachable.channel(session, person), site.settings)
    key = f"uncounted:{person}:{day}"
    outbox.add(session, NewMessage(key, "notice", channel, "meeting_uncounted", facts, person), site.now())


def _replied(site: Site, session: Session, mail: Received) -> Dealt | None:
    """A reply that proves itself; what it does not say clearly a human reads as well."""
    for token in _tokens(site, mail):
        reply = Reply(key(mail), token, mail.sender, mail.first_line())
        answered = replies.take(session, reply, site.now(), site.settings, site.policy)
        if answered is not None:
            return Dealt("forward" if answered.result == "unknown" else "reply", answered.person)
        log.warning("mailbox.reply_refused")
    return None


def _tokens(site: Site, mail: Received) -> list[str]:
    """What stands behind the plus of our address, of all addresses it went to."""
    local, _, domain = (site.settings.mailbox.address or "").casefold().rpartition("@")
    start, end = f"{local}+", f"@{domain}"
    return [
        each[len(start) : -len(end)]
        for each in sorted(mail.recipients)
        if each.startswith(start) and each.endswith(end)
    ][:3]
