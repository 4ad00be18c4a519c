"""What people do on an ordinary day about measures, requests, quarters, meetings and surveys.

Seeded, and nobody does everything.
"""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from random import Random

from sqlalchemy import exists, or_, select
from sqlmodel import col

from kamflow.demo.cast import Cast
from kamflow.demo.stage import Stage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.store.engine import read

# How likely somebody does it on a given day after it was told.
CHANCES = {
    "followup": 0.16,
    "deliver": 0.2,
    "comment": 0.16,
    "refused": 0.5,
    "agenda": 0.3,
    "minutes": 0.3,
    "follow_up": 0.15,
    "list": 0.5,
    "answer": 0.4,
    "call": 0.3,
}
BY_WORD = ("refused", "agenda", "minutes", "follow_up", "list", "answer", "call")
PUT_OFF = 0.2  # of measures, instead of being done
REASONS = ("Der Kunde prüft noch", "Musterteile kommen später", "Termin mit der Konstruktion verschoben")
COMMENTS = (
    "Abrufe verschoben, im vierten Quartal wird nachgeholt.",
    "Eine Baureihe ist ausgelaufen, die neue startet im Oktober.",
    "Der Preis für Formteile war zu hoch: neue Staffel ist angeboten.",
)


class Duties:
    """The rest of ordinary life: what was told is done now and then."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self._stage, self._cast = stage, cast
        self._random = Random("duties")
        self._does: dict[str, Callable[[StoredNudge, int], object]] = {
            "followup": self._follow_up_measure,
            "deliver": self._deliver,
            "comment": self._comment,
        }

    def live(self, day: date, at_work: Collection[int]) -> None:
        """The late afternoon of a working day."""
        self._stage.clock.set(day, 17, 5)
        for nudge in self._told(day):
            responsible = nudge.assignee_id or nudge.owner_id
            if responsible in at_work and self._random.random() < CHANCES[nudge.step]:
                if nudge.step in BY_WORD:
                    self._cast.done(responsible, nudge.id or 0, nudge.account_id)
                else:
                    self._does[nudge.step](nudge, responsible)

    def _follow_up_measure(self, nudge: StoredNudge, person: int) -> None:
        number, account = nudge.facts["measure"], nudge.account_id or 0
        if self._random.random() < PUT_OFF:
            to = self._stage.clock.today + timedelta(days=28)
            self._cast.move_measure(person, account, number, to, self._random.choice(REASONS))
        else:
            self._cast.finish_measure(person, account, number)

    def _deliver(self, nudge: StoredNudge, person: int) -> None:
        facts = nudge.facts
        self._cast.deliver(person, nudge.account_id or 0, facts["request"], facts["kind"])

    def _comment(self, nudge: StoredNudge, person: int) -> None:
        self._cast.comment(person, nudge.account_id or 0, self._random.choice(COMMENTS))

    def _told(self, day: date) -> list[StoredNudge]:
        """Open nudges of these steps that somebody was told of and that are not put off."""
        told = exists().where(col(Telling.nudge_id) == col(StoredNudge.id))
        query = (
            select(StoredNudge)
            .where(col(StoredNudge.step).in_(CHANCES), col(StoredNudge.closed_at).is_(None), told)
            .where(or_(col(StoredNudge.snoozed_until).is_(None), col(StoredNudge.snoozed_until) <= day))
            .order_by(col(StoredNudge.id))
        )
        with read(self._stage.home.engine) as session:
            return list(session.execute(query).scalars())
