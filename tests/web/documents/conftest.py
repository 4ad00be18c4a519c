"""Muster AG with a booked meeting, its draft briefing sent to Witt, who may release it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_round import Booking
from kamflow.models.meeting import MeetingRound
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.store import engine as db
from notifications import links
from notifications.links import Signed
from tests.web.conftest import Visited
from tests.world import World

MEETING = date(2026, 9, 21)


@dataclass
class Sent:
    """The draft's message, its measure and its contact."""

    visited: Visited
    witt: Person
    berg: Person
    message: int
    measure: int
    contact: int

    def link(self, person: Person | None = None, purpose: Any = "document", **more: Any) -> str:
        """The path of the document, for a person of their own."""
        who = (person or self.witt).id or 0
        about = more.get("about", who if purpose == "feed" else self.message)
        until = self.visited.now + timedelta(days=more.get("days", 30))
        said = Signed(who, about, until, more.get("version", 1))
        token = links.signed(links.secret(self.visited.settings), purpose, said)
        return f"/f/{token}.ics" if purpose == "feed" else f"/d/{token}"

    def round(self) -> MeetingRound:
        with db.read(self.visited.world.engine) as session:
            return session.execute(select(MeetingRound)).scalar_one()


@pytest.fixture
def sent(sqlite_engine: Engine) -> Sent:
    visited = Visited(World(sqlite_engine))
    world = visited.world
    witt, berg = world.person("Witt"), world.person("Berg")
    account = world.account("Muster AG", witt)
    paul = world.place("Paul", account, 8, position="Einkäufer")
    measure = world.measure(account, date(2026, 9, 30), witt)
    with db.write(world.engine) as session:
        desk = Acting(session, witt.id, visited.now, world.settings.company)
        meetings.book(desk, Booking(account.id or 0, MEETING, contacts=[paul.contact_id]))
    world.night("annual_meeting", date(2026, 9, 7))
    with db.read(world.engine) as session:
        drafts = select(col(StoredMessage.id)).where(col(StoredMessage.template) == "briefing")
        (message,) = session.execute(drafts).scalars()
    return Sent(visited, witt, berg, message or 0, measure.id or 0, paul.contact_id)
