"""A run that failed is told to operations once, with ids and kinds only."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows import runtime
from flows.runtime import Visit
from kamflow.models.message import StoredMessage
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store import ledger
from notifications.render import html
from tests.world import STAMP, World

NUMBER = UUID("0a1b2c3d-0000-4000-8000-000000000001")
FLOW = SimpleNamespace(name="contact-shortfall")
DAY = date(2026, 9, 7)


@pytest.fixture
def called(world: World) -> Iterator[World]:
    """The world whose home a command brought along."""
    from flows import prefect_run

    brought = prefect_run.CALL.set(prefect_run.Call(world.home()))
    yield world
    prefect_run.CALL.reset(brought)


def hook(state: str) -> None:
    from flows.alerts import alert

    ended: Any = SimpleNamespace(type=SimpleNamespace(value=state))
    alert(flow=FLOW, flow_run=SimpleNamespace(id=NUMBER), state=ended)


def messages(world: World) -> list[StoredMessage]:
    with db.read(world.engine) as session:
        return list(session.execute(select(StoredMessage)).scalars())


def failing_run(world: World) -> None:
    def body() -> Any:
        raise KeyError("Muster AG")

    with pytest.raises(KeyError):
        runtime.recorded(world.home(), "contact_shortfall", DAY, None, Visit(str(NUMBER)), body)


def test_a_failed_run_is_told_once(called: World) -> None:
    failing_run(called)
    hook("FAILED")
    hook("FAILED")

    (message,) = messages(called)
    assert (message.kind, message.template, message.person_id) == ("alert", "alert", None)
    assert message.key == f"alert:contact_shortfall:{NUMBER}"
    assert message.facts == {
        "flow": "contact_shortfall",
        "day": called.home().today().isoformat(),
        "cause": "failed",
        "error": "KeyError",
        "run": str(NUMBER),
    }


def test_a_run_whose_process_was_killed_does_not_stay_running(called: World) -> None:
    ledger.start(called.engine, "contact_shortfall", DAY, None, STAMP, str(NUMBER))
    hook("CRASHED")

    with db.read(called.engine) as session:
        row = session.execute(select(FlowRun).order_by(col(FlowRun.id))).scalar_one()
    assert (row.state, row.finished_at) == ("crashed", STAMP)
    assert messages(called)[0].facts["error"] is None


def test_a_cancelled_run_is_told_as_cancelled(called: World) -> None:
    hook("CANCELLING")

    assert messages(called)[0].facts["cause"] == "cancelled"


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("FAILED", "Mit einem Fehler beendet"),
        ("CRASHED", "Der Prozess brach mittendrin ab"),
        ("CANCELLING", "Abgebrochen"),
    ],
)
def test_what_the_hook_writes_can_be_rendered(called: World, state: str, cause: str) -> None:
    if state == "FAILED":
        failing_run(called)
    hook(state)

    (message,) = messages(called)
    mail = html.notice(message.template, "de", message.facts)
    assert mail.subject == "kamflow prüfen: contact_shortfall lief nicht durch"
    assert cause in mail.text
    assert ("KeyError" in mail.text) == (state == "FAILED")
    assert "Muster AG" not in mail.text
