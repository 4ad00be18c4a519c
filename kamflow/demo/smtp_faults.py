"""What goes wrong at mail servers: each fault with the stage it shows at and what it means for the mail.

`SmtpCatcher(rule=played("greylisted"))` plays one; test_email_faults.py holds the channel to what it `means`.
What a rule cannot play is set at the catcher: a certificate nobody vouches for (`tls`), no STARTTLS (no
`tls`), a wrong password (`credentials`) or token (`tokens`), no SMTPUTF8, a limit of size, a slow way
(`delay`); `announce` lets it say that it goes, unasked.
"""

from collections.abc import Callable
from typing import NamedTuple

from kamflow.demo.smtp_terms import Rule, Said
from kamflow.errors import Ambiguous, DeliveryError, Permanent, Temporary


class Fault(NamedTuple):
    """`means`: what the channel raises, with `cause`. `taken`: the server has the mail all the same."""

    stage: str
    said: Said
    means: type[DeliveryError]
    cause: str
    taken: bool = False


FAULTS: dict[str, Fault] = {
    # Nobody there, or not for us.
    "not welcome": Fault("connect", b"554 5.7.1 not you", Temporary, "connect-failed"),
    "too many connections": Fault("connect", b"421 4.7.0 try again later", Temporary, "server-busy"),
    "cut at the greeting": Fault("connect", "drop", Temporary, "connect-failed"),
    "silent at the greeting": Fault("connect", "hang", Temporary, "connect-failed"),
    "no EHLO": Fault("ehlo", b"550 no", Temporary, "connect-failed"),
    "cut at EHLO": Fault("ehlo", "drop", Temporary, "connect-failed"),
    # The sender.
    "closing": Fault("mail", b"421 4.3.2 closing", Temporary, "server-busy"),
    "concurrent connections": Fault("mail", b"432 4.3.2 limit exceeded", Temporary, "deferred"),
    "log in first": Fault("mail", b"530 5.7.0 log in first", Temporary, "login-refused"),
    "not your address": Fault("mail", b"550 5.7.60 not your address", Temporary, "sender-refused"),
    "too large, said early": Fault("mail", b"552 5.3.4 too large", Permanent, "too-large"),
    "cut at MAIL": Fault("mail", "drop", Temporary, "connection-lost"),
    "silent at MAIL": Fault("mail", "hang", Temporary, "connection-lost"),
    # The recipient.
    "greylisted": Fault("rcpt", b"450 4.2.0 greylisted, try again in 300 seconds", Temporary, "deferred"),
    "not your address, said late": Fault(
        "rcpt", b"553 5.7.1 <k@x>: Sender address rejected: not owned by user", Temporary, "sender-refused"
    ),
    "no relay": Fault("rcpt", b"554 5.7.1 <k@x>: Relay access denied", Temporary, "relay-refused"),
    "not from your machine": Fault(
        "rcpt", b"554 5.7.1 <m[192.0.2.1]>: Client host rejected: Access denied", Temporary, "relay-refused"
    ),
    "not for this recipient": Fault(
        "rcpt", b"550 5.7.1 <k@x>: Recipient address rejected: closed group", Permanent, "recipient-refused"
    ),
    "no such user": Fault("rcpt", b"550 5.1.1 no such user", Permanent, "recipient-refused"),
    "daily limit": Fault("rcpt", b"550 5.4.5 Daily user sending limit exceeded", Temporary, "over-quota"),
    "mailbox full": Fault("rcpt", b"552 5.2.2 mailbox full", Permanent, "recipient-refused"),
    "closing at RCPT": Fault("rcpt", b"421 4.4.2 closing", Temporary, "server-busy"),
    "gibberish": Fault("rcpt", b"what?", Temporary, "connection-lost"),
    "cut at RCPT": Fault("rcpt", "drop", Temporary, "connection-lost"),
    "silent at RCPT": Fault("rcpt", "hang", Temporary, "connection-lost"),
    "a slow trickle": Fault("rcpt", "trickle", Temporary, "connection-lost"),
    # The body.
    "no DATA": Fault("data", b"554 5.5.1 no", Permanent, "content-refused"),
    "DATA put off": Fault("data", b"451 4.3.0 later", Temporary, "deferred"),
    "DATA taken for done": Fault("data", b"250 2.0.0 OK", Temporary, "connection-lost"),
    "cut before DATA": Fault("data", "drop", Temporary, "connection-lost"),
    "spam": Fault("body", b"554 5.7.1 spam", Permanent, "content-refused"),
    "too large, said late": Fault("body", b"552 5.3.4 too large", Permanent, "too-large"),
    "not your mailbox": Fault(
        "body", b"554 5.2.252 SendAsDenied; STOREDRV.Submission.Exception", Temporary, "sender-refused"
    ),
    "daily quota": Fault(
        "body", b"554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceeded", Temporary, "over-quota"
    ),
    "disk full": Fault("body", b"452 4.3.1 disk full", Temporary, "deferred"),
    "closing after the body": Fault("body", b"421 4.3.2 closing", Temporary, "server-busy"),
    # Whether it was taken cannot be known from here.
    "cut within the body": Fault("reading", "drop", Ambiguous, "lost-after-data"),
    "silent within the body": Fault("reading", "hang", Ambiguous, "lost-after-data"),
    "cut after the body": Fault("body", "drop", Ambiguous, "lost-after-data"),
    "silent after the body": Fault("body", "hang", Ambiguous, "lost-after-data"),
    "gibberish after the body": Fault("body", b"354 go on", Ambiguous, "lost-after-data"),
    "answer lost": Fault("taken", "drop", Ambiguous, "lost-after-data", taken=True),
    "answer never comes": Fault("taken", "hang", Ambiguous, "lost-after-data", taken=True),
    "answer in a trickle": Fault("taken", "trickle", Ambiguous, "lost-after-data", taken=True),
}


def played(*names: str, times: int | None = None, to: Callable[[str], bool] = lambda _: True) -> Rule:
    """A rule that plays these faults, each at its stage, `times` times in all (None: always).

    `to` picks by what the stage is about (a recipient, a Message-ID …). Of two at one stage the first counts.
    """
    faults: dict[str, Said] = {}
    for name in names:
        faults.setdefault(FAULTS[name].stage, FAULTS[name].said)
    left = [times]

    def rule(stage: str, argument: str) -> Said | None:
        said = faults.get(stage)
        if said is None or left[0] == 0 or not to(argument):
            return None
        if left[0] is not None:
            left[0] -= 1
        return said

    return rule
