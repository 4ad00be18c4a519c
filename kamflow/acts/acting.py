"""Who acts, when, and in which transaction: what every act of a person is handed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.settings import Company
from kamflow.store import events


@dataclass(frozen=True)
class Acting:
    """An open transaction at one moment; `actor` None is operations."""

    session: Session
    actor: int | None
    now: datetime
    company: Company

    @property
    def today(self) -> date:
        """The date where the actor is."""
        return days.local(self.session, self.actor, self.now, self.company)

    def person(self, act: str) -> int:
        """Who acts, of an act that needs a person (NotAllowed)."""
        return rights.person(self.session, self.actor, act, self.today)

    def record(self, name: str, account: int, **payload: int | str | bool | None) -> None:
        """Append an event of the actor about an account."""
        events.record(self.session, name, self.now, actor=self.actor, account=account, **payload)
