"""Check and render: a claimed message becomes a mail or a post, or the reason why nothing is sent."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine

from kamflow.errors import Permanent
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store.engine import read
from kamflow.store.names import Names
from kamflow.store.recipients import Recipient
from kamflow.store.tellings import CLOSED_MEANWHILE
from notifications import invitations, papers, views
from notifications.message import Mail, SlackPost, mailbox, named
from notifications.outbox import Claimed
from notifications.render import html, slack
from notifications.render.html import RenderedMail
from notifications.render.literal import header
from notifications.render.slack import RenderedPost
from notifications.render.view import NudgesView
from notifications.unsent import Cancelled, Later
from notifications.views import Known

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What becomes of a claimed message; `other_way`: its recipient can be reached by the other channel."""

    message: Claimed
    outcome: Mail | SlackPost | Cancelled | Later | Permanent
    other_way: bool = False


@dataclass(frozen=True, slots=True)
class Renderers:
    """What turns a view into a body; a test may hand over smaller ones."""

    mail: Callable[[NudgesView], RenderedMail] = html.mail
    post: Callable[[NudgesView], RenderedPost] = slack.post
    mail_notice: Callable[..., RenderedMail] = html.notice
    post_notice: Callable[..., RenderedPost] = slack.notice


def mail_id(key: str, settings: Settings) -> str:
    """The Message-ID of a message: the same for the same key in this installation."""
    secret = settings.secret_key.get_secret_value().encode() if settings.secret_key else b""
    digest = hashlib.blake2b(key.encode(), key=hashlib.sha256(secret).digest(), digest_size=18).hexdigest()
    return f"<{digest}@{mailbox(settings.smtp.sender).address.rpartition('@')[2]}>"


def prepare(
    engine: Engine,
    batch: list[Claimed],
    settings: Settings,
    now: datetime,
    renderers: Renderers,
    policy: Policy | None = None,
) -> list[Prepared]:
    """For each message what goes out, why it is cancelled or waits, or why it cannot be sent this way."""
    claimed = batch
    with read(engine) as session:
        batch = papers.looked_through(session, claimed)
        known = views.load(session, batch, settings, now)
        surveys = invitations.look(session, batch, settings, policy or Policy(), now)
    invitations.keep(engine, surveys.values())
    papers.keep(engine, claimed, batch)
    return [
        _survey(message, surveys[message.id], settings, now, renderers)
        if message.id in surveys
        else _prepared(message, known, settings, now, renderers)
        for message in batch
    ]


def _prepared(
    message: Claimed, known: Known, settings: Settings, now: datetime, renderers: Renderers
) -> Prepared:
    reader = known.recipients.get(message.person) if message.person is not None else None
    other_way = reader is not None and _has_other_way(reader, message, settings)
    try:
        outcome = _outcome(message, reader, known, settings, now, renderers)
    except Permanent as error:
        outcome = error
    except Exception as error:
        # One message that cannot be rendered must not stop the others.
        log.exception("message.not_rendered", message=message.id, template=message.template)
        outcome = Permanent(f"{type(error).__name__} in {message.template}", cause="not-rendered")
    return Prepared(message, outcome, other_way)


def _survey(
    message: Claimed, fate: invitations.Fate, settings: Settings, now: datetime, renderers: Renderers
) -> Prepared:
    """A mail to a contact: sent by the company, answered by the KAM."""
    if not isinstance(fate, invitations.Ready):
        return Prepared(message, fate)
    to, zone = fate.sending.to, settings.company.zone
    reader = Recipient(to.contact, to.name, to.email, None, fate.language, zone, None)
    try:
        envelope = replace(
            _envelope(message, reader, settings),
            sender=named(header(settings.company.name), mailbox(settings.smtp.sender).address),
            headers=invitations.headers(fate),
        )
        return Prepared(message, envelope.notice(renderers, fate.facts, settings, now, fate.names))
    except Permanent as error:
        return Prepared(message, error)
    except Exception as error:
        log.exception("message.not_rendered", message=message.id, template=message.template)
        return Prepared(message, Permanent(type(error).__name__, cause="not-rendered"))


def _outcome(
    message: Claimed,
    reader: Recipient | None,
    known: Known,
    settings: Settings,
    now: datetime,
    renderers: Renderers,
) -> Mail | SlackPost | Cancelled:
    if reader is not None and _left(reader, settings, now):
        return Cancelled("recipient-left")
    envelope = _envelope(message, reader, settings)
    if message.kind != "nudges":
        return _notice(message, envelope, reader, known, settings, now, renderers)
    if reader is None:
        raise Permanent(f"message {message.id} names nobody", cause="no-recipient")
    view = views.nudges_view(message, reader, known, settings, now)
    if view is None:
        return Cancelled(CLOSED_MEANWHILE)
    return envelope.nudges(renderers, replace(view, redirected_from=envelope.redirected_from))


def _notice(
    message: Claimed,
    envelope: "_Envelope",
    reader: Recipient | None,
    known: Known,
    settings: Settings,
    now: datetime,
    renderers: Renderers,
) -> Mail | SlackPost | Cancelled:
    zone = views.zone(reader, settings) if reader else ZoneInfo(settings.company.zone)
    if why := papers.stale(message, known.papers, now.astimezone(zone).date(), now):
        return Cancelled(why)
    facts = {**views.notice_facts(message, known), **papers.around(message, known.papers, zone.key)}
    made = envelope.notice(renderers, facts, settings, now, known.names)
    if isinstance(made, SlackPost):
        return made
    return papers.attached(made, message, known.papers, reader, settings, known.names, now)


@dataclass(frozen=True, slots=True)
class _Envelope:
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
        if self.by_slack:
            return self._post(renderers.post_notice(*said, self.redirected_from, names))
        return self._mail(renderers.mail_notice(*said, self.redirected_from, names))

    def _post(self, rendered: RenderedPost) -> SlackPost:
        mail_id = self.message.mail_id or ""
        return SlackPost(rendered.text, rendered.blocks, mail_id, self.email, self.slack_id)

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
            )
        except ValueError as error:
            # The text names the field and not its value: an address stands in its own row only.
            raise Permanent(str(error).partition(":")[0], cause="bad-address") from None


def _envelope(message: Claimed, reader: Recipient | None, settings: Settings) -> _Envelope:
    company, mode = settings.company, settings.delivery.mode
    name = reader.name if reader else "operations"
    email = reader.email if reader else settings.operations_email
    slack_id = reader.slack_id if reader and message.channel == "slack" else None
    if not (email or slack_id) and mode == "live":
        raise Permanent("the recipient has no address", cause="no-address")
    meant_for = None
    if mode == "redirect":
        meant_for = f"{name} <{email or slack_id or 'no address'}>"
        name, email, slack_id = "", settings.delivery.redirect_to, None
    return _Envelope(
        message=message,
        name=name,
        email=email,
        slack_id=slack_id,
        language=reader.language if reader else company.language,
        sender=settings.smtp.sender,
        by_slack=message.channel == "slack" and mode == "live",
        redirected_from=meant_for,
    )


def _has_other_way(reader: Recipient, message: Claimed, settings: Settings) -> bool:
    if settings.delivery.mode != "live":
        return False  # everything goes to the one address already
    if message.kind == "calendar":
        return False  # a post carries no calendar entry
    if message.channel == "slack":
        return bool(reader.email)
    return settings.slack.token is not None and bool(reader.slack_id or reader.email)


def _left(reader: Recipient, settings: Settings, now: datetime) -> bool:
    today = now.astimezone(views.zone(reader, settings)).date()
    return reader.left_on is not None and today > reader.left_on
