"""A report that a mail could not be delivered (RFC 3462, 3464), as mail servers write it."""

import re
from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from email.policy import compat32

from kamflow.web.mailbox.received import Received, header, ids, text_of
from notifications.feedback.bounces import Bounce

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_MOST = 20  # recipients of one report


def is_report(mail: Received) -> bool:
    """Tell whether a mail is a delivery report."""
    whole = mail.whole
    if whole is None or whole.get_content_type() != "multipart/report":
        return False
    return str(whole.get_param("report-type", "")).lower() == "delivery-status"


def bounces(mail: Received) -> list[Bounce]:
    """The recipients it failed for, for good; those that are only late are left out."""
    about = _about(mail)
    return [
        Bounce(about, tuple(_stated(each)), _status(each))
        for part in mail.parts()
        if part.get_content_type() == "message/delivery-status"
        for each in _groups(part)[:_MOST]
        if header(each, "Action").lower() == "failed" and _status(each).startswith("5")
    ]


def _about(mail: Received) -> tuple[str, ...]:
    """The Message-IDs of what came back: of the mail it encloses, and what it answers."""
    found: list[str] = []
    for part in mail.parts():
        kind = part.get_content_type()
        if kind in ("text/rfc822-headers", "message/rfc822-headers"):
            found += ids(message_from_string(text_of(part)[:100_000], policy=compat32), "Message-ID")
        elif kind == "message/rfc822":
            found += [each for inner in _within(part)[:1] for each in ids(inner, "Message-ID")]
        elif kind == "message/delivery-status":
            for each in _groups(part):
                found += ids(each, "Original-Message-ID", "X-Original-Message-ID")
    return (*dict.fromkeys(found), *ids(mail.head, "In-Reply-To", "References"))


def _groups(part: Message) -> list[Message]:
    """Its blocks of fields; the first is about the report itself."""
    if inner := _within(part):
        return inner
    text = text_of(part)[:100_000]
    return [message_from_string(each, policy=compat32) for each in re.split(r"\r?\n\r?\n", text)]


def _within(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []


def _stated(group: Message) -> Iterator[str]:
    for name in ("Original-Recipient", "Final-Recipient"):
        _, found, address = header(group, name).partition(";")
        if found and "@" in address:
            yield address.strip().strip("<>").casefold()


def _status(group: Message) -> str:
    """Its code; the one the other server said where the report's own says nothing."""
    own = _STATUS.search(header(group, "Status"))
    said = _STATUS.search(header(group, "Diagnostic-Code"))
    best = said if said and (own is None or own[0].endswith(".0.0")) and said[1] == "5" else own
    return best[0] if best else ""
