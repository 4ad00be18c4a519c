"""The runner while Prefect's server is away."""

import asyncio
from pathlib import Path

import httpx
import pytest
from prefect.runner import Runner
from prefect.settings import PREFECT_HOME, temporary_settings
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


def test_what_it_writes_lies_in_the_home_and_not_in_a_folder_of_all_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[Path] = []

    async def enter(self: Runner) -> Runner:
        made.append(self._tmp_dir)
        raise InterruptedError

    monkeypatch.setattr(Runner, "__aenter__", enter)
    with temporary_settings({PREFECT_HOME: tmp_path}), pytest.raises(InterruptedError):
        asyncio.run(DrainingRunner("kamflow").__aenter__())
    assert [path.parent for path in made] == [tmp_path / "runner"]
