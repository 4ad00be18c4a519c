"""A small company, its site, and browsers on both listeners."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from kamflow.models.person import Person
from kamflow.settings import Settings
from kamflow.web import internal, public, visitor
from kamflow.web.site import Site
from tests.conftest import NOW
from tests.web.browser import Browser
from tests.world import World

PUBLIC, INTERNAL = "https://survey.example.com", "https://kamflow.example.com"


@dataclass
class Visited:
    """A world whose pages can be visited; `now` is the clock."""

    world: World
    now: datetime = NOW
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        kept = self.world.settings
        web = kept.web.model_copy(update={"public_url": PUBLIC, "internal_url": INTERNAL})
        self.settings = kept.model_copy(update={"secret_key": SecretStr("a secret of tests"), "web": web})
        self.site = Site(self.settings, self.world.policy, self.world.engine, lambda: self.now)

    def knowing(self, **more: Any) -> None:
        """Change settings: `visited.knowing(slack=Slack(detail="reference"))`."""
        self.settings = self.settings.model_copy(update=more)
        self.site = replace(self.site, settings=self.settings)

    def outside(self, **more: Any) -> Browser:
        """A customer's browser."""
        return Browser(public.app(self.site), **more)

    def inside(self, **more: Any) -> Browser:
        """A browser in our own network."""
        return Browser(internal.app(self.site), **more)

    def signed_in(self, person: Person, **more: Any) -> Browser:
        """A browser of one of our people."""
        browser = self.inside(**more)
        with self.site.writing("page") as session:
            token = visitor.begin(self.site, session, person.id or 0, "link")
        browser.cookies.set(visitor.cookie_name(self.site), token)
        return browser


@pytest.fixture
def visited(engine: Engine) -> Visited:
    return Visited(World(engine))
