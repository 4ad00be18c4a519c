"""A survey that was sent to Muster AG: who was asked, their links, and a browser to open them with."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating, SurveyWave
from kamflow.settings import Survey
from kamflow.store import engine as db
from kamflow.store import surveys_write
from kamflow.store.rows import stored
from notifications import links
from tests.surveyed import Surveyed
from tests.web.browser import Browser
from tests.web.conftest import Visited

ASKED, CLOSES = date(2026, 7, 7), date(2026, 7, 28)
OPEN = datetime(2026, 7, 9, 8, tzinfo=UTC)
LATE = datetime(2026, 7, 29, 8, tzinfo=UTC)
LEGAL = "Beispiel Technik GmbH, Musterweg 1, 12345 Musterstadt"


@dataclass
class Asking(Visited):
    """Muster AG and its KAM; `link` asks a contact and gives the path of their survey."""

    world: Surveyed  # pyright: ignore[reportIncompatibleVariableOverride]
    now: datetime = OPEN
    witt: Person = field(init=False)
    muster: Account = field(init=False)
    wave: SurveyWave = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        company = self.settings.company.model_copy(update={"name": "Beispiel Technik GmbH"})
        legal = Survey(objection_address="nein@example.com", legal_details=LEGAL,
                       privacy_url="https://www.example.com/datenschutz")  # fmt: skip
        self.knowing(company=company, survey=legal)
        self.witt = self.world.person("Witt")
        self.muster = self.world.account("Muster AG", self.witt, account_class="key")
        self.wave = self.world.wave(self.muster, dimensions=["delivery", "service"])

    def link(self, name: str = "Kruse", **more: Any) -> str:
        """The path of the survey of a new contact."""
        contact = self.world.contact(name, self.muster, **{"language": "de"} | more)
        asked = self.world.add(
            SurveyInvitation(wave_id=self.wave.id, contact_id=contact.id, invited_on=ASKED)
        )
        return self.sent(stored(asked.id))

    def sent(self, invitation: int, version: int = 1) -> str:
        """Keep the link of an invitation as delivery does, and give its path."""
        token = links.survey_token(links.secret(self.settings), invitation, version)
        with db.write(self.world.engine) as session:
            surveys_write.keep_links(session, {invitation: (links.hashed(token), CLOSES)})
        return f"/s/{token}"

    def rows(self, model: type[Any]) -> list[Any]:
        with db.read(self.world.engine) as session:
            return list(session.execute(select(model)).scalars())

    def answers(self) -> list[tuple[int | None, str | None, int]]:
        """Score, comment and version of every answer."""
        return [(row.score, row.comment, row.version) for row in self.rows(SurveyAnswer)]

    def ratings(self) -> dict[str, tuple[int | None, int | None]]:
        return {row.dimension: (row.expectation, row.experience) for row in self.rows(SurveyRating)}

    def events(self, name: str = "survey.answered") -> list[Event]:
        query = select(Event).where(col(Event.name) == name).order_by(col(Event.id))
        with db.read(self.world.engine) as session:
            return list(session.execute(query).scalars())

    def kruse(self) -> Contact:
        return self.rows(Contact)[0]


@pytest.fixture
def asking(engine: Engine) -> Asking:
    return Asking(Surveyed(engine))


@pytest.fixture
def browser(asking: Asking) -> Browser:
    return asking.outside()
