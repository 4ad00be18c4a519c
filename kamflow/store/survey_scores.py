"""The latest survey of an account: its score, how many answered, how much of the buying centre they are."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, or_, select

from kamflow.figures import nps
from kamflow.figures.account_figures import Nps
from kamflow.models.contact import Place
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.store import families
from kamflow.store.account_counts import Counting

WAVE, INVITATION, ANSWER, PLACE = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (SurveyWave, SurveyInvitation, SurveyAnswer, Place)
)
DAY = timedelta(days=1)


class _Answer(NamedTuple):
    root: int
    year: date
    source: str
    contact: int
    score: int
    changed_at: datetime


def scores(at: Counting, zone: str, shown_from: Callable[[int], int]) -> dict[int, Nps]:
    """Account -> the answers of its newest survey by the end of the quarter, sites and debtors included.

    `shown_from`: the answers from which an account's score is shown; below it there are only the answers.
    Accounts of which nobody answered with a score are left out.
    """
    answers = _newest(_answers(at, zone))
    centres = _centres(at, answers)
    found: dict[int, Nps] = {}
    for root, given in answers.items():
        counted = nps.score((each.score for each in given), shown_from(root))
        covered = nps.coverage(centres[root], (each.contact for each in given))
        last = max(given, key=lambda each: each.changed_at)
        as_of = last.changed_at.astimezone(ZoneInfo(zone)).date()
        found[root] = Nps(counted.whole, counted.answers, covered.percent, as_of, last.source, counted.raw)
    return found


def _newest(answers: Iterable[_Answer]) -> dict[int, list[_Answer]]:
    """Of each account the answers of the newest fiscal year."""
    by_year: defaultdict[int, defaultdict[date, list[_Answer]]] = defaultdict(lambda: defaultdict(list))
    for each in answers:
        by_year[each.root][each.year].append(each)
    return {root: years[max(years)] for root, years in by_year.items()}


def _answers(at: Counting, zone: str) -> list[_Answer]:
    family = families.below(at.accounts)
    end = datetime.combine(min(at.quarter.last, at.today) + DAY, time(), ZoneInfo(zone))
    rows = at.session.execute(
        select(
            family.c.root,
            WAVE.c.year_first,
            WAVE.c.source,
            INVITATION.c.contact_id,
            ANSWER.c.score,
            ANSWER.c.changed_at,
        )
        .join_from(family, WAVE, WAVE.c.account_id == family.c.id)
        .join(INVITATION, INVITATION.c.wave_id == WAVE.c.id)
        .join(ANSWER, ANSWER.c.invitation_id == INVITATION.c.id)
        .where(ANSWER.c.score.is_not(None), ANSWER.c.changed_at < end)
        .order_by(ANSWER.c.invitation_id)
    )
    return [_Answer(*row) for row in rows]


def _centres(at: Counting, asked: Iterable[int]) -> defaultdict[int, dict[int, int | None]]:
    """Account -> everybody with a place there today, with the highest influence."""
    family, place = families.below(frozenset(asked)), PLACE.c
    rows = at.session.execute(
        select(family.c.root, place.contact_id, place.influence)
        .join_from(family, PLACE, place.account_id == family.c.id)
        .where(or_(place.from_day.is_(None), place.from_day <= at.today))
        .where(or_(place.until_day.is_(None), place.until_day >= at.today))
    )
    found: defaultdict[int, dict[int, int | None]] = defaultdict(dict)
    for root, contact, influence in rows:
        known = found[root].get(contact)
        found[root][contact] = max((each for each in (known, influence) if each), default=None)
    return found
