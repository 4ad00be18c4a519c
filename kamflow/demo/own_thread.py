"""Runs a server on an event loop of its own, for callers that have none or block theirs."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import Protocol


class Server(Protocol):
    """What starts on a free port of loopback and stops with all its connections."""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen."""
        ...

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        ...


@contextmanager
def in_own_thread(server: Server, port: int = 0) -> Iterator[None]:
    """Serve until the block is left. A server that cannot start raises here."""
    started: Future[Callable[[], object]] = Future()
    thread = Thread(target=lambda: asyncio.run(_serve(server, port, started)), daemon=True)
    thread.start()
    stop = started.result()
    try:
        yield
    finally:
        stop()
        thread.join()


async def _serve(server: Server, port: int, started: Future[Callable[[], object]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        await server.start(port=port)
    except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits for it
        started.set_exception(error)
        return
    started.set_result(lambda: loop.call_soon_threadsafe(stop.set))
    await stop.wait()
    await server.stop()
