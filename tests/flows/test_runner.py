"""The runner while Prefect's server is away."""

import asyncio

import httpx
import pytest
from structlog.testing import capture_logs

from flows.runner import DrainingRunner


def test_the_look_for_cancelled_runs_outlives_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    runner, in_work = DrainingRunner("kamflow"), [0]
    monkeypatch.setattr(runner, "_in_work", lambda: in_work[0])

    async def look() -> None:
        looks.append(1)
        raise httpx.ConnectError("away")

    async def story() -> None:
        await runner._look_for_cancelled(look)
        in_work[0] = 1
        await runner._look_for_cancelled(look)

    with capture_logs() as logs:
        asyncio.run(story())

    assert len(looks) == 1  # with nothing in work there is nothing to cancel
    assert [each["event"] for each in logs] == ["runner.cancelled_unknown"]
