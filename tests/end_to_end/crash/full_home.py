"""A home with nothing but people, one open nudge for each, and an outbox that is filled round by round."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, and_, func, insert, or_, select
from sqlmodel import col

from flows import runtime
from kamflow.demo.slack.server import TOKEN
from kamflow.models.account import Account
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store import adopted, migrate
from kamflow.store import engine as db
from notifications import outbox
from notifications.outbox import NewMessage
from notifications.render import training_example

LEASE_SECONDS = 120
SMTP_PATIENCE = 600  # seconds: a mail server that is held back by a test is no trouble of its own
KEY = "a key of the crash test, as long as keys should be"
TOML = """
[company]
name = "Muster KG"

[delivery]
mode = "live"
lease_seconds = {lease}

[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
timeout = {timeout}
{more}
"""


@dataclass
class FullHome:
    """`people` ids and addresses; `rounds` how often the outbox was filled; `clock`: a file that tells
    its processes the time."""

    folder: Path
    url: str
    engine: Engine
    people: dict[int, str]
    nudges: dict[int, int]
    connections: int
    channel: str
    clock: Path | None = None
    rounds: int = 0

    @property
    def secrets(self) -> dict[str, str]:
        """What its processes are told, beside kamflow.toml."""
        told = {"KAMFLOW_DATABASE_URL": self.url, "KAMFLOW_SECRET_KEY": KEY}
        told |= {"KAMFLOW_NOW": f"@{self.clock}"} if self.clock else {}
        return told | ({"KAMFLOW_SLACK__TOKEN": TOKEN} if self.channel == "slack" else {})

    def fill(self, each: int = 1) -> None:
        """So many messages to everybody, about their own nudge."""
        now = runtime.clock()
        with db.write(self.engine) as session:
            for _ in range(each):
                self.rounds += 1
                for person, nudge in self.nudges.items():
                    outbox.add(session, _message(person, nudge, self.rounds, self.channel), now)

    def unsent(self) -> int:
        with db.read(self.engine) as session:
            rows = session.execute(select(col(StoredMessage.state))).scalars()
            return sum(state != MessageState.SENT for state in rows)

    def left(self, begun: datetime) -> int:
        """How many of those that could be taken then stand untouched, or as if they were being sent."""
        due = and_(col(StoredMessage.state) == MessageState.WAITING, col(StoredMessage.due_at) <= begun)
        wanted = or_(col(StoredMessage.state) == MessageState.SENDING, due)
        with db.read(self.engine) as session:
            return session.execute(select(func.count()).where(wanted)).scalar_one()

    def sending(self) -> set[str]:
        """Message-IDs of what stands as being sent."""
        wanted = select(col(StoredMessage.mail_id)).where(col(StoredMessage.state) == MessageState.SENDING)
        with db.read(self.engine) as session:
            return {mail_id for mail_id in session.execute(wanted).scalars() if mail_id}

    def messages(self) -> list[tuple[str, str, str]]:
        """(address, Message-ID, state) of everything."""
        wanted = select(col(StoredMessage.person_id), col(StoredMessage.mail_id), col(StoredMessage.state))
        with db.read(self.engine) as session:
            rows = session.execute(wanted.order_by(col(StoredMessage.id))).all()
        return [(self.people[person], mail_id or "", state) for person, mail_id, state in rows]


@contextmanager
def full_home(
    folder: Path,
    url: str,
    port: int,
    people: int,
    *,
    connections: int = 8,
    lease: int = LEASE_SECONDS,
    channel: str = "email",
    more: str = "",
    clock: Path | None = None,
) -> Iterator[FullHome]:
    """Make it, for a mail server on `port`; `more` are further lines of its kamflow.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    toml = TOML.format(port=port, connections=connections, lease=lease, timeout=SMTP_PATIENCE, more=more)
    (folder / "kamflow.toml").write_text(toml, encoding="utf-8")
    engine = db.connect(url)
    try:
        migrate.upgrade(engine)
        yield replace(_peopled(folder, url, engine, people, connections, channel), clock=clock)
    finally:
        engine.dispose()


def _peopled(folder: Path, url: str, engine: Engine, people: int, connections: int, channel: str) -> FullHome:
    now, example = runtime.clock(), training_example.plan()
    with db.write(engine) as session:
        adopted.adopt(session, folder, now)
        session.add(account := Account(key="muster", name="Muster AG"))
        rows = [
            {"key": f"p{number}", "name": f"Paula {number}", "email": address(number)}
            for number in range(people)
        ]
        session.execute(insert(Person), rows)
        session.flush()
        everybody = {row.id: row.email or "" for row in session.execute(select(Person)).scalars()}
        nudges = [_nudge(person or 0, account.id, example, now) for person in everybody]
        session.execute(insert(StoredNudge), nudges)
        about = session.execute(select(col(StoredNudge.owner_id), col(StoredNudge.id))).all()
    known = {person: address for person, address in everybody.items() if person is not None}
    own = {owner: nudge or 0 for owner, nudge in about}
    return FullHome(folder, url, engine, known, own, connections, channel)


def address(number: int) -> str:
    """That of the n-th of its people."""
    return f"p{number}@example.com"


def _nudge(person: int, account: int | None, example: Any, now: Any) -> dict[str, Any]:
    return {
        "identity": f"plan_creation:account.{account}:2027:{person}",
        "rule": example.rule,
        "subject": f"account.{account}",
        "period": "2027-01-01..2027-12-31",
        "step": example.step,
        "account_id": account,
        "owner_id": person,
        "since": example.since,
        "due_on": example.due_on,
        "weight": example.weight,
        "group_key": str(person),
        "stage": example.stage,
        "facts": {**example.facts, "author": person},
        "why": dict(example.why),
        "fingerprint": "",
        "opened_at": now,
        "opened_on": example.since,
        "staged_on": example.since,
    }


def _message(person: int, nudge: int, number: int, channel: str) -> NewMessage:
    line = {"id": nudge, "reason": "opened", "number": number, "for_person": None}
    return NewMessage(
        key=f"crash:{person}:{number}",
        kind="nudges",
        channel=channel,
        template="digest",
        facts={"day": "2026-09-07", "occasion": "daily", "items": [{"nudges": [line]}], "more": 0},
        person=person,
    )
