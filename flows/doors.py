"""The doors: `python -m flows.doors`, with KAMFLOW_HOME (default: the current folder).

Two listeners, one for customers and one for our own people, Slack's socket where there is an app token, and
the mailbox where there is one.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any

import structlog
import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from flows import standing
from flows.addresses import bound
from flows.runtime import Home
from kamflow.knobs import Web
from kamflow.web import internal, public
from kamflow.web.site import Site

THREADS = 8  # of pages at once: more of them only wait for each other, 400 visitors took a quarter longer
STOP_SECONDS = 10  # for answers in work
# Connections of one listener: more are answered 503 at once, instead of all of them late. Those who only hold
# one open are let go; a proxy or a browser asks for the next page within less.
MOST_AT_ONCE, KEPT_OPEN = 1_000, 15
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a connection that failed is tried again
LOOPBACK = ("127.", "localhost")

log = structlog.get_logger()


class Listener(uvicorn.Server):
    """A server that leaves signals to its process, which has several."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Ended(Exception):
    """A listener ended by itself."""


def _nothing() -> None:
    return


async def run(home: Home, stop: asyncio.Event, ready: Callable[[], None] = _nothing) -> None:
    """Stand open until `stop` is set; `ready` is called once everybody is answered.

    Raises:
        ConfigError: an address cannot be listened on.
        Ended: a listener ended by itself.
    """
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    web, seen = home.settings.web, site(home)
    if unencrypted(web):
        log.warning("doors.unencrypted", listener="internal", address=web.internal_listen)
    apps = {
        "web.public_listen": (web.public_listen, public.app(seen)),
        "web.internal_listen": (web.internal_listen, internal.app(seen)),
    }
    beside = [asyncio.create_task(_again_and_again(name, way)) for name, way in _ways(seen)]
    try:
        await listen(apps, web.trusted_proxies, stop, ready)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def site(home: Home) -> Site:
    """The home as the pages see it."""
    return Site(home.settings, home.policy, home.engine, home.now)


async def listen(
    apps: Mapping[str, tuple[str, ASGIApp]],
    proxies: tuple[str, ...],
    stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    """Serve each app at its address until `stop` is set; the keys are the settings that name the addresses.

    Raises:
        ConfigError: an address cannot be listened on.
        Ended: a listener ended by itself.
    """
    with contextlib.ExitStack() as stack:
        standing = [
            (listener(app, proxies), stack.enter_context(bound(address, setting)))
            for setting, (address, app) in apps.items()
        ]
        serving = [asyncio.create_task(each.serve(sockets=[at])) for each, at in standing]
        log.info("doors.open", **{setting: address for setting, (address, _) in apps.items()})
        ready()
        await _until(stop, serving)
        for each, _ in standing:
            each.should_exit = True
        await asyncio.gather(*serving)
        if not stop.is_set():
            raise Ended("a listener ended by itself")


def unencrypted(web: Web) -> bool:
    """Tell whether our own people's pages would travel beyond this machine without TLS."""
    beyond = not web.internal_listen.startswith(LOOPBACK)
    return beyond and not (web.internal_url or "").startswith("https://")


def listener(app: ASGIApp, proxies: tuple[str, ...]) -> Listener:
    """A server for one of the apps, as it is safe to be seen by everybody."""
    _faults_by_their_kind()
    return Listener(
        uvicorn.Config(
            app,
            access_log=False,  # paths hold tokens
            log_config=None,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=STOP_SECONDS,
            timeout_keep_alive=KEPT_OPEN,
            limit_concurrency=MOST_AT_ONCE,
            lifespan="off",
            ws="none",
        )
    )


class _Faults(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        log.error("doors.fault", exc_info=error) if error else log.warning(
            "doors.said", words=str(record.msg)
        )


def _faults_by_their_kind() -> None:
    """A page's traceback would show what was read or written: its kind and place are left."""
    logger = logging.getLogger("uvicorn.error")
    logger.handlers, logger.propagate = [_Faults(logging.WARNING)], False


async def _until(stop: asyncio.Event, serving: list[asyncio.Task[None]]) -> None:
    """Wait for the end, or for a listener that ended by itself."""
    told = asyncio.create_task(stop.wait())
    await asyncio.wait([told, *serving], return_when=asyncio.FIRST_COMPLETED)
    told.cancel()


def _ways(site: Site) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The other ways in that are set up; their modules are loaded only then."""
    settings = site.settings
    if settings.slack.token and settings.slack.app_token:
        yield "slack", lambda: import_module("kamflow.web.slack.socket").connect(site)
    if settings.mailbox.host:
        yield "mailbox", lambda: import_module("kamflow.web.mailbox.watch").watch(site)


async def _again_and_again(name: str, way: Callable[[], Any]) -> None:
    """Keep a connection, and take it up again when it fails."""
    pause = FIRST_PAUSE
    while True:
        begun = asyncio.get_running_loop().time()
        try:
            await _kept(way())
            log.warning("doors.ended", way=name)
        except Exception:
            log.exception("doors.lost", way=name)
        lasted = asyncio.get_running_loop().time() - begun
        pause = FIRST_PAUSE if lasted > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _kept(way: AbstractAsyncContextManager[Any] | Awaitable[Any]) -> None:
    """Stay with a connection until it ends, or as long as nobody ends it."""
    if isinstance(way, AbstractAsyncContextManager):
        async with way:
            await asyncio.Event().wait()
    else:
        await way


def main() -> int:
    """Stand open until SIGTERM."""
    return standing.main(run)


if __name__ == "__main__":
    sys.exit(main())
