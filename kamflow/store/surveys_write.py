"""The effects of `survey_dispatch`: a wave with its list, an invitation, a reminder."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.nudge import Effect
from kamflow.periods import Period
from kamflow.store import events, new_messages, survey_mails
from kamflow.store.run import Run
from kamflow.store.survey_waves import OURS

KIND, TEMPLATE = "invitation", "survey_invitation"
DAY = timedelta(days=1)


def create_wave(run: Run, effect: Effect) -> None:
    """Put a wave together with its list; one that is there already is left alone."""
    year = Period.parse(effect.period)
    row = SurveyWave
    there = select(col(row.id)).where(
        col(row.account_id) == effect.account, col(row.year_first) == year.first, col(row.source) == OURS
    )
    if effect.account is None or run.session.execute(there).first():
        return
    wave = SurveyWave(
        account_id=effect.account,
        year_first=year.first,
        year_last=year.last,
        send_on=date.fromisoformat(effect.facts["send_on"]),
        created_at=run.now,
    )
    run.session.add(wave)
    run.session.flush()
    contacts = [each["contact"] for each in effect.facts["contacts"]]
    run.session.execute(
        insert(SurveyInvitation),
        [{"wave_id": wave.id, "contact_id": contact, "version": 1} for contact in contacts],
    )
    events.record(
        run.session, "survey.created", run.now, account=effect.account, wave=wave.id, contacts=len(contacts)
    )


def invite(run: Run, effect: Effect) -> None:
    """Ask one contact: note the day and put the mail into the outbox."""
    _mail(run, effect, "invited_on", "survey.invited")


def remind(run: Run, effect: Effect) -> None:
    """Ask one contact once more."""
    _mail(run, effect, "reminded_on", "survey.reminded")


def keep_tokens(session: Session, hashes: Mapping[int, str]) -> None:
    """Store what the links of these invitations are found by; a reminder carries the same link."""
    row = SurveyInvitation
    for number, found in hashes.items():
        known = col(row.id) == number, col(row.token_hash).is_distinct_from(found)
        session.execute(update(row).where(*known).values(token_hash=found))


def _mail(run: Run, effect: Effect, noted: str, event: str) -> None:
    wave, contact = effect.facts["wave"], effect.facts["contact"]
    row = SurveyInvitation
    invitation = run.session.execute(
        select(row).where(col(row.wave_id) == wave, col(row.contact_id) == contact)
    ).scalar_one_or_none()
    if invitation is None or effect.account is None or getattr(invitation, noted) is not None:
        return
    setattr(invitation, noted, run.today)
    new_messages.add(
        run.session,
        new_messages.NewMessage(
            key=survey_mails.key(effect.name, effect.account, contact, wave, effect.step),
            kind=KIND,
            channel="email",
            template=TEMPLATE,
            facts=dict(effect.facts)
            | {"account": effect.account, "invitation": invitation.id, "step": effect.step},
            contact=contact,
            due_at=_moment(run, effect.account, contact, effect.facts),
        ),
        run.now,
    )
    events.record(run.session, event, run.now, account=effect.account, wave=wave, invitation=invitation.id)


def _moment(run: Run, account: int, contact: int, asked: Mapping[str, Any]) -> datetime:
    """The next hours for surveys in the contact's zone; whether its day fits is checked before sending."""
    zone = _zone(run, account, contact)
    start, end = (time.fromisoformat(asked[name]) for name in ("from", "until"))
    begin = datetime.combine(run.today, start, zone)
    at = max(begin, run.now.astimezone(zone))
    if at.time() >= end or at.isoweekday() not in asked["weekdays"]:
        at = datetime.combine(at.date() + DAY, start, zone)
        while at.isoweekday() not in asked["weekdays"]:
            at = datetime.combine(at.date() + DAY, start, zone)
    return at


def _zone(run: Run, account: int, contact: int) -> ZoneInfo:
    rows = run.session.get_one(Contact, contact), run.session.get_one(Account, account)
    return zone_of(*(row.zone for row in rows), run.company.zone)


def zone_of(*names: str | None) -> ZoneInfo:
    """The first of these zones that is known; the last one, of the company, always is."""
    for name in names[:-1]:
        try:
            if name:
                return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
    return ZoneInfo(names[-1] or "UTC")
