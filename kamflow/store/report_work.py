"""What else a quarterly report says of its accounts: ratings, measures late, comments, pauses, services."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, or_, select
from sqlmodel import col

from kamflow.documents.quarterly_report.contents import Comment
from kamflow.documents.quarterly_report.sums import Late, Rating
from kamflow.figures import portfolio
from kamflow.figures.portfolio import Criterion
from kamflow.figures.quarter_dates import twelve_months
from kamflow.models.account import Pause
from kamflow.models.controlling import QuarterComment
from kamflow.models.service import ServiceGiven
from kamflow.models.training import Axis, Position, PositionCriterion
from kamflow.store.account_counts import MEASURE
from kamflow.store.families import ACCOUNT
from kamflow.store.report_cards import Asking, counted_in, covered, looked_at


def ratings(at: Asking) -> dict[int, Rating]:
    """Account -> its newest position by the day of the report, what was not entered from its criteria."""
    known = looked_at(at)
    criteria = _criteria(at)
    rows = at.session.execute(
        select(
            col(Position.account_id),
            col(Position.rated_on),
            col(Position.attractiveness),
            col(Position.competitive),
        )
        .where(col(Position.account_id).in_(known), col(Position.rated_on) <= at.today)
        .order_by(col(Position.rated_on))
    )
    entered = {(account, day): axes for account, day, *axes in rows}
    found: dict[int, Rating] = {}
    for account, day in sorted(
        {*entered, *((account, day) for account, day, _ in criteria)}, key=lambda k: k[1]
    ):
        axes = entered.get((account, day), [None, None])
        attractive, competitive = (
            portfolio.axis(value, criteria.get((account, day, axis), ()))
            for value, axis in zip(axes, (Axis.ATTRACTIVENESS, Axis.COMPETITIVE), strict=True)
        )
        found[account] = Rating(attractive, competitive, day)
    return found


def _criteria(at: Asking) -> Mapping[tuple[int, date, str], list[Criterion]]:
    row = PositionCriterion
    rows = at.session.execute(
        select(col(row.account_id), col(row.rated_on), col(row.axis), col(row.weight), col(row.points))
        .where(col(row.account_id).in_(looked_at(at)), col(row.rated_on) <= at.today)
        .order_by(col(row.id))
    )
    found: defaultdict[tuple[int, date, str], list[Criterion]] = defaultdict(list)
    for account, day, axis, weight, points in rows:
        found[account, day, axis].append(Criterion(weight, points))
    return found


def late(at: Asking, looked: set[int]) -> dict[int, Late]:
    """Account -> open measures past their date; those of a site count with the account that is looked at."""
    family, row = covered(at), MEASURE.c
    rows = at.session.execute(
        select(row.account_id, func.count(), func.min(row.due_on))
        .join_from(family, MEASURE, row.account_id == family.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == row.account_id)
        .where(or_(ACCOUNT.c.closed_on.is_(None), ACCOUNT.c.closed_on > at.today))
        .where(row.due_on < at.today, or_(row.done_on.is_(None), row.done_on > at.today))
        .group_by(row.account_id)
    )
    above = counted_in(at, looked)
    found: dict[int, Late] = {}
    for account, number, since in rows:
        place = account if account in looked else above.get(account) or account
        known = found.get(place, Late(0, since))
        found[place] = Late(number + known.number, min(since, known.since))
    return found


def comments(at: Asking) -> dict[int, Comment]:
    """Account -> the comment given on the quarter by the day of the report."""
    row = QuarterComment
    rows = at.session.execute(
        select(col(row.account_id), col(row.id), col(row.commented_on))
        .where(col(row.account_id).in_(looked_at(at)), col(row.quarter_first) == at.quarter.first)
        .where(col(row.commented_on) <= at.today)
    )
    return {account: Comment(number, day) for account, number, day in rows if number is not None}


def paused(at: Asking) -> list[tuple[int, date, int]]:
    """Accounts about which nothing is asked at present, with the day on which it begins again."""
    rows = at.session.execute(
        select(col(Pause.account_id), col(Pause.until_day), col(Pause.id))
        .where(col(Pause.until_day) >= at.today, col(Pause.resumed_at).is_(None))
        .where(col(Pause.rule).is_(None))
        .order_by(col(Pause.until_day))
    )
    longest = {account: (day, number) for account, day, number in rows if number is not None}
    return [(account, day, number) for account, (day, number) in longest.items()]


def services_noted(at: Asking) -> date | None:
    """The last day in the twelve months on which a service was given to anybody."""
    year = twelve_months(at.quarter.last)
    given = select(func.max(col(ServiceGiven.day)))
    return at.session.execute(given.where(col(ServiceGiven.day).between(year.first, year.last))).scalar_one()
