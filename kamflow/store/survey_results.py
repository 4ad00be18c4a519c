"""Every survey of accounts with what was answered, and who makes up their buying centres."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, or_, select
from sqlmodel import Session

from kamflow.figures import survey_results as figures
from kamflow.figures.survey_results import Centre, Heard, Held, Result
from kamflow.models.survey import SurveyRating
from kamflow.periods import Period
from kamflow.store import families, survey_scores
from kamflow.store.account_counts import Counting
from kamflow.store.survey_scores import ANSWER, INVITATION, UNNAMED, WAVE

RATING = cast("Table", SurveyRating.__table__)  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True)
class Reading:
    """As seen on which day, in the company's zone; a score is shown from `shown_from` answers on."""

    session: Session
    today: date
    zone: str
    shown_from: int


@dataclass(frozen=True)
class Results:
    """The surveys of an account, the newest first: by fiscal year, and one by one."""

    years: tuple[Result, ...]
    waves: tuple[Result, ...]


def of_account(at: Reading, account: int) -> Results:
    """All surveys of an account with its sites and debtors; none where it was never asked."""
    family = families.below([account])
    members = frozenset(at.session.execute(select(family.c.id)).scalars())
    held = _held(at, members)
    centre = _centres(at, [account])[account]
    waves = sorted(held, key=lambda each: (each.year.first, each.wave), reverse=True)
    return Results(
        tuple(figures.result(each, centre, at.shown_from) for each in figures.by_year(held)),
        tuple(figures.result([each], centre, at.shown_from) for each in waves),
    )


def newest(at: Reading, accounts: Collection[int] | None) -> tuple[dict[int, Result], Result | None]:
    """The newest answered year of each account's own surveys, and all of them together.

    None means every account. The total takes each answer once and belongs to no year.
    """
    own: defaultdict[int, list[Held]] = defaultdict(list)
    for each in _held(at, accounts):
        own[each.account].append(each)
    chosen = {
        account: next(filter(figures.answered, figures.by_year(held)), None) for account, held in own.items()
    }
    found = {account: held for account, held in chosen.items() if held is not None}
    centres = _centres(at, found)
    shown = {
        account: figures.result(held, centres[account], at.shown_from) for account, held in found.items()
    }
    everybody: dict[int, int | None] = {}
    for account in found:
        everybody |= centres[account]
    together = [each for held in found.values() for each in held]
    return shown, figures.result(together, everybody, at.shown_from) if together else None


def _centres(at: Reading, accounts: Collection[int]) -> defaultdict[int, Centre]:
    day = Period(at.today, at.today)
    found = survey_scores.centres(Counting(at.session, frozenset(accounts), day, at.today), accounts)
    return cast("defaultdict[int, Centre]", found)


def _held(at: Reading, accounts: Collection[int] | None) -> list[Held]:
    columns = (WAVE.c.id, WAVE.c.account_id, WAVE.c.year_first, WAVE.c.year_last, WAVE.c.source, WAVE.c.scale)
    waves = at.session.execute(_of(select(*columns), accounts)).all()
    people = _people(at, accounts)
    return [
        Held(number, account, Period(first, last), source, tuple(people[number]), scale)
        for number, account, first, last, source, scale in waves
        if people[number]
    ]


def _of(query: Select[Any], accounts: Collection[int] | None) -> Select[Any]:
    return query if accounts is None else query.where(WAVE.c.account_id.in_(accounts))


def _people(at: Reading, accounts: Collection[int] | None) -> defaultdict[int, list[Heard]]:
    ratings: defaultdict[int, dict[str, tuple[int | None, int | None]]] = defaultdict(dict)
    for invitation, dimension, *pair in at.session.execute(_of(_ratings(), accounts)):
        ratings[invitation][dimension] = (pair[0], pair[1])
    zone = ZoneInfo(at.zone)
    found: defaultdict[int, list[Heard]] = defaultdict(list)
    for wave, contact, invitation, score, changed_at in at.session.execute(_of(_asked(), accounts)):
        day = _day(changed_at, zone)
        if day is None or day <= at.today:
            found[wave].append(Heard(contact, day, score, ratings[invitation]))
    for wave, number, day, score, rated in at.session.execute(_of(_unsigned(), accounts)):
        pairs = {name: (pair[0], pair[1]) for name, pair in (rated or {}).items()}
        found[wave].append(Heard(-number, day, score, pairs))
    return found


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return None if moment is None else moment.astimezone(zone).date()


def _asked() -> Select[Any]:
    """Who was asked or answered; a name that was struck, or not asked yet, is neither."""
    return (
        select(
            INVITATION.c.wave_id,
            INVITATION.c.contact_id,
            INVITATION.c.id,
            ANSWER.c.score,
            ANSWER.c.changed_at,
        )
        .join_from(INVITATION, WAVE, INVITATION.c.wave_id == WAVE.c.id)
        .outerjoin(ANSWER, ANSWER.c.invitation_id == INVITATION.c.id)
        .where(or_(INVITATION.c.invited_on.is_not(None), ANSWER.c.invitation_id.is_not(None)))
        .order_by(INVITATION.c.id)
    )


def _ratings() -> Select[Any]:
    return (
        select(RATING.c.invitation_id, RATING.c.dimension, RATING.c.expectation, RATING.c.experience)
        .join_from(RATING, INVITATION, INVITATION.c.id == RATING.c.invitation_id)
        .join(WAVE, WAVE.c.id == INVITATION.c.wave_id)
    )


def _unsigned() -> Select[Any]:
    row = UNNAMED.c
    return (
        select(row.wave_id, row.id, row.answered_on, row.score, row.ratings)
        .join_from(UNNAMED, WAVE, WAVE.c.id == row.wave_id)
        .order_by(row.id)
    )
