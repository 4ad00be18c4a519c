"""The runner takes a run and says so; killed before the run is in our ledger, it is known whose it was."""

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.runner._flow_run_executor import FlowRunExecutor
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Running
from prefect.utilities.engine import propose_state
from sqlalchemy import Engine

from flows import alive, taken, watchdog
from flows.prefect_server import PrefectServer
from flows.taking import Taking
from flows.watchdog import Watchdog
from tests.flows.prefect_api import Prefect
from tests.world import World

OTHER = "elsewhere:4711:815"


def said(at: int, kind: str, message: str | None = None) -> dict[str, Any]:
    return {"timestamp": f"2026-09-07T04:00:{at:02}Z", "type": kind, "message": message}


def taking(at: int, runner: str) -> dict[str, Any]:
    return said(at, "PENDING", taken.WORDS.format(runner=runner))


def be_killed(number: str, when: str) -> None:
    """A runner that is killed once it has taken a run: as a process of its own."""

    class Starter:
        async def start(self, flow_run: FlowRun, task_status: object = None) -> None:
            if when == "running":
                await propose_state(client, Running(), flow_run_id=flow_run.id)
            os.kill(os.getpid(), signal.SIGKILL)

    async def story() -> None:
        nonlocal client
        async with get_client() as client:
            run, proposer = FlowRun(id=UUID(number), flow_id=UUID(number)), Taking(client=client)
            assert await proposer.propose_pending(run)
            if when == "pending":
                os.kill(os.getpid(), signal.SIGKILL)
            parts: Any = {"process_manager": None, "hook_runner": None, "get_attempt_conclusion": None}
            starter: Any = Starter()
            await FlowRunExecutor(flow_run=run, starter=starter, state_proposer=proposer, **parts).submit()

    client: Any = None
    asyncio.run(story())


def new_run(server: Prefect) -> str:
    flow = server.call("/flows/", name="measure-followup")["id"]
    return server.call("/flow_runs/", flow_id=flow, state={"type": "SCHEDULED"})["id"]


@pytest.mark.parametrize(
    "words", [None, "", "Taken by the runner somebody.", "Taken by hand", "So: " + OTHER]
)
def test_words_that_name_no_runner_name_none(words: str | None) -> None:
    assert taken.by(words) is None


def test_the_words_name_the_runner_as_it_is_known_to_live() -> None:
    assert taken.by(taken.WORDS.format(runner=alive.me())) == alive.me()


@pytest.mark.parametrize(
    ("states", "runner"),
    [
        ([], None),
        ([said(1, "SCHEDULED")], None),
        ([said(3, "PENDING"), taking(2, OTHER), said(1, "SCHEDULED")], OTHER),
        ([said(1, "SCHEDULED"), taking(2, OTHER), said(3, "RUNNING"), said(4, "SCHEDULED")], None),
        ([taking(2, OTHER), said(3, "SCHEDULED"), taking(4, "here:1:2"), said(5, "RUNNING")], "here:1:2"),
    ],
    ids=["nothing", "due", "taken", "due again", "taken again"],
)
def test_who_took_a_run_is_who_took_it_last(states: list[dict[str, Any]], runner: str | None) -> None:
    assert taken.last_by(states) == runner


@pytest.mark.slow
@pytest.mark.parametrize("when", ["pending", "submitting", "running"])
def test_a_run_whose_runner_was_killed_before_our_ledger_knew_of_it_is_ended(
    prefect_server: Prefect, sqlite_engine: Engine, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = new_run(prefect_server)
    runner = f"from tests.flows.test_taking import be_killed; be_killed({number!r}, {when!r})"
    known = os.environ | {"PREFECT_API_URL": prefect_server.url}
    killed = subprocess.run([sys.executable, "-c", runner], env=known, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    before = prefect_server.run(number)["state"]
    monkeypatch.setattr(watchdog, "TWICE", 0.0)

    async def story() -> None:
        prefect = PrefectServer(lambda: prefect_server.url)
        await Watchdog(World(sqlite_engine).home(), prefect).beat()
        await prefect.close()

    asyncio.run(story())
    assert before["name"].lower() == when
    assert prefect_server.state(number) == "CRASHED"


@pytest.mark.slow
def test_a_run_is_taken_once_also_where_the_answer_was_lost(
    prefect_server: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect's own client asks again, and its server knows the question: nothing is to be done here."""
    number, lost = UUID(new_run(prefect_server)), []
    send = httpx.AsyncHTTPTransport.handle_async_request

    async def losing(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = await send(self, request)
        if "set_state" in request.url.path and not lost:
            lost.append(request)
            await answer.aread()
            raise httpx.ReadError("the answer is lost")
        return answer

    async def taken_by(client: PrefectClient) -> bool:
        return await Taking(client=client).propose_pending(FlowRun(id=number, flow_id=number))

    async def story() -> tuple[bool, bool, str | None]:
        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", losing)
        prefect = PrefectServer(lambda: prefect_server.url)
        with temporary_settings({PREFECT_API_URL: prefect_server.url}):
            async with get_client() as client:
                found = await taken_by(client), await taken_by(client), await prefect.taken_by(str(number))
        await prefect.close()
        return found

    assert asyncio.run(story()) == (True, False, alive.me())
    assert len(lost) == 1
