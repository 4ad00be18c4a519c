"""Steps in processes of their own that begin at the same moment, and the SMTP sink in one of its own."""

import asyncio
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from kamflow.demo.smtp_catcher import SmtpCatcher

# A process forked from one that has loaded what all of them need is there at once.
APART = get_context("forkserver")
APART.set_forkserver_preload(["notifications.deliver", "notifications.compose", "kamflow.demo.smtp_catcher"])


class Figures(NamedTuple):
    """Seconds on the wall, CPU seconds of all processes that worked, the largest peak of memory in MB."""

    seconds: float
    cpu: float
    megabytes: int
    answers: list[Any]


class Caught(NamedTuple):
    """What the sink took since it was emptied; `seconds` from the first to the last."""

    taken: int
    doubled: int
    connections: int
    seconds: float
    cpu: float


def together(prepare: Callable[..., Callable[[], Any]], *each: tuple[Any, ...]) -> Figures:
    """Run `prepare(*arguments)` in a process for each; once all are ready, run what it returned.

    Only the latter is counted.
    """
    pairs = [APART.Pipe() for _ in each]
    workers = [
        APART.Process(target=_work, args=(theirs, prepare, arguments), daemon=True)
        for (_, theirs), arguments in zip(pairs, each, strict=True)
    ]
    ours = [mine for mine, _ in pairs]
    for worker, (_, theirs) in zip(workers, pairs, strict=True):
        worker.start()
        theirs.close()  # so that a worker that dies is noticed
    for mine in ours:
        mine.recv()
    for mine in ours:
        mine.send("go")
    found = [mine.recv() for mine in ours]
    for worker in workers:
        worker.join()
    began, ended = min(one[0] for one in found), max(one[1] for one in found)
    cpu, megabytes = sum(one[2] for one in found), max(one[3] for one in found)
    return Figures(ended - began, cpu, megabytes, [one[4] for one in found])


def _work(pipe: Connection, prepare: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...]) -> None:
    run = prepare(*arguments)
    pipe.send("ready")
    pipe.recv()
    began, cpu = time.monotonic(), _cpu()
    answer = run()
    ended = time.monotonic()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000
    pipe.send((began, ended, _cpu() - cpu, peak, answer))


def _cpu() -> float:
    """User and system time of this process and of those it started that have ended."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


class Sink:
    """The catcher of kamflow in a process of its own."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.port: int = pipe.recv()

    def empty(self) -> None:
        """Forget what was caught."""
        self._pipe.send("empty")
        self._pipe.recv()

    def caught(self) -> Caught:
        """What came since."""
        self._pipe.send("caught")
        return self._pipe.recv()


@contextmanager
def sink(delay: float = 0) -> Iterator[Sink]:
    """An SMTP server on loopback; with `delay` it answers each command that many seconds later."""
    ours, theirs = APART.Pipe()
    process = APART.Process(target=_serve, args=(theirs, delay), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Sink(ours)
    finally:
        ours.send("stop")
        process.join()


def _serve(pipe: Connection, delay: float) -> None:
    asyncio.run(_answer(pipe, delay))


async def _answer(pipe: Connection, delay: float) -> None:
    late: dict[str, Any] = {"delay": delay} if delay else {}
    catcher = SmtpCatcher(keep_bodies=False, **late)
    await catcher.start()
    pipe.send(catcher.port)
    cpu = 0.0
    asked: asyncio.Queue[str] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: asked.put_nowait(pipe.recv()))
    while True:
        match await asked.get():
            case "empty":
                catcher.messages.clear()
                catcher.counts.clear()
                catcher.connections, cpu = 0, time.process_time()
                pipe.send(None)
            case "caught":
                pipe.send(_caught(catcher, time.process_time() - cpu))
            case _:
                return await catcher.stop()


def _caught(catcher: SmtpCatcher, cpu: float) -> Caught:
    mails = catcher.messages
    seconds = mails[-1].at - mails[0].at if mails else 0.0
    doubled = sum(count - 1 for count in catcher.counts.values())
    return Caught(len(mails), doubled, catcher.connections, seconds, cpu)
