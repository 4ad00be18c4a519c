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
from time import monotonic
from typing import NamedTuple

import structlog
from sqlalchemy import Engine

from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store.engine import read
from notifications import outbox
from notifications.outbox import Claimed
from notifications.prepare import Prepared, Renderers, prepare
from notifications.render import environment

# A further process takes some seconds to begin, in which this one makes hundreds of mails.
MANY = 1000
FEW = 8  # not worth being divided
# This process sends as well: what part of a batch it makes at first, and at least, to see how long it takes.
OWN, OWN_AT_LEAST = 0.2, 0.04
STEADY = 0.7  # how much of its part stays as it is from one batch to the next
# Asked again so late, as a part of what the last batch took: those who send have enough.
LATE = 0.25
PATIENCE = 60.0
IDLE_SECONDS = 600.0
LOST = (OSError, EOFError)

log = structlog.get_logger()


class Preparing:
    """What a dispatcher calls with the messages it has claimed; `close` ends the further processes.

    It may outlive the dispatcher: whoever delivers again and again need not begin them anew each time.
    """

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
        self._others: list[Other] = []
        self._own = OWN
        self._used = self._again = monotonic()
        self._busy = Lock()

    def __call__(self, batch: list[Claimed]) -> list[Prepared]:
        """For each message what becomes of it."""
        # The other channel's messages are made here while the processes are at work.
        if not self._most or len(batch) < FEW or not self._busy.acquire(blocking=False):
            return self._here(batch)
        try:
            if not self._others and len(batch) >= self._settings.delivery.batch:
                self._begin_for(len(batch))
            return self._together(batch)
        finally:
            self._busy.release()

    def rest(self) -> None:
        """Nothing is due: after a while the further processes are worth less than their memory."""
        if self._others and monotonic() - self._used > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        """End what was begun."""
        while self._others:
            self._others.pop().end()

    @property
    def begun(self) -> bool:
        """Whether further processes were begun and are at work by now."""
        return bool(self._others) and all(each.begun() for each in self._others)

    def _begin_for(self, claimed: int) -> None:
        if monotonic() < self._again:
            return
        with read(self._engine) as session:
            many = claimed + outbox.due(session, self._now()) >= MANY
        if many:
            self.begin()

    def begin(self) -> None:
        """Begin the further processes, whose start takes a second or two."""
        self._used = monotonic()
        try:
            for _ in range(self._most):
                self._others.append(Other(self._engine, self._settings, self._policy))
        except LOST as error:  # no memory, or no process more: it is done here
            self._lost("deliver.process_not_begun", error)

    def _lost(self, event: str, error: Exception) -> None:
        log.warning(event, error=type(error).__name__)
        self.close()
        self._again = monotonic() + IDLE_SECONDS  # not again and again

    def _here(self, batch: list[Claimed]) -> list[Prepared]:
        if not batch:
            return []
        return prepare(self._engine, batch, self._settings, self._now(), self._renderers, self._policy)

    def _together(self, batch: list[Claimed]) -> list[Prepared]:
        made: list[Prepared] = []
        asked = monotonic()
        try:
            others = [each for each in self._others if each.begun()]
            if not others:
                return self._here(batch)
            own = max(1, round(self._own * len(batch)))
            share = -(-(len(batch) - own) // len(others))
            for number, other in enumerate(others):
                other.ask(batch[own:][number * share : (number + 1) * share], self._now())
            began = monotonic()
            made += self._here(batch[:own])
            ended = monotonic()
            answers = [other.answer() for other in others]
            late = asked - self._used > LATE * (monotonic() - asked)
            self._shift(own / max(ended - began, 1e-6), sum(each.rate for each in answers), late=late)
            made += [each for answer in answers for each in answer.made]
        except LOST as error:
            self._lost("deliver.process_lost", error)
        except BaseException:
            self.close()  # their answers are still to come
            raise
        self._used = monotonic()
        done = {each.message.id for each in made}
        return made + self._here([each for each in batch if each.id not in done])

    def _shift(self, own: float, others: float, *, late: bool = False) -> None:
        """Divide the next batch so that all end at the same moment, or, where sending is what takes long, so
        that this process does nothing else. Both are messages a second."""
        fair = 0.0 if late else own / (own + others) if others else OWN
        self._own = max(STEADY * self._own + (1 - STEADY) * fair, OWN_AT_LEAST)


class Answer(NamedTuple):
    """What a further process made of what it was asked for; `rate` is messages a second."""

    made: list[Prepared]
    rate: float


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
        try:
            self._line.send((engine.url.render_as_string(hide_password=False), _plain(settings), policy))
        except LOST:
            self.end()
            raise

    def begun(self) -> bool:
        """Tell whether it is ready, without waiting for it."""
        if not self._begun and self._line.poll():
            self._line.recv()
            self._line.send(environment.compiled())  # half a second of work that is done already
            self._begun = True
        return self._begun

    def ask(self, batch: list[Claimed], now: datetime) -> None:
        """Hand over messages."""
        self._line.send((batch, now))

    def answer(self) -> Answer:
        """Those that it made ready.

        Raises:
            OSError, EOFError: it is gone, or takes too long.
        """
        if not self._line.poll(PATIENCE):
            raise TimeoutError
        return Answer(*self._line.recv())

    def end(self) -> None:
        """End it: what it reads is rolled back, what it was asked for is made here."""
        self._process.kill()
        self._process.wait()
        # Another thread may be waiting for an answer, and the line's number would soon be another file's: it
        # hears of the end, and the line is closed with the last who knows it.


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
