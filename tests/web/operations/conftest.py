"""Homes in every state an operator may find: new, well, with trouble, with messages that did not arrive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select
from sqlmodel import Session

from kamflow.knobs import Mailbox, Slack
from kamflow.models.event import Event, RelayBatch, RelayedEvent
from kamflow.models.message import MessageStep, StoredMessage
from kamflow.models.person import Person
from kamflow.models.run import FlowRun
from kamflow.models.source import ImportedFile, Source
from kamflow.models.watch import ClockJob, Lease, Supervisor
from kamflow.schedules import SCHEDULES
from kamflow.settings import Delivery
from kamflow.store import adopted, incidents
from kamflow.store.engine import read, write
from tests.conftest import NOW
from tests.web.browser import Browser
from tests.web.conftest import Visited
from tests.world import World

COUNTS = {"opened": 3, "updated": 1, "closed": 2, "effects": 0, "superseded": 0, "accounts": 12}
JOBS = ("relay", "catch-up", "watchdog", "compose", "deliver email", "deliver slack", "watch")


def _at_once(added: Callable[["Operated"], "Operated"]) -> Callable[["Operated"], "Operated"]:
    """Add a whole state in one transaction."""

    def body(house: "Operated") -> "Operated":
        with house.together():
            return added(house)

    return body


@dataclass
class Operated:
    """A home as operations see it; what is said about it is added row by row."""

    visited: Visited
    hansen: Person

    def __post_init__(self) -> None:
        self.world, self._numbers = self.visited.world, count(1)
        self._open: Session | None = None

    def browser(self, **more: Any) -> Browser:
        return self.visited.signed_in(self.hansen, **more)

    def one(self, model: Any) -> Any:
        """The newest row of its kind."""
        with read(self.world.engine) as session:
            key = next(iter(model.__table__.primary_key))
            return session.execute(select(model).order_by(key.desc()).limit(1)).scalar_one()

    def change(self, row: Any, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        self.add(row)

    @contextmanager
    def together(self) -> Iterator[Session]:
        """One transaction for all that is added meanwhile."""
        if self._open is not None:
            yield self._open
            return
        with write(self.world.engine) as self._open:
            yield self._open
        self._open = None

    def add(self, row: Any) -> Any:
        with self.together() as session:
            session.add(row)
            session.flush()
        return row

    def beats(self) -> None:
        """`kamflow up` runs, leads and may send."""
        up = {"host": "kam-01", "path": "/srv/kamflow", "pid": 812, "version": "0.6"}
        begun = NOW - timedelta(days=3)
        name = f"kam-01:812:{begun.isoformat()}"
        self.add(Supervisor(name=name, started_at=begun, seen_at=NOW, **up))
        self.add(Lease(name="clock", holder=name, since=begun, until=NOW + timedelta(seconds=15)))
        for job in JOBS:
            self.add(ClockJob(job=job, holder=name, done_at=NOW - timedelta(seconds=1), seen_at=NOW))
        with self.together() as session:
            adopted.adopt(session, self.visited.settings.home, NOW)

    def nights(self, first: date = date(2026, 9, 1), last: date = date(2026, 9, 7)) -> None:
        """Every flow finished for every day."""
        for each in SCHEDULES:
            minute, hour = (int(part) for part in each.cron.split()[:2])
            for past in range((last - first).days + 1):
                day = first + timedelta(days=past)
                self.ran(
                    each.flow,
                    day,
                    at=datetime(day.year, day.month, day.day, hour - 2, minute, tzinfo=NOW.tzinfo),
                )

    def ran(
        self, flow: str, day: date, state: str = "finished", at: datetime | None = None, **more: Any
    ) -> FlowRun:
        at = at or NOW - timedelta(hours=1)
        ended = None if state == "running" else at + timedelta(seconds=7)
        counts = COUNTS if state == "finished" else None
        row = {
            "flow": flow,
            "as_of": day,
            "state": state,
            "started_at": at,
            "finished_at": ended,
            "counts": counts,
        }
        return self.add(FlowRun(**row | more))

    def message(self, state: str, cause: str | None = None, ago: float = 1, **more: Any) -> StoredMessage:
        at = NOW - timedelta(hours=ago)
        row = {"key": f"k{next(self._numbers)}", "kind": "nudges", "channel": "email", "template": "digest"}
        sent = at if state == "sent" else None
        stamps = {"created_at": at, "due_at": at, "sent_at": sent, "attempts": 1}
        added = self.add(StoredMessage(**row | {"facts": {}, "state": state, "cause": cause} | stamps | more))
        self.add(MessageStep(message_id=added.id, at=at, state=state, cause=cause))
        return added

    def asked(self, flow: str, state: str, events: int = 2, **more: Any) -> RelayBatch:
        """A batch of events."""
        said = {
            "accounts": [1],
            "last_event_id": 1,
            "as_of": NOW.date(),
            "created_at": NOW - timedelta(minutes=4),
        }
        batch = self.add(RelayBatch(flow=flow, state=state, **said | more))
        for _ in range(events):
            row = Event(name="interaction.held", at=NOW, payload={}, relayed_at=NOW)
            self.add(RelayedEvent(event_id=self.add(row).id, batch_id=batch.id))
        return batch

    def wrong(self, key: str, kind: str, ago: float = 2, **facts: Any) -> None:
        """An incident."""
        with self.together() as session:
            incidents.report(session, key, kind, facts, NOW - timedelta(hours=ago))

    def source(self, key: str, came: date, limit: int | None = 3) -> None:
        self.add(Source(key=key, age_limit_days=limit))
        at = datetime(came.year, came.month, came.day, 3, tzinfo=NOW.tzinfo)
        counts = {"interactions": {"new": 3}}
        self.add(
            ImportedFile(
                source=key, name="x.csv", digest="x", rows=3, state="imported", counts=counts, imported_at=at
            )
        )

    # --- the states of the screenshots ---

    @_at_once
    def well(self) -> "Operated":
        self.beats()
        self.nights()
        self.source("crm", date(2026, 9, 7))
        self.source("sap", date(2026, 9, 5), 7)
        for ago in range(1, 40):
            self.message("sent", ago=ago)
        self.message("sent", ago=3, channel="slack")
        self.message("waiting", ago=-3)
        return self

    @_at_once
    def troubled(self) -> "Operated":
        self.beats()
        self.nights(last=date(2026, 9, 6))
        self.source("crm", date(2026, 8, 28))
        self.ran("intake", date(2026, 9, 7), "failed", error="PermissionError", prefect_id="0b1c")
        self.ran("plan_creation", date(2026, 9, 7), "running", at=NOW - timedelta(minutes=3))
        self.wrong("run:intake", "run", 3.1, cause="failed", error="PermissionError")
        self.wrong("channel:email", "channel", 2, cause="login-refused")
        self.wrong("prefect:server", "prefect", 0.1)
        self.wrong(
            "data:crm", "data", 70, source="crm", day="2026-08-28", limit=3, rules=["contact_shortfall"]
        )
        for _ in range(12):
            self.message("retrying", "login-refused", ago=-0.2, attempts=5)
        self.message("waiting", ago=2)
        self.asked("contact_shortfall", "waiting", cause="no-server", accounts=[1, 2])
        self.asked("annual_meeting", "done", done_at=NOW - timedelta(hours=2), cause="crashed", failed=3)
        return self

    def failures(self) -> "Operated":
        return self.well().failures_more()

    @_at_once
    def failures_more(self) -> "Operated":
        for each in range(41):
            self.message("failed", "recipient-refused", ago=10 + each / 10, person_id=self.hansen.id)
        for _ in range(17):
            self.message("failed", "users_not_found", ago=8, channel="slack")
        for _ in range(2):
            self.message("failed", "not-rendered", ago=5, kind="document")
        return self


def operated(engine: Engine, home: Path, language: str = "en") -> Operated:
    visited = Visited(World(engine))
    slack = Slack(token=SecretStr("xoxb-1"), app_token=SecretStr("xapp-1"))
    visited.knowing(
        home=home, delivery=Delivery(mode="live"), slack=slack, mailbox=Mailbox(host="imap.example.com")
    )
    return Operated(visited, visited.world.person("Hansen", "operations", language=language))


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> Operated:
    """On both databases."""
    return operated(engine, tmp_path)


@pytest.fixture
def sqlite_house(sqlite_engine: Engine, tmp_path: Path) -> Operated:
    """Where the SQL is not in question."""
    return operated(sqlite_engine, tmp_path)
