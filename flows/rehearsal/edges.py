"""Days on which rows say something else though nobody writes: what begins, ends or lies in the past then."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from kamflow.models.account import Account, Pause, Team
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.meeting import AnnualMeeting, MeetingRound, Request
from kamflow.models.person import Person
from kamflow.models.plan import Measure
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.models.training import Complaint
from kamflow.periods import quarter
from kamflow.store import starting
from kamflow.store.run import Accounts, Run

Edges = dict[int, set[date]]
QUARTERS = 16  # more than a rehearsal has
_DAY = timedelta(days=1)


def of_contacts(session: Session, since: date, accounts: Accounts | None = None) -> Edges:
    """Account -> days after `since` on which the facts of its contacts may change by themselves."""
    return _edges(session, [*_targets(), *_meetings(since), *_accounts()], since, accounts)


def of_teams(session: Session, since: date, accounts: Accounts | None = None) -> Edges:
    """Account -> days after `since` on which its KAM or its pauses may change."""
    return _edges(session, list(_accounts()), since, accounts)


def everywhere(run: Run) -> set[date]:
    """Days that concern every account: somebody leaves, a fiscal quarter begins, kamflow begins to speak."""
    start, changes = run.company.fiscal_year_start, run.company.fiscal_year_changes
    first, found = run.today, of_people(run.session, run.today)
    for _ in range(QUARTERS):
        first = quarter(first, start, changes).last + _DAY
        found.add(first)
    began = {run.policy.starting.go_live, starting.told_from(run.policy.starting, run.company)}
    return found | {day for day in began if day is not None}


def of_requests(session: Session, since: date) -> Edges:
    """Account -> days on which requests of it begin to count or to be decided."""
    rows = select(col(Request.account_id), col(Request.asked_on), col(Request.decided_on))
    return _edges(session, [(rows, Request.account_id, (False, False))], since, None)


def of_measures(session: Session, since: date) -> Edges:
    """Account -> days on which measures of it are done."""
    rows = select(col(Measure.account_id), col(Measure.done_on))
    return _edges(session, [(rows, Measure.account_id, (False,))], since, None)


def of_meetings(session: Session, since: date) -> Edges:
    """Account -> days on which its annual meetings take place, are over, or something was said of them."""
    talk, meeting = MeetingRound, AnnualMeeting
    days = (talk.day, talk.day, talk.released_on, talk.fixed_on, meeting.agreed_on, Account.meeting_month_on)
    rows = (
        select(col(meeting.account_id), *(col(day) for day in days))
        .join_from(meeting, talk, col(talk.meeting_id) == col(meeting.id))
        .join(Account, col(Account.id) == col(meeting.account_id))
    )
    talks = (rows, meeting.account_id, (False, True, *[False] * 4))
    return _edges(session, [talks, *_targets()], since, None)  # a contact of the board counts with a target


def of_surveys(session: Session, since: date) -> Edges:
    """Account -> days on which its surveys, its complaints or its meetings say something else."""
    wave, asked, answer, complaint = SurveyWave, SurveyInvitation, SurveyAnswer, Complaint
    days = (wave.send_on, wave.stopped_on, asked.invited_on, asked.reminded_on, asked.struck_on)
    rows = select(col(wave.account_id), *(col(day) for day in days))
    rows = rows.join_from(wave, asked, col(asked.wave_id) == col(wave.id))
    complaints = select(col(complaint.account_id), col(complaint.opened_on), col(complaint.closed_on))
    answers = (
        select(col(wave.account_id), func.date(col(answer.changed_at)))
        .join_from(answer, asked, col(asked.id) == col(answer.invitation_id))
        .join(wave, col(wave.id) == col(asked.wave_id))
    )
    found = _edges(
        session,
        [(rows, wave.account_id, (False,) * 5), (complaints, complaint.account_id, (False,) * 2)],
        since,
        None,
    )
    for account, day in session.execute(answers):
        found.setdefault(account, set()).update(date.fromisoformat(str(day)) + n * _DAY for n in (0, 1))
    for account, more in of_meetings(session, since).items():
        found.setdefault(account, set()).update(more)
    return found


def of_people(session: Session, since: date) -> set[date]:
    """The days on which somebody is no longer with us."""
    rows = session.execute(select(col(Person.left_on)).where(col(Person.left_on) >= since))
    return {day + _DAY for day in rows.scalars() if day is not None}


# A query gives the account first, then days; beside it, which of them change something only the day after.
_Query = tuple[Select[Any], Any, tuple[bool, ...]]


def _targets() -> Iterator[_Query]:
    target, place = ContactTarget, Place
    days = (target.period_first, target.period_last, target.from_day, target.until_day, place.until_day)
    rows = (
        select(col(place.account_id), *(col(day) for day in days), col(Person.left_on))
        .distinct()
        .join_from(target, place, col(place.id) == col(target.place_id))
        .join(Person, col(Person.id) == col(target.person_id))
    )
    yield rows, place.account_id, (False, True, False, True, True, True)


def _meetings(since: date) -> Iterator[_Query]:
    """Held ones count from their day on, booked ones are in the past the day after."""
    met, place = Interaction, Place
    told = select(col(met.account_id), col(met.day), col(met.day)).where(col(met.day) >= since)
    yield told, met.account_id, (False, True)
    pairs = (
        select(col(place.account_id), col(met.day), col(met.day))
        .distinct()
        .join_from(met, Encounter, col(Encounter.interaction_id) == col(met.id))
        .join(place, col(place.contact_id) == col(Encounter.contact_id))
        .where(col(met.day) >= since)
    )
    yield pairs, place.account_id, (False, True)


def _accounts() -> Iterator[_Query]:
    yield select(col(Account.id), col(Account.closed_on)), Account.id, (False,)
    yield select(col(Pause.account_id), col(Pause.until_day)), Pause.account_id, (True,)
    team = select(col(Team.account_id), col(Team.from_day), col(Team.until_day), col(Person.left_on))
    yield team.join(Person, col(Person.id) == col(Team.person_id)), Team.account_id, (False, True, True)


def _edges(session: Session, queries: list[_Query], since: date, accounts: Accounts | None) -> Edges:
    found: defaultdict[int, set[date]] = defaultdict(set)
    for query, account, after in queries:
        rows = session.execute(query if accounts is None else query.where(col(account).in_(accounts)))
        for number, *days in rows:
            for day, later in zip(days, after, strict=True):
                if day is not None and number is not None:
                    edge = day + _DAY if later else day
                    if edge > since:
                        found[number].add(edge)
    return found
