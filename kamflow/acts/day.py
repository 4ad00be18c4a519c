"""Which day it is for somebody, and on which days they work."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store import people
from kamflow.workdays import Calendar

# A snooze reaches ten working days, a silence five: what lies further off moves neither.
AROUND = timedelta(days=366)


def zone(session: Session, person: int | None, company: Company) -> ZoneInfo:
    """Where the person is; the company's zone without one."""
    found = session.get(Person, person) if person is not None else None
    try:
        return ZoneInfo(found.zone if found else company.zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(company.zone)


def local(session: Session, person: int | None, now: datetime, company: Company) -> date:
    """The date at `now` where the person is; the company's without one."""
    return now.astimezone(zone(session, person, company)).date()


def calendar(session: Session, person: int, day: date, company: Company) -> Calendar:
    """The working days of a person in the year before and after a day."""
    return people.load(session, company, day - AROUND, day + AROUND)[person].calendar
