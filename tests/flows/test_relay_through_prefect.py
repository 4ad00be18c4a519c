"""Events, a real Prefect server that is stopped and started, a real runner: each handled, no run doubled."""

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

import httpx
import pytest

from flows import runtime, server
from flows.prefect_server import PrefectServer
from flows.relay import relay_events
from kamflow.settings import Settings
from kamflow.store import engine as db
from tests.flows import prefect_api
from tests.flows.prefect_api import Prefect
from tests.flows.relaying import Relayed
from tests.flows.test_serve import serving
from tests.ports import free_port
from tests.world import World

pytestmark = pytest.mark.slow


class Real(Relayed):
    """The relay of a home, with the real Prefect and the real time."""

    async def beats(self, seconds: float) -> None:
        """Beat for so long, or until every event is handled."""
        end, home = monotonic() + seconds, replace(self.world.home(), now=runtime.clock)
        prefect = PrefectServer(partial(server.address, Settings(home=Path("/nowhere"))))
        while monotonic() < end and (self.batches("waiting", "asked") or self.waiting()):
            await relay_events(home, prefect)
            await asyncio.sleep(0.3)
        await prefect.close()


def asked(prefect: Prefect) -> list[str]:
    """The keys of the runs that somebody asked for."""
    keys = [run["idempotency_key"] for run in prefect.call("/flow_runs/filter")]
    return sorted(key for key in keys if key and key.startswith("batch:"))


def test_a_server_that_was_away_is_asked_for_everything_once_and_the_runner_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, engine = free_port(), db.connect(f"sqlite:///{folder / 'kamflow.db'}")
    relayed = Real(World(engine))
    (kept := tmp_path / "server").mkdir()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
    with ExitStack() as first, ExitStack() as stack:
        prefect = first.enter_context(prefect_api.running(kept, port))
        runner = stack.enter_context(serving(folder, prefect))
        relayed.happened("interaction.held", 1)
        asyncio.run(relayed.beats(180))
        assert len(relayed.handled()) == 1
        first.close()
        for _ in range(4):
            relayed.happened("interaction.held", 1, 2, 3)
            relayed.happened("measure.done", 2)
            asyncio.run(relayed.beats(2))
        with pytest.raises(httpx.ConnectError):
            prefect.call("/flow_runs/filter")
        assert [each.state for each in relayed.batches()] == ["done", *["waiting"] * 4]
        stack.enter_context(prefect_api.running(kept, port))
        asyncio.run(relayed.beats(240))
        keys = asked(prefect)
        assert runner.process.poll() is None, runner.log.read_text()

    assert len(relayed.handled()) == 1 + 4 * 4
    assert len(keys) == len(set(keys)) == len(relayed.batches()) == 5
    engine.dispose()
