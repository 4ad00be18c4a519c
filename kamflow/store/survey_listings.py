"""Which surveys asked a contact, or are about to: those of every account, and imported ones."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.store import survey_mails
from kamflow.store.run import Run
from kamflow.store.survey_mails import NEVER, Listed


class _Entry(NamedTuple):
    """A contact in one wave: the day on which it was asked there; `waits` where it still may be.

    `left`: the mail has left, or was answered. `id` is the invitation's.
    """

    id: int
    wave: int
    asked: date | None
    left: bool
    waits: bool


@dataclass(frozen=True)
class Listings:
    """The waves each contact is or was in. `rows` are all contacts with the address of one of them."""

    of: defaultdict[int, list[_Entry]]

    def last_asked(self, contact: int, rows: Collection[int], wave: int | None) -> date | None:
        """The newest day on which any survey asked, but for this one of the contact itself.

        Of two mails that are both still to leave only the first one counts: they must not stop each other.
        """
        own = next((each for each in self.of[contact] if each.wave == wave), None)
        first = own.id if own is not None and own.asked is not None else None
        days = (
            each.asked
            for each in self._entries(rows)
            if each is not own and (each.left or first is None or each.id < first)
        )
        return max((day for day in days if day is not None), default=None)

    def other_wave(self, rows: Collection[int], wave: int | None) -> int | None:
        """The first other wave that is still to ask."""
        waiting = (each.wave for each in self._entries(rows) if each.waits and each.wave != wave)
        return min(waiting, default=None)

    def _entries(self, rows: Collection[int]) -> Iterator[_Entry]:
        return (each for row in rows for each in self.of[row])


def load(run: Run, wanted: Any) -> Listings:
    """`wanted` selects the contacts."""
    rows = run.session.execute(_rows(wanted)).all()
    listed = [Listed(row.id, row.wave_id, row.account_id, row.contact_id, row.invited_on) for row in rows]
    fates = survey_mails.fates(run, listed)
    zone = ZoneInfo(run.company.zone)
    found: defaultdict[int, list[_Entry]] = defaultdict(list)
    for row in rows:
        fate = fates.get(row.id, NEVER)
        answered = row.first_at.astimezone(zone).date() if row.first_at else None
        if answered is not None and answered > run.today:
            answered = None
        asked = max((day for day in (fate.on, answered) if day is not None), default=None)
        left = fate.left or answered is not None
        waits = asked is None and _waits(row, run.today)
        found[row.contact_id].append(_Entry(row.id, row.wave_id, asked, left, waits))
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
