"""A CRM that tells kamflow what happened: a company, a site with its token, and the request it sends."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine, select
from sqlmodel import Session, SQLModel, col

from kamflow.knobs import Events
from kamflow.models.account import ExternalReference
from kamflow.models.event import Event
from kamflow.store import engine as db
from kamflow.web import internal
from kamflow.web.api.envelope import SINGLE
from tests.web.browser import Browser
from tests.web.conftest import Visited
from tests.world import World

TOKEN = "a token of the CRM"


@dataclass
class Teller:
    """The CRM: `tell` sends one event with its token."""

    visited: Visited
    token: str | None = TOKEN
    client: str = "192.0.2.9"
    told: int = 0
    rows: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def app(self) -> FastAPI:
        """One app for all requests, as in a house."""
        return internal.app(self.visited.site)

    def send(
        self, body: Any, media: str = SINGLE, headers: dict[str, str] | None = None, path: str = "/api/events"
    ) -> httpx.Response:
        said = {"content-type": media} | (headers or {})
        if self.token is not None:
            said["authorization"] = f"Bearer {self.token}"
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        browser = Browser(self.app, client=self.client)
        return browser.request("POST", path, content=content, headers=said)

    def event(self, kind: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        self.told += 1
        envelope = {"specversion": "1.0", "id": f"e-{self.told}", "source": "/crm", "type": f"kamflow.{kind}"}
        return envelope | {"data": data} | more

    def tell(self, kind: str, data: dict[str, Any], **more: Any) -> httpx.Response:
        return self.send(self.event(kind, data, **more))

    def stored(self, model: type[SQLModel]) -> list[Any]:
        with db.read(self.visited.world.engine) as session:
            return list(session.execute(select(model)).scalars())

    def happened(self) -> list[tuple[str, str | None]]:
        """Events with the door they came in by, in order."""
        with db.read(self.visited.world.engine) as session:
            return _events(session)


def _events(session: Session) -> list[tuple[str, str | None]]:
    query = select(col(Event.name), col(Event.via)).order_by(col(Event.id))
    return [(name, via) for name, via in session.execute(query)]


def teller(engine: Engine) -> Teller:
    """Witt is the KAM of Muster AG and sees Paul there; the CRM calls Muster AG `001`."""
    made = Teller(Visited(World(engine)))
    made.visited.knowing(events=Events(tokens={"crm": SecretStr(TOKEN), "sap": SecretStr("another token")}))
    world = made.visited.world
    kam = world.person("Witt")
    account = world.account("Muster", kam)
    place = world.place("Paul", account, influence=8)
    world.add(ExternalReference(source="crm", kind="account", external_id="001", row_id=account.id))
    made.rows = {"kam": kam, "account": account, "place": place}
    return made


@pytest.fixture
def crm(sqlite_engine: Engine) -> Teller:
    return teller(sqlite_engine)


@pytest.fixture
def crm_on_both(engine: Engine) -> Teller:
    return teller(engine)
