"""Check and render: a claimed message becomes a mail or a post, or the reason why nothing is sent."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kamflow.errors import Permanent
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import recipients
from kamflow.store.engine import read
from kamflow.store.recipients import Recipient
from kamflow.store.tellings import CLOSED_MEANWHILE
from notifications import enclosed, invitations, papers, redaction, reported, sign_in_link, views, ways
from notifications.envelope import Envelope, Renderers, addressed
from notifications.message import Mail, SlackPost, mailbox, named
from notifications.outbox import Claimed
from notifications.render import speech
from notifications.render.literal import header
from notifications.unsent import Cancelled, Later
from notifications.views import Known

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What becomes of a claimed message; `other_way`: its recipient can be reached by the other channel."""

    message: Claimed
    outcome: Mail | SlackPost | Cancelled | Later | Permanent
    other_way: bool = False


def mail_id(key: str, settings: Settings) -> str:
    """The Message-ID of a message: the same for the same key in this installation."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    digest = hashlib.blake2b(key.encode(), key=_hashed(secret), digest_size=18).hexdigest()
    return f"<{digest}@{_domain(settings.smtp.sender)}>"


@lru_cache(maxsize=16)
def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


@lru_cache(maxsize=16)
def _domain(sender: str) -> str:
    return mailbox(sender).address.rpartition("@")[2]


def prepare(
    engine: Engine,
    batch: list[Claimed],
    settings: Settings,
    now: datetime,
    renderers: Renderers,
    policy: Policy | None = None,
) -> list[Prepared]:
    """For each message what goes out, why it is cancelled or waits, or why it cannot be sent this way.

    What is wrong with one message must not stop the others: then each is looked at on its own. A database
    that fails is no fault of a message: all of them are claimed again.
    """
    rest = (settings, now, renderers, policy or Policy())
    try:
        return _together(engine, batch, *rest)
    except SQLAlchemyError:
        raise
    except Exception as error:
        if len(batch) > 1:
            return [made for message in batch for made in prepare(engine, [message], *rest)]
        log.exception("message.not_rendered", message=batch[0].id, template=batch[0].template)
        outcome = Permanent(f"{type(error).__name__} in {batch[0].template}", cause="not-rendered")
        return [Prepared(batch[0], outcome)]


def _together(
    engine: Engine,
    claimed: list[Claimed],
    settings: Settings,
    now: datetime,
    renderers: Renderers,
    policy: Policy,
) -> list[Prepared]:
    posts = [each for each in claimed if each.kind == redaction.REDACTION]
    if posts:
        rest = [each for each in claimed if each.kind != redaction.REDACTION]
        anew = _redacted(engine, posts, settings, now, renderers)
        return anew + (_together(engine, rest, settings, now, renderers, policy) if rest else [])
    with read(engine) as session:
        council = settings.works_council
        claimed = reported.renewed(session, claimed, settings.company, policy, council=council)
        batch = papers.looked_through(session, claimed)
        known = views.load(session, batch, settings, now)
        surveys = invitations.look(session, batch, settings, policy, now)
    invitations.keep(engine, surveys.values())
    papers.keep(engine, claimed, batch)
    return [
        _survey(message, surveys[message.id], settings, now, renderers)
        if message.id in surveys
        else _prepared(message, known, settings, now, renderers)
        for message in batch
    ]


def _redacted(
    engine: Engine, batch: list[Claimed], settings: Settings, now: datetime, renderers: Renderers
) -> list[Prepared]:
    """Posts of ours without who was erased; while everything goes to one address they wait."""
    if settings.delivery.mode != "live":
        return [Prepared(each, Later(now + timedelta(days=1), settings.delivery.mode)) for each in batch]
    with read(engine) as session:
        posts = redaction.originals(session, batch)
        again = [each.message for each in posts.values() if each.again]
        known = views.load(session, again, settings, now)
        readers = recipients.recipients(session, {each.message.person or 0 for each in posts.values()})
    company, made = settings.company, list[Prepared]()
    for message in batch:
        if (post := posts.get(message.id)) is None:
            made.append(Prepared(message, Cancelled("post-gone")))
            continue
        reader = readers.get(post.message.person or 0)
        language = speech.addressed(reader.language if reader else company.language, company.colleagues)
        again_ = _prepared(post.message, known, settings, now, renderers).outcome if post.again else None
        made.append(Prepared(message, redaction.instead(post, again_, language)))
    return made


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
            addressed(message, reader, settings),
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
    envelope = addressed(message, reader, settings)
    if message.kind != "nudges":
        return _notice(message, envelope, reader, known, settings, now, renderers)
    if reader is None:
        raise Permanent(f"message {message.id} names nobody", cause="no-recipient")
    answered = bool(envelope.headers) and not envelope.by_slack
    said = {"redirected_from": envelope.redirected_from, "answered": answered}
    view = views.nudges_view(message, reader, known, settings, now, **said)
    return envelope.nudges(renderers, view) if view is not None else Cancelled(CLOSED_MEANWHILE)


def _notice(
    message: Claimed,
    envelope: Envelope,
    reader: Recipient | None,
    known: Known,
    settings: Settings,
    now: datetime,
    renderers: Renderers,
) -> Mail | SlackPost | Cancelled:
    zone = views.zone(reader, settings) if reader else ZoneInfo(settings.company.zone)
    today = now.astimezone(zone).date()
    if why := sign_in_link.stale(message, now) or papers.stale(message, known.papers, today, now):
        return Cancelled(why)
    around = papers.around(message, known.papers, zone.key, council=settings.works_council)
    link = sign_in_link.around(message, settings, zone.key)
    facts = {**views.notice_facts(message, known), **around, **link}
    opens = _opens(message, reader, settings, now)
    if envelope.by_slack:
        return envelope.notice(renderers, {**facts, **opens}, settings, now, known.names)
    page = enclosed.page(message, facts, envelope.language, settings, known.names)
    files = reported.files(message, known.reports.get(message.id), envelope.language, settings, known.names)
    said = {**facts, **enclosed.beside(message, page, *files), **opens}
    made = envelope.notice(renderers, said, settings, now, known.names)
    entry = enclosed.entry(message, known.papers, reader, settings, known.names, now)
    return enclosed.within(made, page, entry, *files)


def _opens(
    message: Claimed, reader: Recipient | None, settings: Settings, now: datetime
) -> Mapping[str, str]:
    """Where a document can be read in the browser."""
    if message.kind != "document" or reader is None:
        return {}
    link = ways.document_link(settings, reader, message.id, now)
    return {"opens": link} if link else {}


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
