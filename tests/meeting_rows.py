"""Annual meetings in a test's database, one line per fact."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.models.contact import Place
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StepDone
from kamflow.models.person import Person
from kamflow.store import engine as db
from tests.world import STAMP, YEAR, World


def meeting(world: World, account: Account, year: tuple[date, date] = YEAR, **more: Any) -> AnnualMeeting:
    return world.add(AnnualMeeting(account_id=account.id, year_first=year[0], year_last=year[1], **more))


def talk(
    world: World, of: AnnualMeeting, day: date | None, people: Iterable[Person | Place] = (), **more: Any
) -> MeetingRound:
    """A round with people of ours (persons) and theirs (places)."""
    row = world.add(MeetingRound(meeting_id=of.id, day=day, **more))
    for each in people:
        attend(world, row, each)
    return row


def attend(world: World, row: MeetingRound, who: Person | Place) -> None:
    side = {"person_id": who.id} if isinstance(who, Person) else {"contact_id": who.contact_id}
    world.add(MeetingAttendee(round_id=row.id, **side))


def change(world: World, row: MeetingRound, **values: Any) -> None:
    with db.write(world.engine) as session:
        session.execute(update(MeetingRound).where(col(MeetingRound.id) == row.id).values(values))


def done(world: World, identity: str, person: Person, day: date) -> None:
    world.add(StepDone(identity=identity, person_id=person.id, done_on=day, done_at=STAMP))


def messages(world: World, kind: str) -> list[StoredMessage]:
    with db.read(world.engine) as session:
        query = select(StoredMessage).where(col(StoredMessage.kind) == kind).order_by(col(StoredMessage.id))
        return list(session.execute(query).scalars())


def mark(world: World, state: str, kind: str | None = None) -> None:
    """What became of everything in the outbox."""
    with db.write(world.engine) as session:
        query = update(StoredMessage).where(col(StoredMessage.state) == "waiting").values(state=state)
        session.execute(query if kind is None else query.where(col(StoredMessage.kind) == kind))
