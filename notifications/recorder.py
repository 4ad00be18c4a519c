"""Writes down what became of messages: together what came in meanwhile, and until the database takes it.

A result that is not written is a message that goes out twice. So a database that is away, locked or full is
waited for: what was sent is written when it is back.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from kamflow.models.message import MessageState
from kamflow.store.engine import write
from notifications import outbox
from notifications.outbox import Mark

Result = TypeVar("Result")

# What a database says that is away, locked, full or about to stop; anything else is a fault of ours.
AWAY = (OperationalError, InterfaceError, InternalError, NoConnection)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
# While many are being sent at once: in this moment others end, and one commit does for all.
TOGETHER_SECONDS = 0.0005

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many messages were sent, failed for good, were cancelled by their check.

    One that failed but goes by the other channel is not counted: the other one is.
    """

    sent: int = 0
    failed: int = 0
    cancelled: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(self.sent + other.sent, self.failed + other.failed, self.cancelled + other.cancelled)


class Desk:
    """The writing transactions of one dispatcher, one after the other: they need not wait for each other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in a transaction, in a thread."""
        async with self._turn:
            return await asyncio.to_thread(self._write, work)

    async def write_at_last(
        self,
        work: Callable[[Session], Result],
        wait: Callable[[float], Awaitable[object]],
        event: str,
        messages: int,
    ) -> Result:
        """The same, until the database takes it; `event` is what the log says meanwhile."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self.write(work)
            except AWAY as error:
                log.error(event, messages=messages, again_in=pause, says=words(error))
            await wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _write(self, work: Callable[[Session], Result]) -> Result:
        with write(self._engine) as session:
            return work(session)


def words(error: Exception) -> str:
    """What a database says, as far as it cannot quote what it was given: SQLite's sentences are fixed."""
    said = getattr(error, "orig", None) or error
    return str(said) if isinstance(said, sqlite3.Error) else type(said).__name__


class Recorder:
    """Writes results at once; those that come in while it writes go together into the next commit."""

    def __init__(
        self,
        desk: Desk,
        worker: str,
        now: Callable[[], datetime],
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._desk = desk
        self._worker = worker
        self._now = now
        self._wait = wait
        self._waiting: list[tuple[Mark, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._many = False
        self.total = Delivered()
        self.went_on = False
        self.well: set[str] = set()  # channels without a failure, when they were last looked at

    async def record(self, *marks: Mark) -> list[Mark]:
        """Those that were still ours to write, once they are written."""
        loop = asyncio.get_running_loop()
        written = [loop.create_future() for _ in marks]
        self._waiting += zip(marks, written, strict=True)
        if self._writer is None:
            self._writer = loop.create_task(self._write())
        return [mark for mark, future in zip(marks, written, strict=True) if await future]

    async def _write(self) -> None:
        """One for all: what comes in while it writes is the next to be written."""
        written: list[tuple[Mark, asyncio.Future[bool]]] = []
        try:
            while self._waiting:
                if self._many:
                    await asyncio.sleep(TOGETHER_SECONDS)
                written, self._waiting = self._waiting, []
                self._many = len(written) > 1
                ours = {mark.message: mark for mark in await self._kept([mark for mark, _ in written])}
                for mark, future in written:
                    if mark.message in ours:
                        self._count(ours[mark.message])
                    if not future.done():
                        future.set_result(mark.message in ours)
                written = []
                await asyncio.sleep(0)  # whoever waited for it may have the next one
        except BaseException as error:
            # Whether they are written is not known: `finish` writes them, which changes nothing if they are.
            self._waiting = [*written, *self._waiting]
            for _, future in self._waiting:
                if not future.done():
                    future.set_exception(error) if isinstance(error, Exception) else future.cancel()
            raise
        finally:
            self._writer = None

    async def finish(self) -> None:
        """Write what a dispatcher that is stopped sent and has not written: else it goes out twice."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait([self._writer])
        marks, self._waiting = [mark for mark, _ in self._waiting], []
        if marks:
            await self._desk.write(lambda session: outbox.mark(session, self._worker, marks, self._now()))

    async def _kept(self, marks: list[Mark]) -> list[Mark]:
        """Those that were still ours, as they were written."""

        def mark(session: Session) -> list[int]:
            return outbox.mark(session, self._worker, marks, self._now(), well)

        well = frozenset(self.well)
        self.well -= {each.tried for each in marks if each.tried and each.cause is not None}
        try:
            ours = await self._desk.write_at_last(mark, self._wait, "deliver.not_recorded", len(marks))
            return [each for each in marks if each.message in ours]
        except Exception as error:  # noqa: BLE001 - one that cannot be written must not keep out the others
            says = words(error)
        if len(marks) > 1:
            return [kept for each in marks for kept in await self._kept([each])]
        log.error("message.not_recorded", message=marks[0].message, says=says)
        # What others wrote, or rests on other rows, is not worth sending it again for ever.
        bare = replace(marks[0], provider_id=None, instead=None)
        return await self._kept([bare]) if bare != marks[0] else []

    def _count(self, mark: Mark) -> None:
        self.went_on |= mark.instead is not None
        self.total += Delivered(
            sent=int(mark.state == MessageState.SENT),
            failed=int(mark.state == MessageState.FAILED and mark.instead is None),
            cancelled=int(mark.state == MessageState.CANCELLED),
        )
