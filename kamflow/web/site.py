"""What every page is handed, and the two kinds of transaction it may open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.acts.acting import Acting
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import engine as db
from kamflow.store import events
from kamflow.web.limits import Limits


@dataclass(frozen=True)
class Site:
    """An opened home as the doors see it; one for both listeners, so that limits count together."""

    settings: Settings
    policy: Policy
    engine: Engine
    now: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)

    @property
    def today(self) -> date:
        """The company's local date."""
        return self.now().astimezone(ZoneInfo(self.settings.company.zone)).date()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A view that cannot write: all that a GET may open."""
        with db.read(self.engine) as session:
            yield session

    @contextmanager
    def writing(self, via: str) -> Iterator[Session]:
        """One transaction; its events say by which door they came: page, link, slack, mail or api."""
        with db.write(self.engine) as session:
            session.info[events.VIA] = via
            yield session

    @contextmanager
    def acting(self, person: int | None, via: str) -> Iterator[Acting]:
        """One transaction in which a person acts."""
        with self.writing(via) as session:
            yield Acting(session, person, self.now(), self.settings.company)


def site_of(request: Request) -> Site:
    """The site an app was made for (`Depends(site_of)`)."""
    return request.app.state.site
