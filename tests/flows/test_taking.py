"""The runner takes a run, says so, and knows it also where the answer was lost."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import alive, taken, taking
from flows.prefect_server import PrefectServer
from flows.taking import Taking
from tests.flows.prefect_api import Prefect

GONE = "Taken by the runner elsewhere:4711:815."


@dataclass
class Losing:
    """Prefect's client, whose questions reach the server and whose first answers do not come back."""

    client: PrefectClient
    lost: int = 1
    read: int = 0

    async def set_flow_run_state(self, *args: Any, **more: Any) -> Any:
        answer = await self.client.set_flow_run_state(*args, **more)
        self._lose()
        return answer

    async def read_flow_run(self, number: UUID) -> FlowRun:
        self.read += 1
        found = await self.client.read_flow_run(number)
        self._lose()
        return found

    def _lose(self) -> None:
        if self.lost:
            self.lost -= 1
            raise httpx.ReadError("the server is gone")


@dataclass
class Deaf:
    """A client whose question never reached the server, where the run stands as it stands."""

    found: State | None
    looks: list[UUID] = field(default_factory=list)

    async def set_flow_run_state(self, *_: Any, **__: Any) -> Any:
        raise httpx.ConnectError("nobody there")

    async def read_flow_run(self, number: UUID) -> FlowRun:
        self.looks.append(number)
        if self.found is None:
            response = httpx.Response(404, request=httpx.Request("GET", "http://127.0.0.1"))
            raise ObjectNotFound(httpx.HTTPStatusError("gone", request=response.request, response=response))
        return FlowRun(id=number, flow_id=number, state=self.found)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "LOOK_SECONDS", 0.0)


def asked(client: Any, number: UUID, *, going: bool = True) -> bool:
    """Whether the runner has the run now."""
    return asyncio.run(Taking(client, lambda: going).propose_pending(FlowRun(id=number, flow_id=number)))


def new_run(server: Prefect) -> UUID:
    flow = server.call("/flows/", name="measure-followup")["id"]
    return UUID(server.call("/flow_runs/", flow_id=flow, state={"type": "SCHEDULED"})["id"])


@pytest.mark.parametrize(
    "found",
    [
        State(type="SCHEDULED"),
        State(type="PENDING", message=GONE),
        State(type="RUNNING", message=taken.WORDS.format(runner=alive.me())),
        None,
    ],
    ids=["still due", "another's", "no longer to be begun", "unknown"],
)
def test_a_run_whose_question_was_lost_is_not_ours_unless_the_server_says_so(found: State | None) -> None:
    client = Deaf(found)

    assert not asked(client, UUID(int=1))
    assert client.looks == [UUID(int=1)]


def test_a_run_is_ours_where_the_server_says_so_though_its_answer_was_lost() -> None:
    assert asked(Deaf(State(type="PENDING", message=taken.WORDS.format(runner=alive.me()))), UUID(int=1))


def test_a_runner_that_takes_no_more_runs_does_not_wait_for_a_server_that_is_away() -> None:
    client = Deaf(State(type="PENDING", message=taken.WORDS.format(runner=alive.me())))

    assert not asked(client, UUID(int=1), going=False)
    assert client.looks == []


@pytest.mark.parametrize("words", [None, "", "Taken by the runner somebody.", "Taken by hand", f"So: {GONE}"])
def test_words_that_name_no_runner_name_none(words: str | None) -> None:
    assert taken.by(words) is None


def test_the_words_name_the_runner_as_it_is_known_to_live() -> None:
    assert taken.by(GONE) == "elsewhere:4711:815"
    assert taken.by(taken.WORDS.format(runner=alive.me())) == alive.me()


@pytest.mark.slow
@pytest.mark.parametrize("lost", [0, 1, 2], ids=["answered", "answer lost", "and again"])
def test_prefect_says_who_took_a_run_also_where_its_answer_was_lost(
    prefect_server: Prefect, lost: int
) -> None:
    number = new_run(prefect_server)

    async def story() -> tuple[bool, bool, str | None]:
        prefect = PrefectServer(lambda: prefect_server.url)
        with temporary_settings({PREFECT_API_URL: prefect_server.url}):
            async with get_client() as client:
                losing: Any = Losing(client, lost)
                ours = await Taking(losing, lambda: True).propose_pending(FlowRun(id=number, flow_id=number))
                again = await Taking(client, lambda: True).propose_pending(FlowRun(id=number, flow_id=number))
        at_work = {each.run: each.runner for each in await prefect.at_work()}
        await prefect.close()
        return ours, again, at_work[str(number)]

    assert asyncio.run(story()) == (True, False, alive.me())
