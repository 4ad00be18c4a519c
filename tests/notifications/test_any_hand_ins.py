"""Whatever happens to plans, accounts and people: calendars end with the hand-ins, and with no others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.figures.plan_entries import A_MORNING, WRITTEN, entry_day
from kamflow.models.account import Account, Team
from kamflow.models.message import StoredMessage
from kamflow.models.plan import AccountPlan
from kamflow.policy import Policy
from kamflow.settings import Delivery
from kamflow.store.engine import read, write
from kamflow.thresholds import PlanCreation
from notifications import outbox
from notifications.message import Mail, mime
from notifications.prepare import Renderers, prepare
from notifications.unsent import Cancelled
from tests.calendar_client import CalendarClient
from tests.world import World, decided

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RULE = "plan_creation"
START, FRIDAY = date(2026, 7, 1), date(2026, 10, 30)
PEOPLE = ("Witt", "Kruse", "Lech")
FEW, MANY, SETTLED = 6, 14, 5


class Autumn:
    """Accounts of four people, and their calendars; each day something happens to some of them."""

    def __init__(self, engine: Engine, seed: int, accounts: int) -> None:
        self.random, self.accounts = Random(seed), accounts
        self.world = World(engine)
        self.world.settings = self.world.settings.model_copy(update={"delivery": Delivery(mode="live")})
        self.people = [self.world.person(name, language="en").id or 0 for name in PEOPLE]
        witt = self.world.person("Voss", language="en")
        for number in range(accounts):
            self.world.account(f"Muster {number} AG", witt, account_class="key")
        self.people.append(witt.id or 0)
        self.calendars = {person: CalendarClient() for person in self.people}
        self.day, self.log = START, list[Any]()
        self.happens: list[Callable[[], None]] = [
            self.moved, self.handed_over, self.handed_over, self.reclassed, self.closed, self.opened,
            self.submitted, self.returned, self.approved, self.switched,
        ]  # fmt: skip

    def moved(self) -> None:
        self.change(AccountPlan, hand_in_on=FRIDAY - timedelta(weeks=self.random.randint(0, 3)))

    def handed_over(self) -> None:
        self.change(Team, person_id=self.random.choice(self.people))

    def reclassed(self) -> None:
        self.change(Account, account_class=self.random.choice(("key", "a", "major")))

    def closed(self) -> None:
        self.change(Account, closed_on=self.day)

    def opened(self) -> None:
        self.change(Account, closed_on=None)

    def submitted(self) -> None:
        self.change(AccountPlan, state="submitted", submitted_at=self.noon_before())

    def returned(self) -> None:
        self.change(AccountPlan, state="returned", decided_at=self.noon_before())

    def approved(self) -> None:
        self.change(AccountPlan, state="approved", decided_at=self.noon_before())

    def switched(self) -> None:
        wanted = self.random.choice((True, False))
        self.world.policy = Policy(plan_creation=PlanCreation(calendar=wanted))

    def change(self, table: Any, **values: Any) -> None:
        """Of one account."""
        account = self.random.randint(1, self.accounts)
        own = col(table.id if table is Account else table.account_id) == account
        self.log.append((self.day, table.__name__, account, values))
        with write(self.world.engine) as session:
            session.execute(update(table).where(own).values(values))

    def noon_before(self) -> datetime:
        return datetime.combine(self.day - timedelta(days=1), time(12), UTC)

    def next_day(self) -> None:
        self.day += timedelta(days=1 if self.day.weekday() < 4 else 7 - self.day.weekday())

    def night(self) -> None:
        decided(self.world.home(), RULE, self.day)

    def deliver(self) -> None:
        """What is due on the morning, as the outbox sends it."""
        morning = datetime.combine(self.day, time(9), UTC)
        with write(self.world.engine) as session:
            batch = outbox.claim(session, "test", morning, timedelta(minutes=5), 50)
        named = [
            replace(each, mail_id=f"<{each.id}@example.com>") for each in batch if each.kind == "calendar"
        ]
        for each in prepare(self.world.engine, named, self.world.settings, morning, Renderers()):
            message, outcome = each.message, each.outcome
            if isinstance(outcome, Mail):
                self.calendars[message.person or 0].mail(mime(outcome, morning))
            cause = outcome.why if isinstance(outcome, Cancelled) else None
            self.settle(message.id, "sent" if cause is None else "cancelled", cause)
            self.log.append((self.day, message.person, message.facts["method"], message.facts["day"], cause))

    def settle(self, message: int, state: str, cause: str | None) -> None:
        values = {"state": state, "cause": cause, "leased_by": None, "leased_until": None}
        with write(self.world.engine) as session:
            session.execute(update(StoredMessage).where(col(StoredMessage.id) == message).values(values))

    def pass_by(self, days: int) -> None:
        self.night()
        for _ in range(days):
            self.next_day()
            for _ in range(self.accounts // 3 * self.random.randint(1, 4)):
                self.random.choice(self.happens)()
                if self.random.random() < 0.25:
                    self.deliver()
            if self.random.random() < 0.8:
                self.night()
            if self.random.random() < 0.7:
                self.deliver()
        for _ in range(SETTLED + self.accounts // A_MORNING):
            self.next_day()
            self.night()
            self.deliver()

    def wrong(self) -> list[str]:
        """Entries that are missing or too many; of a plan that is handed in one may stay with its author."""
        with read(self.world.engine) as session:
            accounts = {row.id: row for row in session.execute(select(Account)).scalars()}
            kams = dict(session.execute(select(col(Team.account_id), col(Team.person_id))).tuples().all())
            plans = {row.account_id: row for row in session.execute(select(AccountPlan)).scalars()}
        facts = {fact.account: fact for fact in self.world.facts(RULE, self.day) if fact.plan}
        found = []
        for account, plan in plans.items():
            asked = self.world.policy.plan_creation.calendar and accounts[account].closed_on is None
            asked = asked and accounts[account].account_class in ("key", "major")
            for person, calendar in self.calendars.items():
                has = [event["DTSTART"].dt for uid, event in _events(calendar) if uid == plan.uid]
                mine = asked and kams[account] == person
                wanted = [entry_day(facts[account], self.world.policy.plan_creation)] if mine else []
                if has != wanted and not (mine and plan.state not in WRITTEN):
                    found.append(f"{person} has {has} of {account}, not {wanted}")
        return found


def _events(calendar: CalendarClient) -> list[tuple[str, Any]]:
    return [(uid, heard.event) for uid, heard in calendar.known.items() if heard.event is not None]


def end(engine: Engine, seed: int, accounts: int, days: int) -> str:
    autumn = Autumn(engine, seed, accounts)
    autumn.pass_by(days)
    wrong = autumn.wrong()
    return "\n".join(map(str, [*wrong, *autumn.log])) if wrong else ""


def test_calendars_show_the_hand_ins_that_are_wanted(engine: Engine) -> None:
    assert end(engine, 0, 3, FEW) == ""


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "accounts"), [(1, 3), (16, 3), (2, 9), (3, 12), (4, 15), (5, 15), (6, 15)])
def test_calendars_show_the_hand_ins_whatever_happens(engine: Engine, seed: int, accounts: int) -> None:
    assert end(engine, seed, accounts, MANY) == ""
