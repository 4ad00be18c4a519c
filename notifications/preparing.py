"""Make messages ready here and, where many are due, in further processes: rendering is most of the work, and
one process uses one core.

A further process reads the database itself and answers with mails; claiming, sending and writing down stay
here, so that it changes nothing about what may be lost or doubled. Whatever it cannot do is done here.
"""

import os
import socket
import struct
import sys
from collections.abc import Callable
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from subprocess import DEVNULL, Popen
from threading import Lock

import structlog
from sqlalchemy import Engine

from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store.engine import read
from notifications import outbox
from notifications.outbox import Claimed
from notifications.prepare import Prepared, Renderers, prepare

# A further process takes some seconds to begin, in which this one makes hundreds of mails.
MANY = 1000
FEW = 8  # not worth being divided
OWN = 1 / 3  # this process sends as well: its part of what each of the others makes
PATIENCE = 60.0
LOST = (OSError, EOFError)

log = structlog.get_logger()


class Preparing:
    """What a dispatcher calls with the messages it has claimed; `close` ends the further processes."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        policy: Policy,
        now: Callable[[], datetime],
        renderers: Renderers | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._policy = policy
        self._now = now
        self._renderers = renderers or Renderers()
        # Renderers of a test stay where they are, and so does a database in memory.
        alone = renderers is not None or os.name != "posix" or not engine.url.database or _cores() < 2
        self._most = 0 if alone else settings.delivery.processes - 1
        self._asked: bool = self._most == 0
        self._others: list[Other] = []
        self._busy = Lock()

    def __call__(self, batch: list[Claimed]) -> list[Prepared]:
        """For each message what becomes of it."""
        if not self._asked and len(batch) >= self._settings.delivery.batch:
            self._asked = True
            self._begin(len(batch))
        # The other channel's messages are made here while the processes are at work.
        if len(batch) < FEW or not self._others or not self._busy.acquire(blocking=False):
            return self._here(batch)
        try:
            return self._together(batch)
        finally:
            self._busy.release()

    def close(self) -> None:
        """End what was begun."""
        while self._others:
            self._others.pop().end()

    def _begin(self, claimed: int) -> None:
        with read(self._engine) as session:
            many = claimed + outbox.due(session, self._now()) >= MANY
        try:
            for _ in range(self._most if many else 0):
                self._others.append(Other(self._engine, self._settings, self._policy))
        except LOST as error:  # no memory, or no process more: it is done here
            log.warning("deliver.process_not_begun", error=type(error).__name__)

    def _here(self, batch: list[Claimed]) -> list[Prepared]:
        if not batch:
            return []
        return prepare(self._engine, batch, self._settings, self._now(), self._renderers, self._policy)

    def _together(self, batch: list[Claimed]) -> list[Prepared]:
        made: list[Prepared] = []
        try:
            others = [each for each in self._others if each.begun()]
            share = int(len(batch) / (len(others) + OWN)) if others else 0
            for number, other in enumerate(others):
                other.ask(batch[number * share : (number + 1) * share], self._now())
            made += self._here(batch[len(others) * share :])
            for other in others:
                made += other.answer()
        except LOST as error:
            log.warning("deliver.process_lost", error=type(error).__name__)
            self.close()
        except BaseException:
            self.close()  # their answers are still to come
            raise
        done = {each.message.id for each in made}
        return made + self._here([each for each in batch if each.id not in done])


class Other:
    """A further process (preparer.py) and the line to it. It ends with us: then the line does."""

    def __init__(self, engine: Engine, settings: Settings, policy: Policy) -> None:
        self._line, theirs = Pipe()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-P", "-m", "notifications.preparer", str(number)]
            self._process = Popen(  # noqa: S603 - our own module
                command, pass_fds=(number,), stdin=DEVNULL, stdout=DEVNULL, start_new_session=True
            )
        self._begun = False
        _impatient(self._line)
        self._line.send((engine.url.render_as_string(hide_password=False), _plain(settings), policy))

    def begun(self) -> bool:
        """Tell whether it is ready, without waiting for it."""
        if not self._begun and self._line.poll():
            self._line.recv()
            self._begun = True
        return self._begun

    def ask(self, batch: list[Claimed], now: datetime) -> None:
        """Hand over messages."""
        self._line.send((batch, now))

    def answer(self) -> list[Prepared]:
        """Those that it made ready.

        Raises:
            OSError, EOFError: it is gone, or takes too long.
        """
        if not self._line.poll(PATIENCE):
            raise TimeoutError
        return self._line.recv()

    def end(self) -> None:
        """End it: what it reads is rolled back, what it was asked for is made here."""
        self._line.close()
        self._process.kill()
        self._process.wait()


def _impatient(line: Connection) -> None:
    """Let no call wait for ever: a process that was stopped neither reads nor ends."""
    with socket.socket(fileno=os.dup(line.fileno())) as same:
        for way in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            same.setsockopt(socket.SOL_SOCKET, way, struct.pack("ll", int(PATIENCE), 0))


def _plain(settings: Settings) -> Settings:
    """The same values in the class itself: those of a home are of one that belongs to it alone."""
    return Settings.model_construct(**{name: getattr(settings, name) for name in Settings.model_fields})


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
