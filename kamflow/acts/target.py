"""Say how often somebody means to meet a contact: "the plan says too much", or too little."""

from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed
from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget
from kamflow.models.person import Person
from kamflow.periods import Period, fiscal_year, label, quarters
from kamflow.store import targets, teams
from kamflow.store.engine import lock

MOST = 366  # one a day


@dataclass(frozen=True)
class TargetSet:
    """`state` is set, new, or already; `before` is the Soll until now."""

    target: int
    account: int
    state: str
    soll: int
    before: int | None
    period: str
    until: date | None


@dataclass(frozen=True)
class Wanted:
    """Whose Soll with whom; `period` as people write it (2026, Q4 2026, 2026-01-01..2026-12-31)."""

    person: int
    contact: int
    soll: int
    period: str | None = None
    until: date | None = None
    account: int | None = None


def set_target(desk: Acting, wanted: Wanted) -> TargetSet:
    """Change a Soll, or make one; the nudge about it follows with the next run.

    Without a period it is the one that contains today, the year before its quarters.

    Raises:
        InputError: no number from 0 to 366, an unknown period, or an unclear account.
        NotAllowed: the actor is not the person, in the account's team, nor the head.
    """
    if not 0 <= wanted.soll <= MOST:
        raise InputError(f"Soll {wanted.soll}: expected contacts in the period, from 0 to {MOST}")
    lock(desk.session, f"target:{wanted.person}:{wanted.contact}")
    found = _existing(desk, wanted)
    account = targets.account(desk.session, found) if found else _account(desk, wanted)
    _allowed(desk, wanted.person, account)
    before = found.soll if found else None
    period = Period(found.period_first, found.period_last) if found else _period(desk, wanted.period)
    _check_until(wanted.until, period, desk.today)
    if found is not None and before == wanted.soll and wanted.until in (None, found.until_day):
        return _said(desk, found, account, "already", before)
    found = found or _new(desk, wanted, account, period)
    found.soll = wanted.soll
    if wanted.until is not None:
        found.until_day = wanted.until
    desk.session.add(found)
    desk.session.flush()
    until = found.until_day.isoformat() if found.until_day else None
    desk.record(
        "target.changed",
        account,
        target=found.id,
        person=wanted.person,
        was=before,
        soll=found.soll,
        until=until,
    )
    return _said(desk, found, account, "new" if before is None else "set", before)


def _existing(desk: Acting, wanted: Wanted) -> ContactTarget | None:
    known = targets.of_pair(desk.session, wanted.person, wanted.contact, desk.today)
    if wanted.account is not None:
        known = [each for each in known if targets.account(desk.session, each) == wanted.account]
    if wanted.period is not None:
        period = _period(desk, wanted.period)
        known = [
            each for each in known if (each.period_first, each.period_last) == (period.first, period.last)
        ]
    else:
        known = [each for each in known if each.period_first <= desk.today]
    accounts = {targets.account(desk.session, each) for each in known}
    if len(accounts) > 1:
        keys = ", ".join(desk.session.get_one(Account, number).key for number in sorted(accounts))
        raise InputError(f"there are targets at several accounts ({keys}): say which (--account KEY)")
    return known[0] if known else None


def _account(desk: Acting, wanted: Wanted) -> int:
    there = {place.account_id for place in targets.places(desk.session, wanted.contact, desk.today)}
    if wanted.account is not None:
        there &= {wanted.account}
    if len(there) == 1:
        return there.pop()
    name = desk.session.get_one(Contact, wanted.contact).name
    where = "has no place there" if not there else "has places at several accounts"
    raise InputError(f"{name} {where}: say which account it is about (--account KEY)")


def _new(desk: Acting, wanted: Wanted, account: int, period: Period) -> ContactTarget:
    place = next(
        each
        for each in targets.places(desk.session, wanted.contact, desk.today)
        if each.account_id == account
    )
    return ContactTarget(
        person_id=wanted.person,
        place_id=place.id or 0,
        period_first=period.first,
        period_last=period.last,
        soll=wanted.soll,
        # What is planned in the middle of a period is planned for the rest of it.
        from_day=desk.today if period.first < desk.today else None,
        until_day=wanted.until,
    )


def _period(desk: Acting, text: str | None) -> Period:
    """A fiscal year or quarter of the company by its name, or first..last day."""
    company = desk.company
    rules = (company.fiscal_year_start, company.fiscal_year_changes)
    year = fiscal_year(desk.today, *rules)
    if text is None:
        return year
    near = [fiscal_year(year.first.replace(year=year.first.year + n), *rules) for n in (-1, 0, 1, 2)]
    known = {label(each, *rules): each for one in near for each in (one, *quarters(one))}
    return known[text] if text in known else Period.parse(text)


def _allowed(desk: Acting, person: int, account: int) -> None:
    actor = desk.person("set a target")
    if actor == person or actor in teams.standing_in(desk.session, [person]):
        return
    row = desk.session.get_one(Account, account)
    try:
        rights.for_account(desk.session, actor, row, "set this target", desk.today)
    except NotAllowed as error:
        name = desk.session.get_one(Person, person).name
        raise NotAllowed(f"{error}; so may {name}, whose target it is") from None


def _check_until(until: date | None, period: Period, today: date) -> None:
    if until is not None and not (today <= until and until in period):
        raise InputError(f"{until}: expected a day from today to the end of {period}")


def _said(desk: Acting, row: ContactTarget, account: int, state: str, before: int | None) -> TargetSet:
    company = desk.company
    period = label(
        Period(row.period_first, row.period_last), company.fiscal_year_start, company.fiscal_year_changes
    )
    return TargetSet(row.id or 0, account, state, row.soll, before, period, row.until_day)
