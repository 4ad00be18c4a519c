"""What kamflow does not understand goes to a human, as it came: enclosed, never opened.

It is sent at once and not by the outbox, which keeps no texts. It is noted as dealt with only once it was
taken over; after a crash in between it goes again, under the same Message-ID.
"""

from kamflow.settings import Settings
from kamflow.web.mailbox.deal import key
from kamflow.web.mailbox.received import OWN, Received, header
from kamflow.web.site import Site
from notifications.message import Mail, Part
from notifications.render import html, literal, speech

_SUBJECT = 120
_AGAIN_NEVER = {OWN: "1", "X-Auto-Response-Suppress": "All"}


def reader(settings: Settings) -> str | None:
    """Who gets it: `forward_to`, or the one address of `redirect`. None: nobody is named.

    Never operations: customers may write to any address, and operations see no content of theirs.
    """
    if settings.delivery.mode == "redirect":
        return settings.delivery.redirect_to
    return settings.mailbox.forward_to


def letter(site: Site, mail: Received, to: str) -> Mail:
    """The mail around it."""
    settings = site.settings
    language = speech.addressed(settings.company.language, settings.company.colleagues)
    subject = literal.header(header(mail.head, "Subject"), _SUBJECT)
    facts = {"subject": subject, "whole": mail.broken != "too-large", "day": site.today.isoformat()}
    made = html.notice("mail_forwarded", language, facts, settings.company.name, site.today)
    name = "mail.eml" if facts["whole"] else "headers.txt"
    return Mail(
        to=to,
        subject=made.subject,
        text=made.text,
        html=made.html,
        message_id=f"<forward.{key(mail)}@{settings.smtp.domain}>",
        sender=settings.smtp.sender,
        headers=_AGAIN_NEVER,
        # Not as message/rfc822: a program would show a stranger's page inside ours.
        parts=(Part(mail.raw, "application/octet-stream", name),),
    )
