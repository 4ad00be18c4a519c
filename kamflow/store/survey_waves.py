"""Waves of surveys as they stand: who is on the list, who was asked, what they said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures.survey_facts import Invitation, Wave
from kamflow.figures.survey_governor import Candidate
from kamflow.models.nudge import StepDone
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.nudge import subject
from kamflow.periods import Period
from kamflow.rules.survey_dispatch import RULE
from kamflow.store import survey_mails
from kamflow.store.run import Accounts, Run
from kamflow.store.survey_mails import NEVER, Fate, Listed

OURS = "kamflow"
# Answers of other tools that may still be news; the rule looks closer.
NEWS = timedelta(days=60)


class OnList(NamedTuple):
    """A contact on the list of a wave, and what they said."""

    id: int
    wave: int
    contact: int
    struck: bool
    score: int | None = None
    answered_on: date | None = None
    fate: Fate = NEVER


@dataclass(frozen=True)
class StoredWave:
    """A wave of kamflow's own, without what is known of its contacts today."""

    id: int
    account: int
    year_first: date
    send_on: date
    stopped: bool
    people: tuple[OnList, ...]
    words: Mapping[str, date]

    def bare(self) -> Wave:
        """The wave without its list."""
        return Wave(self.id, self.send_on, stopped=self.stopped)

    def seen(self, who: Mapping[int, Candidate], *, replies: bool) -> Wave:
        """The wave as the rule takes it. Without `replies` answers are left out: nobody is to reply."""
        people = (each for each in self.people if replies or each.answered_on is None)
        invitations = tuple(self._invitation(each, who[each.contact]) for each in people)
        listed_on = self.words.get(identity(self.id, "list", account=self.account))
        return Wave(self.id, self.send_on, invitations, listed_on, self.stopped)

    def _invitation(self, each: OnList, who: Candidate) -> Invitation:
        ids = {"account": self.account, "contact": each.contact}
        return Invitation(
            who,
            # Who answered was asked, whatever became of the mail.
            invited_on=each.fate.on or each.answered_on,
            answered_on=each.answered_on,
            score=each.score,
            replied_on=self.words.get(identity(self.id, "answer", **ids)),
            called_on=self.words.get(identity(self.id, "call", **ids)),
            again=each.fate.again,
            unsent=each.fate.unsent,
        )


def identity(wave: int, step: str, **ids: int) -> str:
    """The nudge of a step: its word is found under it."""
    return f"{RULE}:{subject(**ids)}:{wave}:{step}"


def waves(run: Run, accounts: Accounts, years: Iterable[Period]) -> dict[tuple[int, date], StoredWave]:
    """The waves of these accounts and fiscal years, by account and first day of the year."""
    row = SurveyWave
    rows = run.session.execute(
        select(col(row.id), col(row.account_id), col(row.year_first), col(row.send_on), col(row.stopped_on))
        .where(col(row.account_id).in_(accounts), col(row.source) == OURS)
        .where(col(row.year_first).in_([year.first for year in years]))
        .order_by(col(row.id))
    ).all()
    people = _people(run, {number: account for number, account, *_ in rows if number is not None})
    words = _words(run, {number: (account, people[number]) for number, account, *_ in rows})
    return {
        (account, first): StoredWave(
            number,
            account,
            first,
            send_on,
            stopped_on is not None and stopped_on <= run.today,
            tuple(people[number]),
            words,
        )
        for number, account, first, send_on, stopped_on in rows
    }


def imported(run: Run, accounts: Accounts) -> list[tuple[StoredWave, Period]]:
    """Surveys held elsewhere that somebody answered lately, with their fiscal years."""
    row, since = SurveyWave, datetime.combine(run.today, time(), UTC) - NEWS
    lately = select(col(SurveyInvitation.wave_id)).join(
        SurveyAnswer, col(SurveyAnswer.invitation_id) == col(SurveyInvitation.id)
    )
    rows = run.session.execute(
        select(col(row.id), col(row.account_id), col(row.year_first), col(row.year_last), col(row.send_on))
        .where(col(row.account_id).in_(accounts), col(row.imported).is_(True))
        .where(col(row.id).in_(lately.where(col(SurveyAnswer.changed_at) >= since)))
        .order_by(col(row.id))
    ).all()
    people = _people(run, {number: account for number, account, *_ in rows if number is not None})
    words = _words(run, {number: (account, people[number]) for number, account, *_ in rows})
    return [
        (
            StoredWave(number, account, first, send_on, False, tuple(people[number]), words),
            Period(first, last),
        )
        for number, account, first, last, send_on in rows
    ]


def _people(run: Run, waves: Mapping[int, int]) -> defaultdict[int, list[OnList]]:
    """Wave -> its list; `waves` are wave -> account."""
    rows = run.session.execute(_on_lists(waves)).all()
    listed = [Listed(row.id, row.wave_id, waves[row.wave_id], row.contact_id, row.invited_on) for row in rows]
    fates = survey_mails.fates(run, listed)
    found: defaultdict[int, list[OnList]] = defaultdict(list)
    for row in rows:
        answered_on = _answered(row.first_at, row.changed_at, run)
        score = row.score if answered_on else None
        struck = row.struck_on is not None and row.struck_on <= run.today
        fate = fates.get(row.id, NEVER)
        found[row.wave_id].append(
            OnList(row.id, row.wave_id, row.contact_id, struck, score, answered_on, fate)
        )
    return found


def _on_lists(waves: Iterable[int]) -> Any:
    row, answer = SurveyInvitation, SurveyAnswer
    return (
        select(
            col(row.id),
            col(row.wave_id),
            col(row.contact_id),
            col(row.invited_on),
            col(row.struck_on),
            col(answer.score),
            col(answer.first_at),
            col(answer.changed_at),
        )
        .outerjoin(answer, col(answer.invitation_id) == col(row.id))
        .where(col(row.wave_id).in_(set(waves)))
        .order_by(col(row.id))
    )


def _answered(first_at: datetime | None, changed_at: datetime | None, run: Run) -> date | None:
    """The local day of the last change that is known on the day of the run."""
    zone = ZoneInfo(run.company.zone)
    days = (at.astimezone(zone).date() for at in (changed_at, first_at) if at is not None)
    return next((day for day in days if day <= run.today), None)


def _words(run: Run, waves: Mapping[int, tuple[int, list[OnList]]]) -> dict[str, date]:
    """What people said to be done, of the steps that only a word closes."""
    names = {identity(wave, "list", account=account) for wave, (account, _) in waves.items()}
    for wave, (account, people) in waves.items():
        for each in people:
            names |= {
                identity(wave, step, account=account, contact=each.contact) for step in ("answer", "call")
            }
    return _said(run.session, names, run.today)


def _said(session: Session, names: Iterable[str], today: date) -> dict[str, date]:
    rows = session.execute(
        select(col(StepDone.identity), col(StepDone.done_on)).where(
            col(StepDone.identity).in_(set(names)), col(StepDone.done_on) <= today
        )
    )
    return dict(rows.tuples().all())
