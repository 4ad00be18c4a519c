"""What KAM training looks at beside a plan: where the account stands in the portfolio, and the gaps."""

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.documents.account_plan.lines import Gap, Position, paragraphs
from kamflow.figures import portfolio
from kamflow.models import training
from kamflow.models.training import Axis, PositionCriterion


def position(session: Session, account: int, today: date) -> Position | None:
    """Where the account stood when it was rated last: as entered, else as its criteria weigh."""
    found = _newest(session, account, today)
    criteria = _criteria(session, account, today)
    days = [*criteria, *([found.rated_on] if found else [])]
    if not days:
        return None
    day = max(days)
    entered = found if found is not None and found.rated_on == day else None
    axes = criteria.get(day, {})
    return Position(
        day,
        portfolio.axis(entered.attractiveness if entered else None, axes.get(Axis.ATTRACTIVENESS, ())),
        portfolio.axis(entered.competitive if entered else None, axes.get(Axis.COMPETITIVE, ())),
        paragraphs(entered.strategy if entered else None),
    )


def gaps(session: Session, account: int) -> tuple[Gap, ...]:
    """The services that were rated, as they were entered."""
    row = training.Gap
    query = select(row).where(col(row.account_id) == account).order_by(col(row.id))
    return tuple(
        Gap(
            each.service, each.need, each.competitor, each.competitor_name, each.factor,
            paragraphs(each.action), each.chance, each.rated_on,
        )
        for each in session.execute(query).scalars()
    )  # fmt: skip


def _newest(session: Session, account: int, today: date) -> training.Position | None:
    row = training.Position
    query = (
        select(row)
        .where(col(row.account_id) == account, col(row.rated_on) <= today)
        .order_by(col(row.rated_on).desc())
    )
    return session.execute(query.limit(1)).scalars().first()


def _criteria(
    session: Session, account: int, today: date
) -> dict[date, dict[str, list[portfolio.Criterion]]]:
    row = PositionCriterion
    query = select(row).where(col(row.account_id) == account, col(row.rated_on) <= today)
    found: defaultdict[date, dict[str, list[portfolio.Criterion]]] = defaultdict(dict)
    for each in session.execute(query).scalars():
        axis = found[each.rated_on].setdefault(each.axis, [])
        axis.append(portfolio.Criterion(each.weight, each.points))
    return dict(found)
