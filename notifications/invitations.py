"""What becomes of a survey's mail: it is cancelled or put off by its check, or what it says."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from kamflow.errors import Permanent
from kamflow.figures import survey_dates
from kamflow.policy import Policy
from kamflow.rules.survey_dispatch import RULE
from kamflow.settings import Settings
from kamflow.store import names, own_policy, survey_sending, surveys_write
from kamflow.store.engine import write
from kamflow.store.names import Names
from kamflow.store.run import Run
from kamflow.store.survey_sending import Sending
from kamflow.store.surveys_write import KIND, zone_of
from kamflow.thresholds import SurveyDispatch
from notifications import links, survey_check
from notifications.outbox import Claimed
from notifications.survey_check import FIRST
from notifications.unsent import Cancelled, Later

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ready:
    """What the mail says, how its link is found again, and whom a reply reaches."""

    sending: Sending
    facts: Mapping[str, Any]
    token_hash: str
    names: Names
    language: str


Fate: TypeAlias = Cancelled | Later | Ready | Permanent


@dataclass(frozen=True)
class _Known:
    """All that a batch of survey mails needs, loaded at once."""

    sendings: Mapping[int, Sending]
    names: Names
    policy: Policy
    settings: Settings
    now: datetime


def look(
    session: Session, batch: Iterable[Claimed], settings: Settings, policy: Policy, now: datetime
) -> dict[int, Fate]:
    """What becomes of the survey mails of a batch, by message."""
    mails = [message for message in batch if message.kind == KIND]
    if not mails:
        return {}
    try:
        return _looked(session, mails, settings, policy, now)
    except SQLAlchemyError:
        raise
    except Exception as error:
        # One whose facts cannot be read must not stop the others.
        log.exception("messages.not_checked", messages=[mail.id for mail in mails])
        if len(mails) == 1:
            return {mails[0].id: _not_checked(mails[0], error)}
        each_alone = (look(session, [mail], settings, policy, now) for mail in mails)
        return {number: fate for alone in each_alone for number, fate in alone.items()}


def _looked(
    session: Session, mails: Collection[Claimed], settings: Settings, policy: Policy, now: datetime
) -> dict[int, Fate]:
    today = now.astimezone(zone_of(settings.company.zone)).date()
    own = own_policy.load(session, policy, today, frozenset(each.facts["account"] for each in mails))
    run = Run(session, RULE, today, now, own, settings.company)
    found = survey_sending.load(run, (each.facts["invitation"] for each in mails))
    known = _Known(found, _names(session, found.values()), own, settings, now)
    return {message.id: _fate(message, known) for message in mails}


def keep(engine: Engine, fates: Iterable[Fate]) -> None:
    """Store by what the links of these mails are found and until when, before they leave."""
    made = {
        each.sending.id: (each.token_hash, date.fromisoformat(each.facts["closes_on"]))
        for each in fates
        if isinstance(each, Ready)
    }
    if made:
        with write(engine) as session:
            surveys_write.keep_links(session, made)


def headers(ready: Ready) -> dict[str, str]:
    """Whom a reply reaches, and how mail programs offer to object; nothing where an address is no ASCII."""
    said = {
        "Reply-To": ready.sending.reply_to or "",
        "List-Unsubscribe": f"<mailto:{ready.facts['objection']}>",
    }
    return {name: value for name, value in said.items() if value and value.isascii()}


def _names(session: Session, sendings: Collection[Sending]) -> Names:
    return names.load(
        session,
        persons={person for each in sendings for person in each.reads},
        contacts={each.to.contact for each in sendings},
        accounts={each.fact.account for each in sendings},
    )


def _fate(message: Claimed, known: _Known) -> Fate:
    sending = known.sendings.get(message.facts["invitation"])
    if sending is None or sending.fact.wave is None:
        return Cancelled("survey-over")
    if sending.fact.wave.stopped:
        return Cancelled("survey-stopped")
    if sending.asked.answered_on is not None:
        return Cancelled("answered")
    policy = known.policy.of(sending.fact.account).survey_dispatch
    try:
        return survey_check.against(message, sending, known.now, _zone(sending, known), policy) or _ready(
            message, sending, known, policy
        )
    except Permanent as error:
        return error
    except Exception as error:
        log.exception("message.not_checked", message=message.id)
        return _not_checked(message, error)


def _not_checked(message: Claimed, error: Exception) -> Permanent:
    return Permanent(f"{type(error).__name__} in {message.template}", cause="not-checked")


def _zone(sending: Sending, known: _Known) -> ZoneInfo:
    return zone_of(*sending.to.zones, known.settings.company.zone)


def _ready(message: Claimed, sending: Sending, known: _Known, policy: SurveyDispatch) -> Ready:
    settings, today = known.settings, known.now.astimezone(_zone(sending, known)).date()
    token = links.survey_token(links.secret(settings), sending.id, sending.version)
    first = message.facts["step"] == FIRST
    invited_on = today if first else sending.asked.invited_on or today
    facts = {
        "first": first,
        "contact": sending.to.contact,
        "account": sending.fact.account,
        "reads": list(sending.reads),
        "address": _address(sending.to.salutation),
        "name": sending.to.name,
        "last_name": sending.to.last_name,
        "consent": sending.asked.who.consent == "given",
        "invited_on": invited_on.isoformat(),
        "closes_on": survey_dates.closes_on(sending.fact, invited_on, policy).isoformat(),
        "meeting": sending.fact.meeting.isoformat() if sending.fact.meeting else None,
        "company": settings.company.name,
        "link": links.survey_link(settings, token),
        "objection": _objection(settings),
        "legal": settings.survey.legal_details or "",
        "privacy": settings.survey.privacy_url or "",
    }
    language = sending.to.language or settings.company.language
    return Ready(sending, facts, links.hashed(token), known.names, language)


def _objection(settings: Settings) -> str:
    if settings.survey.objection_address is None:
        mend = "set objection_address in [survey], then: kamflow outbox retry ID"
        raise Permanent("objection_address is not set", cause=f"no-objection-address: {mend}")
    return settings.survey.objection_address


def _address(said: str | None) -> str:
    """How the contact is addressed: `mr`, `ms`, or by the full name."""
    word = (said or "").strip().rstrip(".").casefold()
    if word in ("herr", "herrn", "hr", "mr", "m", "sir"):
        return "mr"
    return "ms" if word in ("frau", "fr", "ms", "mrs", "miss", "w", "f") else ""
