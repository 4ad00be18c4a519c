"""The dead man's switch is called only while all works, and nobody learns its address."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from flows.heartbeat import Heartbeat, NotCalled
from flows.runtime import Home
from kamflow.models.message import MessageState, StoredMessage
from kamflow.policy import Policy
from kamflow.settings import Delivery, Settings
from kamflow.store import clock_jobs, incidents
from kamflow.store import engine as db
from kamflow.store.clock_jobs import Beat
from kamflow.store.messages import history
from kamflow.store.new_messages import NewMessage, add
from tests.conftest import FixedClock

SECRET = "ping-3f2a"


class Service(HTTPServer):
    """Counts its calls and answers with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{SECRET}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        service: Any = self.server
        service.calls.append(self.path)
        self.send_response(service.status)
        self.end_headers()

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - as the library names it
        return


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        thread = Thread(target=service.serve_forever, args=(0.01,))  # how soon it ends
        thread.start()
        yield service
        service.shutdown()
        thread.join()


@pytest.fixture
def home(sqlite_engine: Engine, tmp_path: Path, clock: FixedClock, service: Service) -> Home:
    settings = Settings(home=tmp_path, heartbeat_url=SecretStr(service.url), delivery=Delivery(mode="live"))
    return Home(settings, Policy(), sqlite_engine, clock)


def beat(home: Home, *, up: bool = True) -> bool:
    async def healthy() -> bool:
        return up

    async def run() -> bool:
        heart = Heartbeat(home, SimpleNamespace(healthy=healthy))
        try:
            return await heart.beat()
        finally:
            await heart.close()

    return asyncio.run(run())


def test_it_is_called_while_all_works(home: Home, service: Service) -> None:
    assert (beat(home), service.calls) == (True, [f"/{SECRET}"])
    silent = replace(home, settings=home.settings.model_copy(update={"heartbeat_url": None}))
    assert not beat(silent)


@pytest.mark.parametrize(
    ("key", "kind", "called"),
    [
        ("channel:email", "channel", False),
        ("due:intake", "late", False),
        ("clock:compose", "clock", False),
        ("clock:heartbeat", "clock", True),
        ("run:intake", "run", True),
        ("data:crm", "data", True),
        ("channel:mailbox", "channel", True),
    ],
)
def test_what_breaks_the_chain_withholds_it(
    home: Home, service: Service, key: str, kind: str, called: bool
) -> None:
    with db.write(home.engine) as session:
        incidents.report(session, key, kind, {}, home.now())
    assert beat(home) == bool(service.calls) == called


def test_without_prefect_or_after_a_delivery_in_vain_it_is_withheld(home: Home, service: Service) -> None:
    assert not beat(home, up=False)
    with db.write(home.engine) as session:
        number = add(session, NewMessage("m", "notice", "email", "welcome", {}), home.now())
        assert number
        row = session.get_one(StoredMessage, number)
        row.state, row.due_at = MessageState.RETRYING, home.now() + timedelta(hours=1)
        history(session, [(number, home.now(), MessageState.RETRYING, "connect-failed")])
    assert not beat(home)
    assert service.calls == []


def test_a_job_that_fails_withholds_it_also_the_one_that_would_say_so(home: Home) -> None:
    with db.write(home.engine) as session:
        clock_jobs.write(session, "me", [Beat("watch", failed=3), Beat("heartbeat", failed=9)], home.now())
    assert not beat(home)
    with db.write(home.engine) as session:
        clock_jobs.write(session, "me", [Beat("watch", failed=2), Beat("heartbeat", failed=9)], home.now())
    assert beat(home)


def test_where_operations_can_be_told_nothing_it_is_withheld(home: Home) -> None:
    home = replace(home, settings=home.settings.model_copy(update={"operations_email": "it@example.com"}))
    with db.write(home.engine) as session:
        number = add(session, NewMessage("i", "alert", "email", "incidents", {}), home.now())
        row = session.get_one(StoredMessage, number)
        row.state, row.cause = MessageState.FAILED, "recipient-refused"
    assert not beat(home)


@pytest.mark.parametrize("gone", [True, False])
def test_a_service_that_does_not_answer_is_a_failure_without_its_address(
    home: Home, service: Service, capsys: pytest.CaptureFixture[str], gone: bool
) -> None:
    service.status = 301
    if gone:
        url = SecretStr(f"http://127.0.0.1:1/{SECRET}")
        home = replace(home, settings=home.settings.model_copy(update={"heartbeat_url": url}))
    with pytest.raises(NotCalled) as told:
        beat(home)
    assert str(told.value) == ("ConnectError" if gone else "http-301")
    assert SECRET not in str(told.value) + "".join(capsys.readouterr())
