"""What the clock asks of Prefect's API: start a run, say how one is getting on, say that one is dead.

Spoken over HTTP: Prefect's own client takes two seconds and 100 MB to import, and tries again by itself
where the relay, which remembers what it asked for, is to decide.
"""

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Self

import httpx

from flows import server, taken
from kamflow.schedules import SCHEDULES
from kamflow.settings import Settings
from kamflow.store.relay_batches import Ask, Seen

TIMEOUT = 10.0  # seconds
WAITING = {"SCHEDULED", "PAUSED"}
# SQLite had another writer; a connection was closed that was kept open.
BUSY, BUSY_PAUSES = {"http-503", "ReadError", "RemoteProtocolError"}, (0.1, 0.3, 0.9)
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
AT_WORK = ("PENDING", "RUNNING", "CANCELLING")
MOST = 200  # runs in one answer: Prefect's own limit
DEPLOYMENT = "kamflow"
FLOWS = tuple(dict.fromkeys(schedule.flow for schedule in SCHEDULES))


@dataclass(frozen=True, slots=True)
class Start:
    """A run to be started. `accounts` are keys, None for all; the same key is the same run."""

    flow: str
    as_of: date
    key: str
    name: str
    accounts: Sequence[str] | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A run that Prefect knows; `ended`: it was started before, and is over."""

    run: str
    ended: bool


@dataclass(frozen=True, slots=True)
class AtWork:
    """A run in one of the states `AT_WORK`."""

    run: str
    state: str


class Unanswered(Exception):
    """Prefect gave no answer that says what became of the request; `cause` in a word."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class PrefectServer:
    """The server at `address()`, asked anew each time: a supervisor may have moved it to another port."""

    def __init__(
        self,
        address: Callable[[], str | None],
        transport: httpx.AsyncBaseTransport | None = None,
        auth: Callable[[], str | None] = lambda: os.environ.get(server.AUTH),
    ) -> None:
        self._address = address
        self._auth = auth
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport)
        # SQLite has one writer: eight runs asked for in one breath once kept each other off for a minute.
        self._one_by_one = asyncio.Lock()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The server of a home."""
        return cls(partial(server.address, settings), auth=partial(server.auth, settings))

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, ask: Ask) -> str:
        """Start the run of a batch, or find the one started under its key; its number.

        Raises:
            Unanswered: it is not known whether it was started.
        """
        name = f"{server.ASKED_FOR if ask.fixed_day else server.EVENTS}{ask.batch}"
        started = await self.start(Start(ask.flow, ask.as_of, ask.key, name, ask.accounts, ask.trace))
        return started.run

    async def start(self, start: Start) -> Started:
        """Start a run, or find the one started under its key.

        Raises:
            Unanswered: it is not known whether it was started.
        """
        flow = start.flow.replace("_", "-")
        deployment = await self._call("GET", f"/deployments/name/{flow}/{DEPLOYMENT}")
        parameters: dict[str, Any] = {"as_of": start.as_of.isoformat()}
        if start.flow != "intake":  # whose files belong to no account
            parameters["accounts"] = None if start.accounts is None else [*start.accounts]
        body = {
            "name": start.name,
            "parameters": parameters,
            "idempotency_key": start.key,
            "tags": [start.trace] if start.trace else [],
            "state": {"type": "SCHEDULED"},
        }
        path = f"/deployments/{deployment['id']}/create_flow_run"
        found = await self._insist("POST", path, body)
        return Started(str(found["id"]), ended=found.get("state_type") in ENDED)

    async def at_work(self) -> list[AtWork]:
        """The runs of our flows that Prefect believes to be at work.

        Raises:
            Unanswered: it did not say.
        """
        asked = {
            "flows": {"name": {"any_": [each.replace("_", "-") for each in FLOWS]}},
            "flow_runs": {"state": {"type": {"any_": [*AT_WORK]}}},
            "limit": MOST,
        }
        found = await self._call("POST", "/flow_runs/filter", asked)
        return [AtWork(str(each["id"]), str(each["state_type"])) for each in found]

    async def taken_by(self, run: str) -> str | None:
        """The runner that took a run, as `alive` names processes; None where nobody said so.

        Raises:
            Unanswered: it did not say.
        """
        return taken.last_by(await self._call("GET", f"/flow_run_states/?flow_run_id={run}"))

    async def end(self, run: str, state: str, why: str) -> None:
        """Give a run its last state (COMPLETED, FAILED, CRASHED …), whatever Prefect's rules say of it.

        Raises:
            Unanswered: it is not known whether it has it.
        """
        body = {"state": {"type": state, "name": state.title(), "message": why}, "force": True}
        await self._call("POST", f"/flow_runs/{run}/set_state", body)

    async def healthy(self) -> bool:
        """Tell whether the server answers."""
        try:
            return bool(await self._call("GET", "/health"))
        except Unanswered:
            return False

    async def seen(self, run: str) -> Seen:
        """How a run is getting on."""
        try:
            found = await self._call("GET", f"/flow_runs/{run}")
        except Unanswered as error:
            return Seen.UNKNOWN if error.cause == "http-404" else Seen.UNANSWERED
        state = found.get("state_type")
        if state in ENDED:
            return Seen.ENDED
        return Seen.SCHEDULED if state in WAITING else Seen.GOING

    async def _insist(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Ask a little later again where the server was only busy: for what may safely be asked twice."""
        for pause in BUSY_PAUSES:
            try:
                return await self._call(method, path, body)
            except Unanswered as error:
                if error.cause not in BUSY:
                    raise
            await asyncio.sleep(pause)
        return await self._call(method, path, body)

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        address = self._address()
        if not address:
            raise Unanswered("no-server")
        try:
            url, proof = f"{address.rstrip('/')}{path}", _proof(self._auth())
            async with self._one_by_one if method == "POST" else nullcontext():
                answer = await self._http.request(method, url, json=body, headers=proof)
        except httpx.HTTPError as error:
            raise Unanswered(type(error).__name__) from None
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Unanswered(f"http-{answer.status_code}")
        try:
            return answer.json()
        except ValueError:
            raise Unanswered("no-json") from None


def _proof(auth: str | None) -> dict[str, str]:
    """What the server asks for, where it asks: our auth string, or PREFECT_API_KEY."""
    if auth:
        return {"authorization": f"Basic {b64encode(auth.encode()).decode()}"}
    if key := os.environ.get("PREFECT_API_KEY"):
        return {"authorization": f"Bearer {key}"}
    return {}
