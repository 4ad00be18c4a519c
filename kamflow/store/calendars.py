"""Working days as the database knows them: of our people, of customers, of the company."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from kamflow.errors import ConfigError
from kamflow.models.account import Account, AccountClosing
from kamflow.models.person import Absence, Person
from kamflow.policy import Cadence
from kamflow.settings import Company
from kamflow.workdays import MON_TO_FRI, Calendar, Quiet, Span, calendar, parse_closings


def company_calendar(company: Company) -> Calendar:
    """Working days of the company itself."""
    return calendar(
        company.country,
        company.region,
        closings=parse_closings(company.closings),
        half_days=company.half_days,
    )


def quiet_weeks(cadence: Cadence, company: Company) -> Quiet:
    """The weeks in which only urgent things are told."""
    return Quiet(cadence.quiet_from, cadence.quiet_until, parse_closings(company.closings))


def of_people(session: Session, ids: Iterable[int], company: Company) -> dict[int, Calendar]:
    """Own weekdays less holidays, company closing and absences, by person; after `left_on` nothing."""
    wanted = set(ids)
    away = _spans(
        session, select(col(Absence.person_id), col(Absence.from_day), col(Absence.until_day)), wanted
    )
    closings = parse_closings(company.closings)
    rows = session.execute(
        select(
            col(Person.id), col(Person.country), col(Person.region), col(Person.weekdays), col(Person.left_on)
        ).where(col(Person.id).in_(wanted))
    )
    return {
        number: _calendar(company, country, region, weekdays, (*closings, *away[number], *_gone(left)))
        for number, country, region, weekdays, left in rows
        if number is not None
    }


def of_accounts(session: Session, ids: Iterable[int], company: Company) -> dict[int, Calendar]:
    """Monday to Friday less the customer's holidays and closing periods, by account.

    A customer whose country is unknown has no holidays of its own: ours still count.
    """
    wanted = set(ids)
    closed = _spans(
        session,
        select(col(AccountClosing.account_id), col(AccountClosing.from_day), col(AccountClosing.until_day)),
        wanted,
    )
    rows = session.execute(
        select(col(Account.id), col(Account.country), col(Account.region)).where(col(Account.id).in_(wanted))
    )
    return {
        number: _calendar(company, country, region, "12345", closed[number])
        for number, country, region in rows
        if number is not None
    }


def at_place(
    company: Company, country: str, region: str | None, weekdays: str, free: Iterable[Span] = ()
) -> Calendar | None:
    """A calendar of one of our own rows, None where nobody knows the country or region.

    Raises:
        ConfigError: the unknown place is the company's own.
    """
    days = [int(day) for day in weekdays if day in "1234567"] or MON_TO_FRI
    try:
        return calendar(country, region or None, days, absences=free, half_days=company.half_days)
    except ConfigError:
        if (country, region) == (company.country, company.region):
            raise
        return None


def _calendar(
    company: Company, country: str | None, region: str | None, weekdays: str, free: Iterable[Span]
) -> Calendar:
    """A row with an unknown place has the company's holidays: it must not stop the night for everybody."""
    free = tuple(free)
    known = at_place(company, country, region, weekdays, free) if country else None
    own = known or at_place(company, company.country, company.region, weekdays, free)
    return own or company_calendar(company)


def _spans(session: Session, query: Select[Any], ids: set[int]) -> defaultdict[int, list[Span]]:
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    if ids:
        owner = query.selected_columns[0]
        for number, first, last in session.execute(query.where(owner.in_(ids))):
            spans[number].append((first, last))
    return spans


def _gone(left_on: date | None) -> tuple[Span, ...]:
    # Working days end with the last day here; a search for one gives up after 20 years anyway.
    return () if left_on is None else ((left_on + timedelta(days=1), date(left_on.year + 30, 12, 31)),)
