"""What the tests of acts stand on: one open transaction with a small company in it."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store.engine import write
from tests.acts.world import World, build


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with write(engine) as opened:
        yield opened


@pytest.fixture
def world(session: Session) -> World:
    return build(session)


@pytest.fixture
def given(now: datetime) -> SimpleNamespace:
    """What acts are handed besides the actor."""
    return SimpleNamespace(now=now, company=Company(), policy=Policy())
