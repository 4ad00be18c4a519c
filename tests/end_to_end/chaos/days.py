"""Days of the home in quick motion: the night decides, the morning tells, the CRM tells what people did.

The clock jumps from one hour that matters to the next, once what belongs to the last one is done: however
many times it had to be begun again.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.event import Event, RelayBatch
from kamflow.models.person import Person
from kamflow.models.run import FlowRun, RunState
from kamflow.models.watch import ClockJob
from kamflow.schedules import SCHEDULES
from kamflow.store import engine as db
from kamflow.store import owed
from tests.end_to_end.chaos.household import EVENT_TOKEN, Household, now
from tests.flows.prefect_api import eventually

FLOWS = tuple(dict.fromkeys(each.flow for each in SCHEDULES))
HEADERS = {"Authorization": f"Bearer {EVENT_TOKEN}", "Content-Type": "application/cloudevents+json"}
PATIENCE = 900.0  # seconds for a night under blows


@dataclass
class Days:
    """Plays days of a home; `told` are the events that the CRM sent and saw taken."""

    home: Household
    engine: Engine
    chance: random.Random
    told: list[dict[str, object]] = field(default_factory=list)

    def play(self, first: date, last: date) -> Iterator[date]:
        """Play day by day; yields each day once it is over."""
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            self.home.set_clock(day, 5, 45)
            self._until(f"the night of {day} is decided", lambda: not self.owed())
            self.home.set_clock(day, 8, 45)
            self._until(f"the morning of {day} is composed", self._composed)
            for number in range(2):
                self._crm_tells(day, number)
            self.home.set_clock(day, 10, 15)
            self._until(f"what happened on {day} is decided", self.calm)
            yield day

    def owed(self) -> list[tuple[str, date]]:
        """Flow and day of every night that nobody has decided yet."""
        zone = self.home.stage.home.settings.company.zone
        with db.read(self.engine) as session:
            return [(flow, day) for flow in FLOWS for day in owed.owed(session, flow, now(), zone)]

    def calm(self) -> bool:
        """Whether no event waits and no run is going."""

        with db.read(self.engine) as session:
            waiting = session.execute(
                select(Event.id).where(col(Event.relayed_at).is_(None)).limit(1)
            ).first()
            batch = session.execute(
                select(RelayBatch.id).where(col(RelayBatch.state) != "done").limit(1)
            ).first()
            run = select(FlowRun.id).where(col(FlowRun.state) == RunState.RUNNING).limit(1)
            return not (waiting or batch or session.execute(run).first())

    def _composed(self) -> bool:
        moment = now() - timedelta(minutes=5)
        with db.read(self.engine) as session:
            job = session.get(ClockJob, "compose")
            return job is not None and job.done_at is not None and job.done_at > moment

    def _until(self, what: str, found: Callable[[], bool]) -> None:
        def look() -> bool:
            self.home.keep_up()
            return found()

        eventually(what, look, PATIENCE)

    def _crm_tells(self, day: date, number: int) -> None:
        """Somebody of ours met somebody of theirs; told again until it is taken, as a CRM does."""
        person, contact, account = self.chance.choice(self._pairs())
        data = {"id": f"c-{day}-{number}", "day": day.isoformat(), "account": account, "people": [person],
                "contacts": [contact], "kind": "call"}  # fmt: skip
        event = {"specversion": "1.0", "id": f"e-{day}-{number}", "source": "/crm",
                 "type": "kamflow.interaction.held", "data": data}  # fmt: skip
        self._until(f"the CRM's event of {day} is taken", lambda: self._taken(event))
        self.told.append(event)

    def _taken(self, event: dict[str, object]) -> bool:
        try:
            answer = httpx.post(
                f"{self.home.internal}/api/events",
                json=event,
                headers={
                    "Authorization": f"Bearer {EVENT_TOKEN}",
                    "Content-Type": "application/cloudevents+json",
                },
                timeout=20,
            )
        except httpx.HTTPError:
            return False
        assert answer.status_code < 400 or answer.status_code in (429, 503), answer.text
        return answer.is_success

    def _pairs(self) -> list[tuple[str, str, str]]:
        """Person, contact and account by their keys: who may meet whom."""
        query = (
            select(col(Person.key), col(Contact.key), col(Account.key))
            .select_from(Place)
            .join(Contact, col(Contact.id) == col(Place.contact_id))
            .join(Account, col(Account.id) == col(Place.account_id))
            .join(Person, col(Person.left_on).is_(None))
            .order_by(col(Place.id), col(Person.id))
        )
        with db.read(self.engine) as session:
            return [tuple(row) for row in session.execute(query)]
