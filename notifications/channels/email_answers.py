"""What an answer of a mail server means (pure): taken, put off, refused for good, or no answer at all."""

import re

from kamflow.errors import Ambiguous, DeliveryError, Permanent, Temporary
from notifications.channels.email_wire import Reply

STAGES = ("MAIL", "RCPT", "DATA")
BODY = "body"
# It is read out of a sentence: a wrong guess must not hold a mail up for long.
LONGEST_WAIT = 3600.0

_ASKED = r"\b(?:try|retry|come|back|wait|again|later|after|for|in|greylist\w*)\b[^0-9]{0,40}\b"
_CLOCK = re.compile(_ASKED + r"(\d{1,2}):(\d\d):(\d\d)\b", re.IGNORECASE)
_SPAN = re.compile(
    _ASKED + r"(\d{1,5}) ?(?:(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?))\b", re.IGNORECASE
)
# What the mailbox we send from may send in a day is used up, or it is full: nothing is wrong with the mail.
_QUOTA = re.compile(
    r"\b5\.4\.5\b|QuotaExceeded|\bdaily\b.{0,40}\b(?:quota|limit)\b", re.IGNORECASE | re.DOTALL
)
# Microsoft says it after the body, Postfix and Google at RCPT: about neither recipient nor mail.
_SENDER = re.compile(
    r"\b5\.7\.60\b|SendAsDenied|sender address rejected|bad outbound sender|credentials for relay",
    re.IGNORECASE,
)
# At RCPT, and about us: the server takes mail for others, or from others, but not this from here.
_RELAY = re.compile(
    r"relay\w*\b.{0,40}\b(?:denied|not permitted|not allowed|prohibited|refused|rejected|forbidden)\b"
    r"|\b(?:unable|not (?:allowed|permitted|authori[sz]ed)|authenticat\w+.{0,40}) (?:to|for) relay"
    r"|\b(?:no|cannot|don't|do not|does not) relay|allowed rcpthosts|\b5\.7\.(?:54|64)\b"
    r"|client host rejected|helo command rejected|\bblocked using\b",
    re.IGNORECASE | re.DOTALL,
)
# "Not authorized" (RFC 3463) without another word is about us as well, for it would meet every mail.
_DENIED = re.compile(r"\b5\.7\.1\b")
_RECIPIENT = re.compile(r"\b(?:recipient|mailbox|user|group|list|account)\b", re.IGNORECASE)


class Dropped(Temporary):
    """The server hung up before it had the body: nothing was delivered."""


def refusal(stage: str, reply: Reply, recipient: str) -> DeliveryError | None:
    """Why the server did not go along at `stage`; None: it did. Dropped, Ambiguous: and it is no more use."""
    if reply.code == 354 if stage == "DATA" else 200 <= reply.code < 300:
        return None
    # An address stands in its own row only, so not in the text of an error.
    words = reply.words.replace(recipient, "…")[:200]
    message = f"{stage}: {reply.code} {words}"
    if not 400 <= reply.code < 600:
        return lost(stage, f"{message}, which is no answer")
    if reply.code in (530, 535):
        return Temporary(message, cause="login-refused")
    if reply.code != 421 and _QUOTA.search(words):
        return Temporary(message, cause="over-quota")
    if reply.code >= 500 and (stage == "MAIL" or _SENDER.search(words)) and reply.code != 552:
        # Every mail would meet the same: a setting is wrong, so keep them until it is mended.
        return Temporary(message, cause="sender-refused")
    if stage == "RCPT" and reply.code != 421 and _of_the_setup(words):
        return Temporary(message, cause="relay-refused")
    return _put_off(message, reply) if reply.code < 500 else _refused(stage, message, reply)


def _of_the_setup(words: str) -> bool:
    return bool(_RELAY.search(words) or (_DENIED.search(words) and not _RECIPIENT.search(words)))


def _put_off(message: str, reply: Reply) -> Temporary:
    seconds = asked_to_wait(reply.words)
    if reply.code == 421:
        return Dropped(message, cause="server-busy", retry_after=seconds)
    return Temporary(message, cause="deferred", retry_after=seconds)


def _refused(stage: str, message: str, reply: Reply) -> DeliveryError:
    if reply.code == 552 and stage != "RCPT":
        return Permanent(message, cause="too-large")
    return Permanent(message, cause="recipient-refused" if stage == "RCPT" else "content-refused")


def lost(stage: str, what: str) -> Dropped | Ambiguous:
    """No answer: once the body has left us it may have been delivered."""
    if stage == BODY:
        return Ambiguous(what, cause="lost-after-data")
    return Dropped(what, cause="connection-lost")


def asked_to_wait(words: str) -> float | None:
    """Seconds after which a server that puts off wants to be asked again, if it says so; at most an hour."""
    if clock := _CLOCK.search(words):
        hours, minutes, seconds = map(int, clock.groups())
        return min(hours * 3600.0 + minutes * 60 + seconds, LONGEST_WAIT)
    if span := _SPAN.search(words):
        number, seconds, minutes, _ = span.groups()
        return min(float(number) * (1 if seconds else 60 if minutes else 3600), LONGEST_WAIT)
    return None
