"""What happens in a rehearsal, as counts: no name, no text."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from flows.rehearsal.ear import Heard
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredEffect, StoredNudge
from kamflow.store.carrying import Carried
from kamflow.store.run import Outcome


@dataclass
class Record:
    """Kept day by day. `begun`: the newest row of each kind before the first day."""

    first: date
    last: date
    diligent: bool = False
    carried: Carried = field(default_factory=Carried)
    keys: list[str] = field(default_factory=list)
    runs: dict[tuple[date, str], Outcome] = field(default_factory=dict)
    messages: Counter[tuple[int, date]] = field(default_factory=Counter)
    items: Counter[tuple[int, date]] = field(default_factory=Counter)
    told: Counter[tuple[int, date]] = field(default_factory=Counter)
    over: Counter[tuple[int, date]] = field(default_factory=Counter)
    begun: dict[str, int] = field(default_factory=dict)

    def begin(self, session: Session) -> None:
        """Remember what was there before."""
        for name, column in (
            ("nudge", StoredNudge.id),
            ("effect", StoredEffect.id),
            ("message", StoredMessage.id),
        ):
            self.begun[name] = session.execute(select(func.max(col(column)))).scalar() or 0

    def ran(self, day: date, rule: str, outcome: Outcome) -> None:
        """Note what a rule did on a day."""
        self.runs[day, rule] = self.runs.get((day, rule), Outcome()) + outcome

    def heard(self, heard: Heard) -> None:
        """Note what somebody was told, under the reader's date."""
        said = heard.announcement
        key = said.person, said.day
        self.keys.append(said.key)
        self.messages[key] += 1
        self.items[key] += len(said.items)
        self.told[key] += len(said.told)
        if heard.over:
            self.over[key] += heard.over

    def written(self, session: Session) -> None:
        """Note the messages that rules put into the outbox themselves: documents, welcomes."""
        message = StoredMessage
        rows = session.execute(
            select(col(message.key), col(message.person_id), col(message.created_at))
            .where(col(message.id) > self.begun["message"])
            .order_by(col(message.id))
        )
        for key, person, at in rows:
            self.keys.append(key)
            if person is not None:
                self.messages[person, at.date()] += 1
