"""Which surveys asked a contact, or are about to: those of every account, and imported ones."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.store import survey_mails
from kamflow.store.run import Run
from kamflow.store.survey_mails import Listed


class _Entry(NamedTuple):
    """A contact in one wave: the day on which it was asked there; `waits` where it still may be."""

    wave: int
    asked: date | None
    waits: bool


@dataclass(frozen=True)
class Listings:
    """The waves each contact is or was in."""

    of: defaultdict[int, list[_Entry]]

    def last_asked(self, contact: int, wave: int | None) -> date | None:
        """The newest day on which any survey but this one asked."""
        days = (each.asked for each in self.of[contact] if each.wave != wave)
        return max((day for day in days if day is not None), default=None)

    def other_wave(self, contact: int, wave: int | None) -> int | None:
        """The first other wave that is still to ask."""
        return min((each.wave for each in self.of[contact] if each.waits and each.wave != wave), default=None)


def load(run: Run, wanted: Any) -> Listings:
    """`wanted` selects the contacts."""
    rows = run.session.execute(_rows(wanted)).all()
    listed = [Listed(row.id, row.wave_id, row.account_id, row.contact_id, row.invited_on) for row in rows]
    invited = survey_mails.asked_on(run.session, listed, run.today, run.company.zone)
    zone = ZoneInfo(run.company.zone)
    found: defaultdict[int, list[_Entry]] = defaultdict(list)
    for row in rows:
        answered = row.first_at.astimezone(zone).date() if row.first_at else None
        days = (invited.get(row.id), answered if answered and answered <= run.today else None)
        asked = max((day for day in days if day is not None), default=None)
        found[row.contact_id].append(_Entry(row.wave_id, asked, asked is None and _waits(row, run.today)))
    return Listings(found)


def _waits(row: Any, today: date) -> bool:
    """Whether the wave may still ask. What lies in a past year, or was called off, will not."""
    never = row.imported or row.invited_on is not None or row.struck_on is not None
    return not never and row.stopped_on is None and row.year_last >= today


def _rows(wanted: Any) -> Any:
    invitation, wave, answer = SurveyInvitation, SurveyWave, SurveyAnswer
    columns = (invitation.id, invitation.wave_id, invitation.contact_id, invitation.invited_on)
    more = (invitation.struck_on, wave.account_id, wave.year_last, wave.stopped_on, wave.imported)
    return (
        select(*map(col, (*columns, *more)), col(answer.first_at))
        .join(wave, col(wave.id) == col(invitation.wave_id))
        .outerjoin(answer, col(answer.invitation_id) == col(invitation.id))
        .where(col(invitation.contact_id).in_(wanted))
    )
