"""What is written of surveys: a wave with its list (the effect `create_wave`), tokens of links."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import insert, or_, select, update
from sqlmodel import Session, col

from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.nudge import Effect
from kamflow.periods import Period
from kamflow.store import events, link_versions, survey_wording
from kamflow.store.run import Run
from kamflow.store.survey_waves import OURS

KIND = "invitation"


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
        dimensions=list(survey_wording.asked(run.session, run.policy.of(effect.account).survey_dispatch)),
        created_at=run.now,
    )
    run.session.add(wave)
    run.session.flush()
    contacts = [each["contact"] for each in effect.facts["contacts"]]
    # A version that no other row with this id ever had: links are made of the two.
    fresh = {"wave_id": wave.id, "version": link_versions.new(run.now)}
    run.session.execute(insert(SurveyInvitation), [{"contact_id": contact, **fresh} for contact in contacts])
    events.record(
        run.session, "survey.created", run.now, account=effect.account, wave=wave.id, contacts=len(contacts)
    )


def keep_links(session: Session, links: Mapping[int, tuple[str, date]]) -> None:
    """Store what the links of these invitations are found by, and the last day to answer that the mail names.

    A reminder carries the same link.
    """
    row = SurveyInvitation
    for number, (found, closes_on) in links.items():
        other = or_(
            col(row.token_hash).is_distinct_from(found), col(row.closes_on).is_distinct_from(closes_on)
        )
        values = {"token_hash": found, "closes_on": closes_on}
        session.execute(update(row).where(col(row.id) == number, other).values(values))


def zone_of(*names: str | None) -> ZoneInfo:
    """The first of these zones that is known; the last one, of the company, always is."""
    for name in names[:-1]:
        try:
            if name:
                return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
    return ZoneInfo(names[-1] or "UTC")
