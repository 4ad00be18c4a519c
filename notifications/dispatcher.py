"""One run of the outbox as a pipeline: the next messages are claimed, checked and rendered in a thread while
the present ones are being sent; so a mail that hangs holds up nothing but its own connection.

What a crash leaves behind stays claimed until somebody knows of it, or its lease ends, and is then sent
again, with the same Message-ID: at most one mail for each connection, because its place is free once the
result is written.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine

from kamflow.settings import Settings
from notifications.attempt import Attempt
from notifications.claiming import Claims
from notifications.lease import Lease
from notifications.line import Line
from notifications.outbox import Claimed
from notifications.prepare import Prepared
from notifications.recorder import AWAY, Delivered, Desk, Recorder
from notifications.worker import named


class Dispatcher:
    """Database work in threads, sending on the event loop."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        settings: Settings,
        prepare: Callable[[list[Claimed]], list[Prepared]],
        attempt: Attempt,
        wait: Callable[[float], Awaitable[object]],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        worker = named()
        length = timedelta(seconds=settings.delivery.lease_seconds)
        desk = Desk(engine)
        self._settings = settings
        self._prepare = prepare
        self._attempt = attempt
        self._recorder = Recorder(desk, worker, now, wait)
        self._lease = Lease(desk, worker, now, length, wait)
        self._claims = Claims(desk, worker, now, settings, self._lease, wait, stopped)

    async def run(self, channels: tuple[str, ...]) -> Delivered:
        """Send what is due by these channels until nothing is."""
        self._recorder.went_on = True
        while self._recorder.went_on:
            self._recorder.went_on = False
            await self._once([self._line(each) for each in channels])
        return self._recorder.total

    async def _once(self, lines: list[Line]) -> None:
        async with self._lease.kept():
            try:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(line.run()) for line in lines]
            except (asyncio.CancelledError, Exception):
                with suppress(*AWAY):  # then their lease ends
                    await self._recorder.finish()
                    await self._claims.give_back(each for line in lines for each in line.not_begun())
                raise
        for task in tasks:
            if (error := task.result()) is not None:
                raise error

    def _line(self, channel: str) -> Line:
        return Line(
            channel, self._settings, self._claims, self._prepare, self._attempt, self._recorder, self._lease
        )
