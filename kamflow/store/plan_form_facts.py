"""What a plan shows and nobody fills in: revenue by product group and year, projects, contacts.

Each with the day and the source it is from. A year without an entry is unknown, never 0.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from sqlalchemy import Table, and_, func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import ExternalReference
from kamflow.models.contact import Contact, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.revenue import Project, RevenueEntry, RevenueKind
from kamflow.models.source import ImportedFile
from kamflow.periods import Period
from kamflow.store import families
from kamflow.store.folder_months import Months, compared, complete, known_until

ENTRY = cast("Table", RevenueEntry.__table__)  # pyright: ignore[reportAttributeAccessIssue]
PAST_YEARS = 3


@dataclass(frozen=True, slots=True)
class RevenueTable:
    """Sums by product group ("" is none) and year, the last one what is expected of the plan's year.

    The company's revenue is `known` until that day; `so_far`: the whole months of the year that is not over
    by then, and the same a year earlier. `ahead` says what the expected is: a forecast, a target, or nothing.
    """

    years: tuple[Period, ...]
    known: date
    sums: dict[str, dict[Period, Decimal]] = field(default_factory=dict)
    so_far: Months | None = None
    ahead: str | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()

    def total(self, year: Period) -> Decimal | None:
        found = [each[year] for each in self.sums.values() if year in each]
        return sum(found, Decimal()) if found else None

    def change(self, group: str | None, at: int) -> Decimal | None:
        """Change in % against the year before; of the running year by its whole months. None: unknown."""
        year, before = self.years[at], self.years[at - 1] if at else None
        if before is None:
            return None
        now, then = self._amount(group, year), self._amount(group, before)
        if not complete(before, self.known):
            return None  # half a year would look like half the revenue
        if year == self.running:
            now, then = self.so_far.of(group) if self.so_far else (None, None)
        if now is None or not then or then < 0:
            return None
        return (now - then) * 100 / then

    @property
    def running(self) -> Period | None:
        """The year before the plan's that is not over, as far as anything is known."""
        found = (each for each in self.years[:-1] if self.known in each)
        return next((each for each in found if not complete(each, self.known)), None)

    def _amount(self, group: str | None, year: Period) -> Decimal | None:
        return self.total(year) if group is None else self.sums.get(group, {}).get(year)


@dataclass(frozen=True, slots=True)
class ProjectLine:
    project: Project
    sources: tuple[str, ...]
    as_of: date | None


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact at the account, and when one of us met them last."""

    name: str
    position: str | None
    influence: int | None
    last_held: date | None
    times: int


def revenue(session: Session, account: int, year: Period, today: date) -> RevenueTable:
    """Three years before the plan's year, and what is expected of it; sites below the account count too."""
    years = (*_before(year), year)
    table = RevenueTable(years, known_until(session, today))
    newest: list[date] = []
    sources: set[str] = set()
    for each in years[:-1]:
        rows = _sums(session, account, each.first, min(each.last, today), RevenueKind.ACTUAL)
        for group, amount, day, source in rows:
            _add(table, group, each, amount)
            newest.append(day)
            sources.add(source)
    ahead = _ahead(session, account, year, table, sources)
    until, running = max(newest, default=None), table.running
    so_far = (
        compared(session, account, running.first, until) if running and until and until in running else None
    )
    return RevenueTable(years, table.known, table.sums, so_far, ahead, until, tuple(sorted(sources)))


def _ahead(
    session: Session, account: int, year: Period, table: RevenueTable, sources: set[str]
) -> str | None:
    for kind in (RevenueKind.FORECAST, RevenueKind.TARGET):
        rows = _sums(session, account, year.first, year.last, kind)
        for group, amount, _, source in rows:
            _add(table, group, year, amount)
            sources.add(source)
        if rows:
            return kind.value
    return None


def _add(table: RevenueTable, group: str, year: Period, amount: Decimal) -> None:
    sums = table.sums.setdefault(group, {})
    sums[year] = sums.get(year, Decimal()) + amount


def _sums(
    session: Session, account: int, first: date, last: date, kind: str
) -> Sequence[tuple[str, Decimal, date, str]]:
    family, entry = families.below([account]), ENTRY.c
    rows = session.execute(
        select(entry.product_group, entry.source, func.sum(entry.amount), func.max(entry.day))
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(entry.kind == kind, entry.day >= first, entry.day <= last)
        .group_by(entry.product_group, entry.source)
    )
    return [(group or "", amount, day, source) for group, source, amount, day in rows]


def _before(year: Period) -> tuple[Period, ...]:
    """The three years before, of twelve months each."""
    firsts = [_years_earlier(year.first, back) for back in range(PAST_YEARS, -1, -1)]
    ends = [first - timedelta(days=1) for first in firsts[1:]]
    return tuple(map(Period, firsts[:-1], ends))


def _years_earlier(day: date, years: int) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap else day.day)


def projects(session: Session, account: int) -> list[ProjectLine]:
    """The account's projects, the newest first, with what they were imported from and when."""
    rows = list(
        session.execute(
            select(Project).where(col(Project.account_id) == account).order_by(col(Project.id).desc())
        ).scalars()
    )
    origins = _origins(session, {each.id or 0 for each in rows})
    newest = _newest_files(session, {source for found in origins.values() for source in found})
    lines: list[ProjectLine] = []
    for each in rows:
        found = tuple(sorted(origins.get(each.id or 0, ())))
        days = [newest[source] for source in found if source in newest]
        lines.append(ProjectLine(each, found, max(days, default=None)))
    return lines


def _origins(session: Session, projects: Collection[int]) -> dict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    query = select(col(ExternalReference.row_id), col(ExternalReference.source)).where(
        col(ExternalReference.kind) == "project", col(ExternalReference.row_id).in_(projects)
    )
    for row, source in session.execute(query):
        found[row].add(source)
    return found


def _newest_files(session: Session, sources: Collection[str]) -> dict[str, date]:
    query = (
        select(col(ImportedFile.source), func.max(col(ImportedFile.imported_at)))
        .where(col(ImportedFile.source).in_(sources))
        .group_by(col(ImportedFile.source))
    )
    return {source: at.date() for source, at in session.execute(query) if isinstance(at, datetime)}


def contacts(session: Session, account: int, today: date) -> list[ContactLine]:
    """The contacts of today, the most influential first."""
    held = and_(
        col(Interaction.id) == col(Encounter.interaction_id),
        col(Interaction.state) == InteractionState.HELD,
        col(Interaction.day) <= today,
    )
    query = (
        select(Contact, Place, func.max(col(Interaction.day)), func.count(col(Interaction.day).distinct()))
        .join(Place, col(Place.contact_id) == col(Contact.id))
        .outerjoin(Encounter, col(Encounter.contact_id) == col(Contact.id))
        .outerjoin(Interaction, held)
        .where(col(Place.account_id) == account)
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .group_by(col(Contact.id), col(Place.id))
        .order_by(func.coalesce(col(Place.influence), 0).desc(), col(Contact.id))
    )
    return [
        ContactLine(contact.name, place.position, place.influence, last, times)
        for contact, place, last, times in session.execute(query)
    ]
