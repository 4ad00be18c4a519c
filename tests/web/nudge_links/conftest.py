"""A small company with open nudges, and the page of one of them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.store import engine as db
from notifications import links
from notifications.links import Signed
from tests.web.conftest import Visited
from tests.world import World

TODAY = date(2026, 9, 7)


@dataclass
class Linked:
    """Witt, KAM of Muster AG, who is to meet Paul six times and Knut once; Kruse stands in for him."""

    visited: Visited
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world = self.visited.world
        self.people["kruse"] = world.person("Kruse")
        self.people["witt"] = world.person("Witt", deputy_id=self.people["kruse"].id)
        self.people["albers"] = world.person("Albers", "head")
        self.people["berg"] = world.person("Berg")
        self.account = world.account("Muster AG", self.people["witt"])
        self.paul = world.place("Paul", self.account, 8, position="Einkäufer")
        self.knut = world.place("Knut", self.account, 5)
        self.targets = [
            world.target(self.people["witt"], self.paul, 6),
            world.target(self.people["witt"], self.knut, 1),
        ]

    def id(self, name: str) -> int:
        return self.people[name].id or 0

    def nudge(self, rule: str = "plan_creation", step: str = "hand_in", **more: Any) -> StoredNudge:
        """An open nudge of Witt about Muster AG."""
        said: dict[str, Any] = {
            "rule": rule,
            "subject": f"account.{self.account.id}",
            "period": "2026-01-01..2026-12-31",
            "step": step,
            "account_id": self.account.id,
            "owner_id": self.id("witt"),
            "since": TODAY,
            "due_on": date(2026, 9, 14),
            "facts": _FACTS.get((rule, step), {}),
            "why": _WHY.get((rule, step), {"threshold": "x", "closes": "word", "next": "nobody"}),
            "fingerprint": "",
            "opened_at": self.visited.now,
            "opened_on": TODAY,
            "staged_on": TODAY,
        } | more
        identity = f"{said['rule']}:{said['subject']}:{said['period']}:{said['step']}"
        return self.visited.world.add(StoredNudge(**({"identity": identity, "group_key": identity} | said)))

    def shortfall(self) -> StoredNudge:
        """Two contacts with Paul are behind, and the one with Knut."""
        cells = [
            _cell(self.targets[0].id, self.paul.contact_id, 6, 2, 2),
            _cell(self.targets[1].id, self.knut.contact_id, 1, 0, 1),
        ]
        facts = {"cells": cells, "meetings": [], "data": {"as_of": "2026-09-04", "source": "crm"}}
        why = {"threshold": "pace", "gap": 1.0, "lead": 30, "closes": "contact", "next": "nobody"}
        return self.nudge("contact_shortfall", "contacts", facts=facts, why=why)

    def survey_list(self, **more: Any) -> StoredNudge:
        """Paul and Knut are to be asked on 10 September."""
        world, year = self.visited.world, {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
        sent = {"send_on": date(2026, 9, 10), "created_at": self.visited.now}
        wave = world.add(SurveyWave(account_id=self.account.id or 0, **year, **sent)).id or 0
        contacts = (self.paul.contact_id, self.knut.contact_id)
        for contact in contacts:
            world.add(SurveyInvitation(wave_id=wave, contact_id=contact))
        listed = {"day": "2026-09-10", "influence": 8, "warnings": []}
        facts = {"wave": wave, "lapses": None, "send_on": "2026-09-10", "refused": []}
        facts |= {"contacts": [{"contact": contact, **listed} for contact in contacts]}
        why = {"threshold": "list", "days": 3, "closes": "looked_through", "next": "nobody"}
        return self.nudge("survey_dispatch", "list", facts=facts, why=why, closes_by="word", **more)

    def link(self, nudge: StoredNudge, person: str = "witt", days: int = 30, version: int = 1) -> str:
        """The path of a nudge's page."""
        until = self.visited.now + timedelta(days=days)
        said = Signed(self.id(person), nudge.id or 0, until, version)
        return f"/a/{links.signed(links.secret(self.visited.settings), 'nudge', said)}"

    def row(self, nudge: StoredNudge) -> StoredNudge:
        return self.visited.world.one(StoredNudge, nudge.id or 0)

    def dump(self) -> list[tuple[str, list[str]]]:
        """Every row of every table."""
        return everything(self.visited.world.engine)


def everything(engine: Engine) -> list[tuple[str, list[str]]]:
    """Every row of every table."""
    with db.read(engine) as session:
        return [
            (name, sorted(map(repr, session.execute(text(f'SELECT * FROM "{name}"')).all())))
            for name in sorted(SQLModel.metadata.tables)
        ]


def _cell(target: int | None, contact: int, soll: int, held: int, gap: int) -> dict[str, Any]:
    return {
        "target": target, "contact": contact, "soll": soll, "held": held, "unconfirmed": 0, "booked": 0,
        "gap": gap, "influence": 8, "last": None, "since": "2026-09-01", "mode": "pace", "fits": True,
        "first": "2026-01-01", "last_day": "2026-12-31",
    }  # fmt: skip


_YEAR = {"first": "2027-01-01", "last": "2027-12-31"}
_PLAN = {
    "year": _YEAR, "form": "key", "hand_in": "2026-10-30", "limit": "budget", "limit_on": "2026-10-31",
    "steps_done": [1], "step": 2, "step_due": "2026-09-11", "missing": [7], "questions": [],
    "returned_on": None, "submitted_on": None, "author": 1,
}  # fmt: skip
_FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("plan_creation", "hand_in"): _PLAN,
    ("annual_meeting", "minutes"): {
        "round": 1, "number": 1, "day": "2026-09-01", "next_round": None, "agreed_on": None, "year": _YEAR,
        "kind": "strategic", "meeting": 1, "lapses": None,
    },
}  # fmt: skip
_WHY: dict[tuple[str, str], dict[str, Any]] = {
    ("plan_creation", "hand_in"): {
        "threshold": "hand_in", "days": 62, "closes": "submitted", "next": "nobody",
    },
    ("annual_meeting", "minutes"): {
        "threshold": "round", "days": 5, "closes": "written", "next": "head", "next_after": 2,
    },
}  # fmt: skip


@pytest.fixture
def linked(sqlite_engine: Engine) -> Linked:
    return Linked(Visited(World(sqlite_engine)))
