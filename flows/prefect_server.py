"""What the relay asks of Prefect's API: start a run, and say how one is getting on.

Spoken over HTTP: Prefect's own client takes two seconds and 100 MB to import, and tries again by itself
where the relay, which remembers what it asked for, is to decide.
"""

import os
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from kamflow.store.relay_batches import Ask, Seen

TIMEOUT = 10.0  # seconds
WAITING = {"SCHEDULED", "PAUSED"}
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
DEPLOYMENT = "kamflow"


class Unanswered(Exception):
    """Prefect gave no answer that says what became of the request; `cause` in a word."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class PrefectServer:
    """The server at `address()`, asked anew each time: a supervisor may have moved it to another port."""

    def __init__(
        self, address: Callable[[], str | None], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._address = address
        self._http = httpx.AsyncClient(timeout=TIMEOUT, headers=_proof(), transport=transport)

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, ask: Ask) -> str:
        """Start the run of a batch, or find the one started under its key; its number.

        Raises:
            Unanswered: it is not known whether it was started.
        """
        flow = ask.flow.replace("_", "-")
        deployment = await self._call("GET", f"/deployments/name/{flow}/{DEPLOYMENT}")
        parameters = {
            "as_of": ask.as_of.isoformat(),
            "accounts": None if ask.accounts is None else [*ask.accounts],
        }
        body = {
            "name": f"events-{ask.batch}",
            "parameters": parameters,
            "idempotency_key": ask.key,
            "state": {"type": "SCHEDULED"},
        }
        path = f"/deployments/{deployment['id']}/create_flow_run"
        return str((await self._call("POST", path, body))["id"])

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

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        address = self._address()
        if not address:
            raise Unanswered("no-server")
        try:
            answer = await self._http.request(method, f"{address.rstrip('/')}{path}", json=body)
        except httpx.HTTPError as error:
            raise Unanswered(type(error).__name__) from None
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Unanswered(f"http-{answer.status_code}")
        try:
            return answer.json()
        except ValueError:
            raise Unanswered("no-json") from None


def _proof() -> dict[str, str]:
    """What the server asks for, where it asks: PREFECT_API_AUTH_STRING or PREFECT_API_KEY."""
    if given := os.environ.get("PREFECT_API_AUTH_STRING"):
        return {"authorization": f"Basic {b64encode(given.encode()).decode()}"}
    if key := os.environ.get("PREFECT_API_KEY"):
        return {"authorization": f"Bearer {key}"}
    return {}
