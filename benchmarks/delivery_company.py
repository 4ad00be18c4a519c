"""People who are told something this morning: each with one open nudge, or with a digest of seven.

Six rules take turns, so that six of their templates are used; figures, days and customers differ from mail
to mail, so that no two bodies are the same and nothing is gained by keeping one.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, insert

from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.meeting import Request
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Department, Person, PersonRole
from kamflow.models.plan import Measure, OpenQuestion
from kamflow.models.service import Service
from kamflow.settings import Company, Delivery, Settings, Smtp, Web
from kamflow.store import adopted, migrate
from kamflow.store import engine as db
from notifications.render import meeting_example as meetings
from notifications.render import quarter_example as figures
from notifications.render import training_example as training
from notifications.render.view import NudgesView, NudgeView

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)  # a Monday, 08:30 in Berlin
TODAY, YEAR = date(2026, 9, 7), (date(2026, 1, 1), date(2026, 12, 31))
ACCOUNTS, STRETCH = 1_000, 1_000
FIRST, LAST = ("Anna", "Jürgen", "Ruth", "Knut", "Ana"), ("Witt", "Albers", "Böhm-Roth", "Ruiz", "Ng", "Lang")
SECRET = SecretStr("made up for the bench, thirty-two characters")


def settings(home: Path, port: int = 1, connections: int = 8, processes: int = 1) -> Settings:
    """A home as it stands in a company: own pages with signed links, a relay without login."""
    return Settings(
        home=home,
        company=Company(name="Beispiel Technik GmbH", region="NW"),
        delivery=Delivery(mode="live", processes=processes),
        web=Web(internal_url="https://kamflow.example.com"),
        smtp=Smtp(host="127.0.0.1", port=port, tls="none", connections=connections),
        secret_key=SECRET,
    )


def build(engine: Engine, home: Path, people: int, nudges: int) -> None:
    """Fill a new database: `people` with `nudges` open nudges each."""
    migrate.upgrade(engine)
    with db.write(engine) as session:
        adopted.adopt(session, home, NOW)
        for table, rows in _around():
            session.execute(insert(table), rows)
        for first in range(1, people + 1, STRETCH):
            some = range(first, min(first + STRETCH, people + 1))
            session.execute(insert(Person), [_person(n) for n in some])
            session.execute(insert(PersonRole), [{"person_id": n, "role": "kam"} for n in some])
            if rows := [each for n in some for each in _nudges(n, nudges)]:
                session.execute(insert(StoredNudge), rows)


def _person(number: int) -> dict[str, Any]:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]} {number}"
    mail = f"p{number}@example.com"
    place = {"zone": "Europe/Berlin", "country": "DE", "region": "NW", "language": "de"}
    return {"id": number, "key": f"p{number}", "name": name, "email": mail, "channel": "email", **place}


def _around() -> Iterator[tuple[type[Any], list[dict[str, Any]]]]:
    """What nudges name by id; the rows that name nobody come first. Person 0 owns what has an owner."""
    named = training.names("de")
    yield Department, [{"id": n, "key": f"d{n}", "name": name} for n, name in named.departments.items()]
    yield Person, [_person(0) | {"name": "Henrike Kruse", "digest": "first-tuesday"}]
    yield (
        Account,
        [
            {"id": n, "key": f"a{n}", "name": f"Beispielwerk {n} GmbH", "country": "DE", "region": "NW"}
            for n in range(1, ACCOUNTS + 1)
        ],
    )
    split = {n: each.name.rpartition(" ") for n, each in named.contacts.items()}
    yield (
        Contact,
        [
            {"id": n, "key": f"c{n}", "first_name": first, "last_name": last}
            for n, (first, _, last) in split.items()
        ],
    )
    yield (
        Place,
        [
            {"id": n, "contact_id": n, "account_id": 1, "position": each.position}
            for n, each in named.contacts.items()
        ],
    )
    span = {"period_first": YEAR[0], "period_last": YEAR[1], "soll": 4}
    yield (
        ContactTarget,
        [
            {"id": n, "person_id": 0, "place_id": n, "topic": topic, **span}
            for n, topic in named.targets.items()
        ],
    )
    yield OpenQuestion, [{"id": n, "account_id": 1, "question": each} for n, each in named.questions.items()]
    yield Measure, [{"id": n, "account_id": 1, "title": each} for n, each in named.measures.items()]
    yield Service, [{"id": n, "key": f"s{n}", "name": each} for n, each in named.services.items()]
    yield (
        Request,
        [{"id": n, "account_id": 1, "kind": "samples", "text": each} for n, each in named.requests.items()],
    )


def _nudges(person: int, number: int) -> Iterator[dict[str, Any]]:
    for place in range(number):
        made = _made(person + place, 1 + (7 * person + place) % ACCOUNTS)
        own = asdict(made)
        kept = ("rule", "step", "stage", "account", "since", "due_on", "urgency", "weight", "facts", "why")
        row = {name: own[name] for name in kept}
        row["account_id"] = row.pop("account")
        subject = f"person.{person}+account.{made.account}.{place}"
        yield row | {
            "identity": f"{made.rule}:{subject}:{YEAR[0]}..{YEAR[1]}:{made.step}",
            "subject": subject,
            "period": f"{YEAR[0]}..{YEAR[1]}",
            "owner_id": person,
            "group_key": f"{person}-{place}",
            "fingerprint": "",
            "opened_at": NOW,
            "opened_on": TODAY,
            "staged_on": TODAY,
        }


def _made(turn: int, account: int) -> NudgeView:
    """One nudge of the rule whose turn it is."""
    due = TODAY + timedelta(3 + account % 40)
    money = 400_000 + 371 * account
    match turn % 6:
        case 0:
            cell = training.cell(1 + account % 4, 6, account % 5, 2, last=f"2026-0{1 + account % 6}-12")
            made = training.contacts(cell, account=account, visits=[[cell["target"]]])[0]
        case 1:
            known = figures.figures(money, 1_000_000, 740_000, "amber")
            made = figures.quarter(account, "amber", figures=known)
        case 2:
            made = figures.measure(account, 1 + account % 2, "due", owner=0)
        case 3:
            made = figures.request(account, 1, due=due.isoformat())
        case 4:
            made = meetings.asked("arrange", account)
        case _:
            made = training.plan(account, missing=[8, 9], questions=[1])
    return replace(made, due_on=due, weight=float(20 + account % 50))


def view(nudges: int) -> NudgesView:
    """What person 1 is told."""
    made = tuple((_made(1 + place, 1 + (7 + place) % ACCOUNTS),) for place in range(nudges))
    return training.view(*made)
