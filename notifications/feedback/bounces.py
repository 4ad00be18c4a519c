"""A mail that came back: its message has failed, and an address that does not exist any more is said to be
dead. The KAM is asked who comes after; a colleague's address is mended by operations.

Who knows the Message-ID of a mail of ours has seen it: nobody else can report it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.models.message import MessageState, StoredMessage
from kamflow.settings import Settings
from kamflow.store import events, messages, unreachable
from kamflow.store.messages import REDIRECTED
from notifications import outbox
from notifications.outbox import NewMessage

CAUSE = "bounced"
# Codes of RFC 3463 by which the address itself is wrong: it is unknown, moved, closed, or its server gone.
# A full mailbox, a filter or a size is no reason to look for a successor.
_DEAD = ("5.0.", "5.1.", "5.2.0", "5.2.1", "5.4.1", "5.4.4")
_SENDER = ("5.1.7", "5.1.8")  # what is wrong is our own address


@dataclass(frozen=True, slots=True)
class Bounce:
    """A failure for good: of one of these Message-IDs, to these addresses (none stated: to its recipient)."""

    mail_ids: tuple[str, ...]
    addresses: tuple[str, ...]
    status: str

    @property
    def dead(self) -> bool:
        """The address is no use any more."""
        said = f"{self.status}."
        return said.startswith(tuple(f"{each.rstrip('.')}." for each in _DEAD)) and self.status not in _SENDER


def take(session: Session, bounce: Bounce, now: datetime, settings: Settings) -> StoredMessage | None:
    """Note a bounce and ask whoever can mend it; None where it is about no message of ours."""
    message = messages.by_mail_id(session, bounce.mail_ids)
    if message is None or message.channel != "email":
        return None
    if message.state != MessageState.FAILED:
        _failed(session, message, bounce, now)
    if message.cause == REDIRECTED:
        return message  # it went to the one address that gets everything
    if message.contact_id is not None:
        _contact(session, message.contact_id, bounce, now, settings)
    elif message.kind != "alert":  # or an alert that cannot be delivered would be told for ever
        _colleague(session, message, bounce, now)
    return message


def _failed(session: Session, message: StoredMessage, bounce: Bounce, now: datetime) -> None:
    if message.cause != REDIRECTED:
        message.state, message.cause = MessageState.FAILED.value, f"{CAUSE}-{bounce.status}"
        session.flush()
    told = (message.id or 0, now, MessageState.FAILED, f"{CAUSE}-{bounce.status}")
    messages.history(session, [told])
    events.record(session, "message.bounced", now, message=message.id, status=bounce.status)


def _contact(session: Session, contact: int, bounce: Bounce, now: datetime, settings: Settings) -> None:
    today = now.astimezone(ZoneInfo(settings.company.zone)).date()
    if not bounce.dead or not unreachable.mark(session, contact, bounce.addresses, today):
        return
    events.record(session, "contact.unreachable", now, contact=contact, status=bounce.status)
    for account, person in unreachable.kams(session, contact, today):
        _ask(session, contact, account, person, today, now, settings)


def _ask(
    session: Session, contact: int, account: int, person: int, today: date, now: datetime, settings: Settings
) -> None:
    """Who is the successor? Once for each time the address dies."""
    message = NewMessage(
        key=f"address-dead:{contact}:{today.isoformat()}:{account}:{person}",
        kind="notice",
        channel=outbox.channel(unreachable.channel(session, person), settings),
        template="address_dead",
        facts={"contact": contact, "account": account, "day": today.isoformat()},
        person=person,
    )
    outbox.add(session, message, now)


def _colleague(session: Session, message: StoredMessage, bounce: Bounce, now: datetime) -> None:
    day = now.date().isoformat()
    about = {"message": message.id, "person": message.person_id, "status": bounce.status}
    facts = {"what": "bounced", **about, "day": day}
    key = f"bounced:{message.person_id}:{day}"  # one a day, however many mails of a day come back
    outbox.add(session, NewMessage(key, "alert", "email", "mailbox_alert", facts), now)
