"""A part that ends by itself is started again; one that is told to stop ends within its time."""

# ruff: noqa: ASYNC110 - what is waited for is a process
import asyncio
import sys
from collections.abc import Callable
from threading import Event

import pytest
from structlog.testing import capture_logs

from flows import children, parts
from flows.children import Child
from flows.parts import Task
from flows.pools import PoolPerJob, of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FIRST_PAUSE", 0.0)


def child(code: str, look: children.Look | None = None) -> Child:
    return Child("runner", [sys.executable, "-S", "-c", code], {}, look)


def test_a_task_that_ends_or_fails_is_started_again_and_says_why() -> None:
    async def run(stop: asyncio.Event, ready: Callable[[], None]) -> None:
        ready()
        if task.restarts == 0:
            raise OSError("Frau Kruse")
        if task.restarts == 2:
            await stop.wait()

    task = Task("page", run)

    async def story() -> None:
        keeping = asyncio.create_task(task.keep())
        while task.restarts < 2 or task.state != "running":
            await asyncio.sleep(0)
        await task.end(1)
        await keeping

    with capture_logs() as logs:
        asyncio.run(story())

    assert [each["cause"] for each in logs if each["event"] == "up.ended"] == ["OSError", "ended"]
    assert task.state == "stopped"


def test_a_child_is_ready_when_it_says_so_comes_back_when_it_is_killed_and_ends_when_told() -> None:
    part = child('import time; print(\'{"event": "runner.ready"}\', flush=True); time.sleep(60)')

    async def story() -> list[int | None]:
        keeping = asyncio.create_task(part.keep())
        await part.stands.wait()
        first = part.pid
        part.hurry()
        while part.restarts == 0 or part.state != "running":
            await asyncio.sleep(0.01)
        second = part.pid
        await part.end(5)
        await keeping
        return [first, second, part.pid]

    first, second, last = asyncio.run(story())
    assert first != second
    assert last is None


def test_a_child_that_does_not_stop_is_cut_off() -> None:
    part = child(
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
    )

    async def story() -> None:
        keeping = asyncio.create_task(part.keep())
        with capture_logs() as said:
            while not any(each["event"] == "said" for each in said):
                await asyncio.sleep(0.01)
            await part.end(0.1)
        await keeping
        assert said[-1] == {"event": "up.cut_off", "log_level": "warning", "part": "runner", "after": 0.1}

    asyncio.run(story())
    assert part.state == "stopped"


def test_a_child_without_health_for_too_long_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "BEGIN_SECONDS", 0.05)
    monkeypatch.setattr(children, "LOOK_AT_START", 0.01)

    async def unwell() -> bool:
        return False

    part = child("import time; time.sleep(60)", look=unwell)

    async def story() -> None:
        keeping = asyncio.create_task(part.keep())
        while part.restarts < 2:
            await asyncio.sleep(0.01)
        await part.end(5)
        await keeping

    with capture_logs() as logs:
        asyncio.run(story())
    assert [each["cause"] for each in logs if each["event"] == "up.ended"][:2] == ["SIGKILL", "SIGKILL"]


def test_a_job_that_waits_takes_no_threads_from_the_others() -> None:
    locked = Event()

    async def waiting() -> None:
        with of("stuck"):
            await asyncio.gather(*(asyncio.to_thread(locked.wait) for _ in range(20)))

    async def story() -> str:
        asyncio.get_running_loop().set_default_executor(PoolPerJob())
        stuck = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        with of("free"):
            found = await asyncio.to_thread(lambda: "done meanwhile")
        locked.set()
        await stuck
        return found

    assert asyncio.run(story()) == "done meanwhile"
