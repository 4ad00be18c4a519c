"""The opened home of a command: read from it, or act in one transaction as somebody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from flows import runtime
from flows.runtime import Home
from kamflow.acts import day as days
from kamflow.acts.acting import Acting
from kamflow.cli.options import Options
from kamflow.errors import InputError
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.person import Person
from kamflow.policy import Policy
from kamflow.settings import Company, Settings
from kamflow.store import lookup
from kamflow.store.engine import read, write


@dataclass(frozen=True)
class Desk:
    """An open transaction at one moment, and who acts; `actor` None is operations."""

    session: Session
    actor: int | None
    now: datetime
    home: Home

    @property
    def settings(self) -> Settings:
        return self.home.settings

    @property
    def company(self) -> Company:
        return self.home.settings.company

    @property
    def today(self) -> date:
        """The date where the actor is."""
        return days.local(self.session, self.actor, self.now, self.company)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the actor."""
        return days.zone(self.session, self.actor, self.company)

    @property
    def policy(self) -> Policy:
        return self.home.policy

    def to_act(self) -> Acting:
        """What acts are handed."""
        return Acting(self.session, self.actor, self.now, self.company)

    def person(self, text: str) -> int:
        return lookup.person(self.session, text).id or 0

    def contact(self, text: str) -> int:
        return lookup.contact(self.session, text).id or 0

    def account(self, text: str) -> int:
        return lookup.account(self.session, text).id or 0

    def nudge(self, text: str) -> int:
        return lookup.nudge(self.session, text).id or 0

    def person_name(self, number: int) -> str:
        return self.session.get_one(Person, number).name

    def contact_name(self, number: int) -> str:
        return self.session.get_one(Contact, number).name

    def account_key(self, number: int) -> str:
        return self.session.get_one(Account, number).key

    def account_name(self, number: int) -> str:
        return self.session.get_one(Account, number).name


def open_home(options: Options) -> Home:
    """The home that the options name, at their moment; raises as `runtime.open_home`."""
    moment = instant(options.now) if options.now else None
    # A command says itself what it did: of the log only what is wrong.
    return runtime.open_home(options.home, (lambda: moment) if moment else runtime.clock, "warning")


@contextmanager
def opened(options: Options) -> Iterator[Home]:
    """`open_home` for as long as it is needed."""
    home = open_home(options)
    try:
        yield home
    finally:
        home.engine.dispose()


@contextmanager
def acting(options: Options) -> Iterator[Desk]:
    """A writing transaction as the person the options name."""
    with opened(options) as home, write(home.engine) as session:
        yield _desk(session, options, home)


@contextmanager
def reading(options: Options) -> Iterator[Desk]:
    """A view that cannot write, as the person the options name."""
    with opened(options) as home, read(home.engine) as session:
        yield _desk(session, options, home)


def _desk(session: Session, options: Options, home: Home) -> Desk:
    actor = lookup.person(session, options.person).id if options.person else None
    return Desk(session, actor, home.now(), home)


def instant(text: str) -> datetime:
    """A moment from ISO text with its zone.

    Raises:
        InputError: it is none, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(f"{text!r}: expected a moment with its zone, such as 2026-09-07T08:30+02:00")
    return moment.astimezone(UTC)


def day(text: str) -> date:
    """A day from ISO text; another order of day and month is refused, not guessed.

    Raises:
        InputError: it is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise InputError(f"{text!r}: expected a day as 2026-09-07")
    return found
