"""To whom a message goes, by which way, and what turns it into a body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.errors import Permanent
from kamflow.settings import Settings
from kamflow.store.names import Names
from kamflow.store.recipients import Recipient
from notifications import links
from notifications.message import Mail, SlackPost, named
from notifications.outbox import Claimed
from notifications.render import html, slack, slack_reference, speech
from notifications.render import letter as letters
from notifications.render.house import House
from notifications.render.html import RenderedMail
from notifications.render.literal import header
from notifications.render.slack import RenderedPost
from notifications.render.view import NudgesView

REPLY = "mail_reply"  # the answer to a reply
OPERATIONS = "alert"  # the kind of what is told to operations


@dataclass(frozen=True, slots=True)
class Renderers:
    """What turns a view into a body; a test may hand over smaller ones."""

    mail: Callable[[NudgesView], RenderedMail] = html.mail
    post: Callable[[NudgesView], RenderedPost] = slack.post
    mail_notice: Callable[..., RenderedMail] = html.notice
    post_notice: Callable[..., RenderedPost] = slack.notice


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom and how a message goes; `redirected_from` names who it is meant for."""

    message: Claimed
    name: str
    email: str | None
    slack_id: str | None
    language: str
    sender: str
    by_slack: bool
    redirected_from: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def nudges(self, renderers: Renderers, view: NudgesView) -> Mail | SlackPost:
        return self._post(renderers.post(view)) if self.by_slack else self._mail(renderers.mail(view))

    def notice(
        self,
        renderers: Renderers,
        facts: Mapping[str, Any],
        settings: Settings,
        now: datetime,
        names: Names,
    ) -> Mail | SlackPost:
        day = now.astimezone(ZoneInfo(settings.company.zone)).date()
        said = (self.message.template, self.language, facts, settings.company.name, day)
        bare = settings.slack.detail == "reference" and self.message.kind not in ("sign-in", OPERATIONS)
        if self.by_slack and bare:
            letter = letters.notice(*said, self.redirected_from, names)
            page = links.internal_link(settings, "/")
            return self._post(slack.laid_out(slack_reference.notice(letter, self.language, page)))
        if self.by_slack:
            return self._post(renderers.post_notice(*said, self.redirected_from, names))
        # Without the logo: no mail shows it, and a file that cannot be read must not hold up an alert.
        house = House(settings.company.name, settings.brand.primary, settings.brand.secondary)
        return self._mail(renderers.mail_notice(*said, self.redirected_from, names, house))

    def _post(self, rendered: RenderedPost) -> SlackPost:
        return SlackPost(
            rendered.text,
            rendered.blocks,
            self.message.mail_id or "",
            to_email=self.email,
            slack_id=self.slack_id,
            since=self.message.made_at,
        )

    def _mail(self, rendered: RenderedMail) -> Mail:
        try:
            return Mail(
                to=named(header(self.name), self.email or ""),
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                message_id=self.message.mail_id or "",
                sender=self.sender,
                headers=self.headers,
                parts=rendered.parts,
            )
        except ValueError as error:
            # The text names the field and not its value: an address stands in its own row only.
            raise Permanent(str(error).partition(":")[0], cause="bad-address") from None


def addressed(message: Claimed, reader: Recipient | None, settings: Settings) -> Envelope:
    """To whom a message goes: where everything goes to one address, too, operations get what is theirs."""
    if reader is None and message.kind == OPERATIONS:
        return _to_operations(message, settings)
    mode = settings.delivery.mode
    name = reader.name if reader else "operations"
    email = reader.email if reader else settings.operations_email
    slack_id = reader.slack_id if reader and message.channel == "slack" else None
    if not (email or slack_id) and mode == "live":
        raise Permanent("the recipient has no address", cause="no-address")
    meant_for = None
    if mode == "redirect":
        meant_for = f"{name} <{email or slack_id or 'no address'}>"
        name, email, slack_id = "", settings.delivery.redirect_to, None
    return Envelope(
        message=message,
        name=name,
        email=email,
        slack_id=slack_id,
        language=reader.language if reader else _language(settings),
        sender=settings.smtp.sender,
        by_slack=message.channel == "slack" and mode == "live",
        redirected_from=meant_for,
        headers=_answers(message, reader, settings),
    )


def _to_operations(message: Claimed, settings: Settings) -> Envelope:
    by_slack = message.channel == "slack"
    email, channel = settings.operations_email, settings.operations.slack_channel
    if not (channel if by_slack else email):
        raise Permanent("operations have no address", cause="no-address")
    return Envelope(
        message=message,
        name="operations",
        email=None if by_slack else email,
        slack_id=channel if by_slack else None,
        language=_language(settings),
        sender=settings.smtp.sender,
        by_slack=by_slack,
    )


def _language(settings: Settings) -> str:
    """What operations are told in."""
    company = settings.company
    return speech.addressed(settings.operations.language or company.language, company.colleagues)


def _answers(message: Claimed, reader: Recipient | None, settings: Settings) -> dict[str, str]:
    """Where a reply acts: only to what asks for something, and not from the address everything goes to."""
    asks = message.kind == "nudges" or message.template == REPLY
    if reader is None or not asks or settings.delivery.mode != "live":
        return {}
    address = links.reply_address(settings, message.id, reader.id, reader.links_version)
    return {"Reply-To": address} if address else {}
