"""An app on loopback, for a real browser; it stops with the test."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The address at which the app listens."""
    server = _Bound(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        assert server.bound.wait(60)
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.should_exit = True
        thread.join(30)


class _Bound(uvicorn.Server):
    """A server that says when it is bound; signals stay with the test."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.bound = threading.Event()
        self.port = 0

    def install_signal_handlers(self) -> None:
        """Leave them alone."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.port = self.servers[0].sockets[0].getsockname()[1]
        self.bound.set()
