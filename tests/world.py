"""A small company in the database, built in one line per fact."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from flows.runtime import Home, run_whole
from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.meeting import Request
from kamflow.models.nudge import StoredEffect, StoredNudge
from kamflow.models.person import Absence, Person, PersonRole
from kamflow.models.plan import Measure
from kamflow.models.revenue import RevenueEntry
from kamflow.policy import Policy
from kamflow.settings import Company, Settings
from kamflow.store import engine as db
from kamflow.store import handover_note, scope
from kamflow.store.registry import RULES
from kamflow.store.run import Accounts, Frame, Outcome, Run, run_batch

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
STAMP = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)


@cache
def in_bavaria() -> Settings:
    """Settings of a company in Bavaria; nothing is from the environment of the test that asks first."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("KAMFLOW_")]:
            patch.delenv(name)
        return Settings(home=Path("/nowhere"), company=Company(region="BY"))


@dataclass
class World:
    """Adds rows and runs rules; ids are what the database gives."""

    engine: Engine
    settings: Settings = field(default_factory=in_bavaria)
    policy: Policy = field(default_factory=Policy)

    def add(self, row: Any) -> Any:
        with db.write(self.engine) as session:
            session.add(row)
            session.flush()
        return row

    def one(self, model: Any, number: int) -> Any:
        """A row as it is now, to be changed and added again."""
        with db.read(self.engine) as session:
            return session.get_one(model, number)

    def person(self, name: str, role: str = "kam", **more: Any) -> Person:
        key = name.lower()
        person = self.add(
            Person(**{"key": key, "name": name, "email": f"{key}@example.com", "region": "BY"} | more)
        )
        self.add(PersonRole(person_id=person.id, role=role))
        return person

    def account(self, name: str, kam: Person | None = None, **more: Any) -> Account:
        account = self.add(Account(**{"key": name, "name": name, "country": "DE", "region": "BY"} | more))
        if kam is not None:
            self.add(Team(person_id=kam.id, account_id=account.id, role="kam"))
        return account

    def place(self, name: str, account: Account, influence: int | None = None, **more: Any) -> Place:
        contact = self.add(Contact(key=name.lower(), last_name=name))
        return self.add(Place(contact_id=contact.id, account_id=account.id, influence=influence, **more))

    def target(self, person: Person, place: Place, soll: int, **more: Any) -> ContactTarget:
        period = {"period_first": YEAR[0], "period_last": YEAR[1]}
        return self.add(
            ContactTarget(**{"person_id": person.id, "place_id": place.id, "soll": soll} | period | more)
        )

    def meet(self, day: date, person: Person, place: Place, state: str = "held") -> Interaction:
        met = self.add(Interaction(account_id=place.account_id, day=day, state=state, source="crm"))
        self.add(Encounter(interaction_id=met.id, person_id=person.id, contact_id=place.contact_id))
        return met

    def sold(
        self, account: Account, day: date, amount: int, kind: str = "actual", **more: Any
    ) -> RevenueEntry:
        """An entry of revenue, a target or a forecast; `source` is "sap" unless said otherwise."""
        number = f"{account.id}|{day}|{amount}|{kind}|{more.get('product_group')}"
        said = {"source": "sap", "source_id": number, "currency": "EUR", "kind": kind} | more
        return self.add(RevenueEntry(account_id=account.id, day=day, amount=Decimal(amount), **said))

    def measure(
        self, account: Account, due_on: date | None, owner: Person | None = None, **more: Any
    ) -> Measure:
        owner_id = owner.id if owner else None
        said = {"title": "Price list", "owner_id": owner_id, "due_on": due_on} | more
        return self.add(Measure(account_id=account.id, **said))

    def request(self, account: Account, specialist: Person | None = None, **more: Any) -> Request:
        """Asked on 1 September 2026 for 27 November, unless said otherwise."""
        said = {"kind": "delivery_times", "asked_on": date(2026, 9, 1), "customer_date": date(2026, 11, 27)}
        specialist_id = specialist.id if specialist else None
        return self.add(Request(**{"account_id": account.id, "specialist_id": specialist_id} | said | more))

    def absent(self, person: Person, first: date, last: date) -> None:
        self.add(Absence(person_id=person.id, from_day=first, until_day=last))

    def home(self) -> Home:
        return Home(self.settings, self.policy, self.engine, lambda: STAMP)

    def night(self, rule: str, day: date) -> Outcome:
        """A whole run of a rule for a day."""
        return run_whole(self.home(), rule, decide(rule), day)

    def facts(self, rule: str, day: date) -> Any:
        """What the rule's query reads, for all accounts."""
        with db.read(self.engine) as session:
            accounts = frozenset(session.execute(select(col(Account.id))).scalars())
            return RULES[rule].query(self.run(session, rule, day), accounts)

    def run(self, session: Session, rule: str, day: date) -> Run:
        return Run(session, rule, day, STAMP, self.policy, self.settings.company)

    def nudges(self, *, living: bool = True) -> list[StoredNudge]:
        query = select(StoredNudge).order_by(col(StoredNudge.identity), col(StoredNudge.id))
        if living:
            query = query.where(col(StoredNudge.closed_at).is_(None))
        with db.read(self.engine) as session:
            return list(session.execute(query).scalars())

    def effects(self) -> list[StoredEffect]:
        with db.read(self.engine) as session:
            return list(session.execute(select(StoredEffect).order_by(col(StoredEffect.key))).scalars())


def decide(name: str) -> Any:
    """The plain body of a rule's flow, without loading Prefect."""
    from kamflow.store.apply import apply

    def body(run: Run, accounts: Accounts) -> Outcome:
        rule = RULES[name]
        return apply(run, rule.decide(rule.query(run, accounts), run.today, run.policy), accounts)

    return body


def decided(home: Home, rule: str, day: date) -> Outcome:
    """What a whole run of a rule writes for a day, but its row in the ledger: a quarter less work, for plays
    of many days."""
    with db.read(home.engine) as session:
        accounts = frozenset(scope.whole(session, rule, day))
    handover_note.arrive(home.engine, day, home.now())
    live, domain = home.settings.delivery.mode == "live", home.settings.smtp.domain
    frame = Frame(home.engine, rule, day, home.now(), home.policy, home.settings.company, {}, live, domain)
    return run_batch(frame, decide(rule), accounts)
