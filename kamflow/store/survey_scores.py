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
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyUnnamed, SurveyWave
from kamflow.store import families
from kamflow.store.account_counts import Counting

WAVE, INVITATION, ANSWER, UNNAMED, PLACE = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (SurveyWave, SurveyInvitation, SurveyAnswer, SurveyUnnamed, Place)
)
DAY = timedelta(days=1)


class _Answer(NamedTuple):
    root: int
    year: date
    source: str
    contact: int
    score: int
    changed_at: datetime


class Given(NamedTuple):
    """The answers of an account's newest survey, and how much of the buying centre stands behind them."""

    scores: tuple[int, ...]
    covered: nps.Coverage
    as_of: date
    source: str


def given(at: Counting, zone: str) -> dict[int, Given]:
    """Account -> the answers of its newest survey by the end of the quarter, sites and debtors included.

    Accounts of which nobody answered with a score are left out.
    """
    answers = _newest(_answers(at, zone))
    around = centres(at, answers)
    found: dict[int, Given] = {}
    for root, all_given in answers.items():
        covered = nps.coverage(around[root], (each.contact for each in all_given))
        last = max(all_given, key=lambda each: each.changed_at)
        as_of = last.changed_at.astimezone(ZoneInfo(zone)).date()
        found[root] = Given(tuple(each.score for each in all_given), covered, as_of, last.source)
    return found


def scores(at: Counting, zone: str, shown_from: Callable[[int], int]) -> dict[int, Nps]:
    """Account -> its score as `given`.

    `shown_from`: the answers from which an account's score is shown; below it there are only the answers.
    """
    found: dict[int, Nps] = {}
    for root, each in given(at, zone).items():
        counted = nps.score(each.scores, shown_from(root))
        percent = each.covered.percent
        found[root] = Nps(counted.whole, counted.answers, percent, each.as_of, each.source, counted.raw)
    return found


def newest(at: Counting, zone: str) -> dict[int, list[int]]:
    """Account -> the scores of its newest survey by the end of the quarter."""
    answers = _newest(_answers(at, zone))
    return {root: [each.score for each in given] for root, given in answers.items()}


def _newest(answers: Iterable[_Answer]) -> dict[int, list[_Answer]]:
    """Of each account the answers of the newest fiscal year, of each contact the one given last.

    Who answered our survey and an imported one, or at a site too, is one person.
    """
    by_year: defaultdict[int, defaultdict[date, dict[int, _Answer]]] = defaultdict(lambda: defaultdict(dict))
    for each in sorted(answers, key=lambda answer: answer.changed_at):
        by_year[each.root][each.year][each.contact] = each
    return {root: list(years[max(years)].values()) for root, years in by_year.items()}


def _answers(at: Counting, zone: str) -> list[_Answer]:
    family = families.below(at.accounts)
    end = datetime.combine(min(at.quarter.last, at.today) + DAY, time(), ZoneInfo(zone))
    unsigned = at.session.execute(
        select(
            family.c.root,
            WAVE.c.year_first,
            WAVE.c.source,
            UNNAMED.c.id,
            UNNAMED.c.score,
            UNNAMED.c.answered_on,
        )
        .join_from(family, WAVE, WAVE.c.account_id == family.c.id)
        .join(UNNAMED, UNNAMED.c.wave_id == WAVE.c.id)
        .where(UNNAMED.c.score.is_not(None), UNNAMED.c.answered_on < end.date())
        .order_by(UNNAMED.c.id)
    )
    # Nobody's answer is nobody else's: a number that no contact has.
    nobody = [
        _Answer(root, year, source, -number, score, datetime.combine(day, time(12), ZoneInfo(zone)))
        for root, year, source, number, score, day in unsigned
    ]
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
    return [*(_Answer(*row) for row in rows), *nobody]


def centres(at: Counting, asked: Iterable[int]) -> defaultdict[int, dict[int, int | None]]:
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
