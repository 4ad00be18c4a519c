"""A small company for tests of acts and of the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact, Place
from kamflow.models.event import Event
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person, PersonRole
from kamflow.models.plan import AccountPlan, PlanSection

# What a fixture hands out to do one act.
Act: TypeAlias = Callable[..., Any]


@dataclass
class World:
    """Rows by key: `world.people["witt"].id`."""

    session: Session
    people: dict[str, Person]
    accounts: dict[str, Account]
    contacts: dict[str, Contact]

    def person(self, key: str) -> int:
        return self.people[key].id or 0

    def account(self, key: str) -> int:
        return self.accounts[key].id or 0

    def contact(self, key: str) -> int:
        return self.contacts[key].id or 0

    def nudge(self, **values: Any) -> StoredNudge:
        return store(self.session, nudge_of(self, **values))

    def plan(self, **values: Any) -> AccountPlan:
        return store_plan(self, **values)

    def events(self, prefix: str = "") -> list[Event]:
        rows = self.session.execute(select(Event).order_by(col(Event.id))).scalars()
        return [row for row in rows if row.name.startswith(prefix)]


def store(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def _together(session: Session, *rows: Any) -> None:
    session.add_all(rows)
    session.flush()


def nudge_of(world: Any, **values: Any) -> StoredNudge:
    """A living nudge of Witt about Muster AG: to hand in the plan, unless said otherwise."""
    said = {
        "rule": "plan_creation",
        "subject": f"account.{world.account('muster')}",
        "period": "2027-01-01..2027-12-31",
        "step": "hand_in",
        "account_id": world.account("muster"),
        "owner_id": world.person("witt"),
        "since": date(2026, 7, 1),
        "due_on": date(2026, 9, 11),
        "closes_by": "facts",
        "facts": {},
        "why": {"threshold": "hand_in", "days": 62, "closes": "submitted", "next": "nobody"},
        "fingerprint": "f",
        "opened_at": datetime.fromisoformat("2026-07-01T03:00:00+00:00"),
        "opened_on": date(2026, 7, 1),
        "staged_on": date(2026, 7, 1),
    } | values
    said["identity"] = f"{said['rule']}:{said['subject']}:{said['period']}:{said['step']}"
    return StoredNudge(**({"group_key": said["identity"]} | said))


def store_plan(world: Any, **values: Any) -> AccountPlan:
    """A short plan of Muster AG for 2027 by Witt, its sections empty."""
    said = {
        "account_id": world.account("muster"),
        "year_first": date(2027, 1, 1),
        "year_last": date(2027, 12, 31),
        "form": "short",
        "author_id": world.person("witt"),
    } | values
    plan = store(world.session, AccountPlan(**said))
    _together(world.session, *(PlanSection(plan_id=plan.id, number=number) for number in (1, 3, 5, 8, 9)))
    return plan


def build(session: Session) -> World:
    """Witt (KAM, deputy Arnst) and Kruse (board) look after Muster AG; Berg is the head, Fremd elsewhere."""
    people = {
        key: Person(key=key, name=name, email=f"{key}@example.com")
        for key, name in {
            "berg": "Ida Berg",
            "witt": "Jürgen Witt",
            "arnst": "Anna Arnst",
            "kruse": "Dr. Kruse",
            "fremd": "Udo Fremd",
            "gone": "Willi Weg",
        }.items()
    }
    people["gone"].left_on = date(2026, 6, 30)
    contacts = {
        key: Contact(key=key, last_name=name, email=f"{key}@example.de")
        for key, name in {"knut": "Knut", "paul": "Paul", "doppel": "Doppel"}.items()
    }
    group = Account(key="gruppe", name="Muster Gruppe")
    # Few flushes: hundreds of tests begin here.
    _together(session, *people.values(), *contacts.values(), group)
    people["witt"].superior_id, people["witt"].deputy_id = people["berg"].id, people["arnst"].id
    muster = Account(key="muster", name="Muster AG", account_class="major", parent_id=group.id)
    other = Account(key="andere", name="Andere GmbH")
    _together(session, muster, other)
    at = (("knut", muster), ("paul", muster), ("doppel", muster), ("doppel", other))
    _together(
        session,
        PersonRole(person_id=people["berg"].id, role="head"),
        Team(person_id=people["witt"].id, account_id=muster.id, role="kam"),
        Team(person_id=people["kruse"].id, account_id=group.id, role="sponsor"),
        *(Place(contact_id=contacts[key].id, account_id=account.id) for key, account in at),
    )
    accounts = {"gruppe": group, "muster": muster, "andere": other}
    return World(session, people, accounts, contacts)
