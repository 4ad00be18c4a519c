"""What else is counted of an account and quarter: measures, contacts, projects, services given."""

from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, case, func, or_, select
from sqlmodel import Session

from kamflow.figures.account_figures import Counted, Known, Projects
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.plan import Measure
from kamflow.models.revenue import Project, ProjectState
from kamflow.models.service import Charge, ServiceGiven
from kamflow.periods import Period
from kamflow.store import families
from kamflow.store.families import ACCOUNT
from kamflow.store.run import Accounts

MEASURE, PROJECT, GIVEN, TARGET, PLACE, WHO, MET = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (Measure, Project, ServiceGiven, ContactTarget, Place, Encounter, Interaction)
)
OURS = "kamflow"


class Counting(NamedTuple):
    """For which accounts, in which quarter, and as seen on which day."""

    session: Session
    accounts: Accounts
    quarter: Period
    today: date


def measures(at: Counting) -> dict[int, Counted]:
    """Done of those due in the quarter; accounts that have no measure at all are not known."""
    family, row = families.below(at.accounts), MEASURE.c
    due = and_(row.due_on >= at.quarter.first, row.due_on <= at.quarter.last)
    done = and_(due, row.done_on <= at.today)
    rows = at.session.execute(
        select(
            family.c.root,
            func.count(case((done, 1))),
            func.count(case((due, 1))),
            func.max(case((done, row.done_on))),
        )
        .join_from(family, MEASURE, row.account_id == family.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == family.c.id)
        .where(_open(at.today))
        .group_by(family.c.root)
    )
    # Nothing has changed since the last one was done, or since the quarter ended.
    return {
        root: Counted(finished, of, max(at.quarter.last, newest or at.quarter.last), OURS)
        for root, finished, of, newest in rows
    }


def contacts(at: Counting, year: Period) -> dict[int, Counted]:
    """Held until the end of the quarter, at most Soll each, of Soll in the fiscal year.

    Accounts of which no contact is known at all are left out: that nobody went there is not said.
    """
    held = _held(at, year).subquery()
    counted = case((held.c.held < held.c.soll, held.c.held), else_=held.c.soll)
    rows = at.session.execute(
        select(held.c.root, func.sum(counted), func.sum(held.c.soll)).group_by(held.c.root)
    )
    targets = {root: (int(done), int(soll)) for root, done, soll in rows}
    return {
        root: Counted(*targets.get(root, (0, 0)), day, source)
        for root, (day, source) in _newest_contacts(at).items()
    }


def _held(at: Counting, year: Period) -> Any:
    """Root, target, Soll and the days on which the pair met; same pair, same day is one contact."""
    family, target, met = families.below(at.accounts), TARGET.c, MET.c
    within = and_(
        met.day >= func.coalesce(target.from_day, target.period_first),
        met.day <= func.coalesce(target.until_day, target.period_last),
        met.day <= at.quarter.last,
    )
    return (
        select(
            family.c.root,
            target.id,
            func.max(target.soll).label("soll"),
            func.count(case((within, met.day)).distinct()).label("held"),
        )
        .join_from(family, ACCOUNT, ACCOUNT.c.id == family.c.id)
        .join(PLACE, PLACE.c.account_id == family.c.id)
        .join(TARGET, target.place_id == PLACE.c.id)
        .outerjoin(WHO, and_(WHO.c.contact_id == PLACE.c.contact_id, WHO.c.person_id == target.person_id))
        .outerjoin(MET, and_(met.id == WHO.c.interaction_id, met.state == InteractionState.HELD))
        .where(_open(at.today), target.period_first >= year.first, target.period_last <= year.last)
        .group_by(family.c.root, target.id)
    )


def _newest_contacts(at: Counting) -> dict[int, tuple[date, str]]:
    family, met = families.below(at.accounts), MET.c
    place = func.row_number().over(partition_by=family.c.root, order_by=(met.day.desc(), met.id.desc()))
    held = (
        select(family.c.root, met.day, met.source, place.label("place"))
        .join_from(family, MET, met.account_id == family.c.id)
        .where(met.state == InteractionState.HELD, met.day <= at.quarter.last)
        .subquery()
    )
    rows = at.session.execute(select(held.c.root, held.c.day, held.c.source).where(held.c.place == 1))
    return {root: (day, source) for root, day, source in rows}


def projects(at: Counting) -> dict[int, Projects]:
    """Open at the end of the quarter, won and lost within it; accounts without a project are left out."""
    family, row = families.below(at.accounts), PROJECT.c
    begun = or_(row.opened_on.is_(None), row.opened_on <= at.quarter.last)
    later = and_(row.state != ProjectState.OPEN, row.close_on > at.quarter.last)
    within = and_(row.close_on >= at.quarter.first, row.close_on <= at.quarter.last)
    states = (
        and_(begun, or_(row.state == ProjectState.OPEN, later)),
        and_(row.state == ProjectState.WON, within),
        and_(row.state == ProjectState.LOST, within),
    )
    columns = [each for s in states for each in (func.count(case((s, 1))), func.sum(case((s, row.value))))]
    rows = at.session.execute(
        select(family.c.root, *columns)
        .join_from(family, PROJECT, row.account_id == family.c.id)
        .group_by(family.c.root)
    )
    return {
        root: Projects(still, value, won, won_value, lost, lost_value, at.quarter.last, OURS)
        for root, still, value, won, won_value, lost, lost_value in rows
    }


def services(at: Counting) -> dict[int, Known]:
    """The value of services given in the quarter that were not charged, where it is known."""
    family, given = families.below(at.accounts), GIVEN.c
    rows = at.session.execute(
        select(family.c.root, func.sum(given.value), func.max(given.day), func.max(given.source))
        .join_from(family, GIVEN, given.account_id == family.c.id)
        .where(given.charge == Charge.WAIVED, given.value.is_not(None))
        .where(given.day >= at.quarter.first, given.day <= at.quarter.last)
        .group_by(family.c.root)
    )
    return {root: Known(value, day, source) for root, value, day, source in rows}


def _open(today: date) -> Any:
    return or_(ACCOUNT.c.closed_on.is_(None), ACCOUNT.c.closed_on > today)
