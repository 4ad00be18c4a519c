"""What `kamflow up` consists of: which child with which environment, which task with which work."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from flows import server
from flows.addresses import LOOPBACK
from flows.children import Child
from flows.parts import Part, Task
from kamflow.settings import Settings

if TYPE_CHECKING:
    from flows.runtime import Home

DRAIN_SECONDS = 7  # of the runner's stop: runs may finish, then they are cancelled


def prefect_server(settings: Settings) -> Child | None:
    """Prefect's server with its UI, unless there is one elsewhere."""
    if settings.prefect.api_url is not None:
        return None
    environment = _environment(settings)

    async def well() -> bool:
        return await asyncio.to_thread(server.healthy, environment[server.URL])

    return Child("server", _module("flows.prefect_host"), environment, well)


def runner(settings: Settings) -> Child | None:
    """What runs the flows, unless workers of a pool do."""
    if settings.prefect.work_pool is not None:
        return None
    return Child("runner", _module("flows.serve", "--drain", str(DRAIN_SECONDS)), _environment(settings))


def api_url(settings: Settings) -> str:
    """Where Prefect's API is."""
    return settings.prefect.api_url or f"http://{LOOPBACK}:{settings.prefect.port}/api"


def write_address(settings: Settings) -> None:
    """Tell commands and the clock where our own server is."""
    if settings.prefect.api_url is not None:
        return
    path = settings.home / "prefect" / "api_url"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(api_url(settings) + "\n", encoding="ascii")


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        **server.environment(settings),
        server.URL: api_url(settings),
        "KAMFLOW_HOME": str(settings.home.absolute()),
        "PYTHONSAFEPATH": "1",  # a file in the folder we were started in must not pass for a module
        "KAMFLOW_LOG": "json",  # we read it, and hand it on in the form that is asked for
        "PREFECT_LOGGING_SETTINGS_PATH": str(Path(__file__).with_name("prefect_log.yml")),
    }


def tasks(home: "Home", holder: str, within: float, parts: dict[str, Part]) -> dict[str, Task]:
    """What stands within this process. Its modules are loaded beside the loop, which reads the children."""
    settings = home.settings

    async def clock(stop: asyncio.Event, ready: Callable[[], None]) -> None:
        module = await asyncio.to_thread(import_module, "flows.clock")
        db = import_module("kamflow.store.engine")
        # Connections of its own: visitors must not wait for jobs that wait for a locked database.
        own = replace(home, engine=await asyncio.to_thread(db.connect, settings.url))
        ready()
        try:
            await module.run(own, stop, holder, within)
        finally:
            own.engine.dispose()

    async def page(stop: asyncio.Event, ready: Callable[[], None]) -> None:
        module = await asyncio.to_thread(import_module, "flows.doors")
        await module.run(home, stop, ready)

    async def monitor(stop: asyncio.Event, ready: Callable[[], None]) -> None:
        doors = await asyncio.to_thread(import_module, "flows.doors")
        watched = await asyncio.to_thread(import_module, "kamflow.web.monitor")
        vitals = lambda: [watched.Vital(p.name, p.state, p.restarts, p.pid) for p in parts.values()]  # noqa: E731
        app = watched.app(doors.site(home), vitals)
        await doors.listen({"operations.listen": (settings.operations.listen, app)}, (), stop, ready)

    return {"clock": Task("clock", clock), "page": Task("page", page), "monitor": Task("monitor", monitor)}
