"""What the relay makes of Prefect's answers."""

import asyncio
import json
from collections.abc import Callable
from datetime import date

import httpx
import pytest

from flows.prefect_server import PrefectServer, Unanswered
from kamflow.store.relay_batches import Ask, Seen

ASK = Ask(7, "measure_followup", date(2026, 9, 7), ("acc-1", "acc-2"), "batch:7")


def asked(
    answer: Callable[[httpx.Request], httpx.Response], address: str | None = "http://127.0.0.1:1/api"
) -> str:
    return asyncio.run(_with(answer, address, lambda server: server.ask(ASK)))


async def _with(answer: Callable[[httpx.Request], httpx.Response], address: str | None, doing: Callable):
    server = PrefectServer(lambda: address, httpx.MockTransport(answer))
    try:
        return await doing(server)
    finally:
        await server.close()


def test_a_run_is_asked_for_by_its_deployment_with_day_keys_and_one_key_of_its_own() -> None:
    seen: list[tuple[str, dict]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path, json.loads(request.content or b"{}")))
        return httpx.Response(200, json={"id": "d1" if request.method == "GET" else "r1"})

    assert asked(answer) == "r1"

    assert [path for path, _ in seen] == [
        "/api/deployments/name/measure-followup/kamflow",
        "/api/deployments/d1/create_flow_run",
    ]
    assert seen[1][1] == {
        "name": "events-7",
        "parameters": {"as_of": "2026-09-07", "accounts": ["acc-1", "acc-2"]},
        "idempotency_key": "batch:7",
        "tags": [],
        "state": {"type": "SCHEDULED"},
    }


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (refuse, "ConnectError"),
        (lambda _: httpx.Response(503), "http-503"),
        (lambda _: httpx.Response(404), "http-404"),
        (lambda _: httpx.Response(200, text="<html>"), "no-json"),
    ],
)
def test_whatever_is_no_answer_is_asked_again_later(answer: Callable, cause: str) -> None:
    with pytest.raises(Unanswered) as error:
        asked(answer)

    assert error.value.cause == cause


def test_without_an_address_there_is_nobody_to_ask() -> None:
    with pytest.raises(Unanswered, match="no-server"):
        asked(refuse, None)


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (lambda _: httpx.Response(200, json={"state_type": "SCHEDULED"}), Seen.SCHEDULED),
        (lambda _: httpx.Response(200, json={"state_type": "RUNNING"}), Seen.GOING),
        (lambda _: httpx.Response(200, json={"state_type": "CRASHED"}), Seen.ENDED),
        (lambda _: httpx.Response(404), Seen.UNKNOWN),
        (lambda _: httpx.Response(500), Seen.UNANSWERED),
        (refuse, Seen.UNANSWERED),
    ],
)
def test_how_a_run_is_getting_on(answer: Callable, seen: Seen) -> None:
    assert asyncio.run(_with(answer, "http://127.0.0.1:1/api", lambda server: server.seen("r1"))) == seen


@pytest.mark.parametrize(
    ("name", "proof"),
    [("PREFECT_API_AUTH_STRING", "Basic YWRtaW46cGFzcw=="), ("PREFECT_API_KEY", "Bearer admin:pass")],
)
def test_a_server_that_asks_for_a_proof_gets_it(
    monkeypatch: pytest.MonkeyPatch, name: str, proof: str
) -> None:
    monkeypatch.setenv(name, "admin:pass")

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers.get("authorization") == proof else 401, json={"id": "x"})

    assert asked(answer) == "x"
