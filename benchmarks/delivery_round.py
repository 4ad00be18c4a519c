"""One round: each program sends the same mails to the same sink, one after the other."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import delivery_bare as bare
import delivery_others as others
import delivery_ours as ours
import delivery_process as process
import load
import psycopg

from notifications.render.html import RenderedMail

CONNECTIONS = 8
SINK, POOLED, HUEY = "sink's limit", "aiosmtplib, pooled", "huey"
OFFICE, OFFICES = "post-office", "… 2 processes"
OURS, TWO, KEPT, BOTH = "kamflow, 1 process", "… 2 processes ", "… 2 processes, kept", "… 2 dispatchers"


class Body(NamedTuple):
    """What is sent. `ready`: kamflow sends it, too, instead of rendering its own."""

    title: str
    nudges: int
    mail: RenderedMail
    ready: bool = False

    @property
    def raw(self) -> bytes:
        """As the programs get it that assemble nothing."""
        return ours.assembled(self.mail)


class Line(NamedTuple):
    """Messages a second on the wall, milliseconds of CPU for one, how many were lost or came twice."""

    rate: float
    cpu: float
    wrong: int


class Rate(NamedTuple):
    """How fast something is put into a queue: messages a second, milliseconds of CPU for one."""

    rate: float
    cpu: float


class Bench:
    """A database server or folder, a home, and the sink."""

    def __init__(self, server: str, home: Path, sink: process.Sink, number: int) -> None:
        self._server = server
        self._home = home
        self._sink = sink
        self._number = number
        self.enqueued: dict[str, Rate] = {}

    def build(self, nudges: int) -> None:
        """Make the database that rounds copy."""
        made = self._named(f"made{nudges}")
        load.create(made)
        took = process.together(ours.built, (made, self._home, self._number, nudges))
        if took.answers != [self._number]:
            raise ValueError(f"composed {took.answers} instead of {self._number} messages")
        if made.startswith("postgresql"):  # what autovacuum does within minutes
            with psycopg.connect(made, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        title = "kamflow: compose, a nudge each" if nudges == 1 else f"kamflow: compose, {nudges} nudges each"
        self.enqueued[title] = self._rate(self._number, took.seconds, took.cpu)

    def forget(self, nudges: int) -> None:
        """Take it away."""
        load.remove(self._named(f"made{nudges}"))

    def round(self, body: Body) -> dict[str, Line]:
        """Each program once."""
        return dict(self._lines(body))

    def _lines(self, body: Body) -> Iterator[tuple[str, Line]]:
        bare_ones: Mapping[str, Callable[..., Any]] = {SINK: bare.raw, POOLED: bare.pooled}
        for name, step in bare_ones.items():
            self._sink.empty()
            took = process.together(step, (self._sink.port, body.raw, self._number, CONNECTIONS))
            yield name, self._line(took.seconds, took.cpu)
        if others.there():
            yield from self._others(body)
        yield OURS, self.ours(body)
        if not body.ready:  # a further process renders
            yield TWO, self.ours(body, processes=2)
            yield KEPT, self.ours(body, processes=2, kept=True)
        yield BOTH, self.ours(body, dispatchers=2)

    def _others(self, body: Body) -> Iterator[tuple[str, Line]]:
        if not self._server.startswith("postgresql"):
            self._sink.empty()
            steps = others.huey(self._sink.port, body.raw, self._number, CONNECTIONS)
            self._keep("huey: one task at a time", steps["put"])
            yield HUEY, self._line(*steps["sent"][1:])
        for name, processes in ((OFFICE, 1), (OFFICES, 2)):
            url = self._named("office")
            load.create(url)
            self._sink.empty()
            steps = others.post_office(url, self._sink.port, body.mail, self._number, CONNECTIONS, processes)
            self._keep("post-office: send", steps["send"])
            self._keep("post-office: send_many, 1,000 at once", steps["send_many"])
            yield name, self._line(*steps["sent"][1:])
            load.remove(url)

    def ours(
        self,
        body: Body,
        *,
        processes: int = 1,
        dispatchers: int = 1,
        connections: int = CONNECTIONS,
        kept: bool = False,
    ) -> Line:
        """kamflow; connections are divided among the dispatchers."""
        work = self._named("work")
        load.copy(self._named(f"made{body.nudges}"), work)
        ready = body.mail if body.ready else None
        sending = ours.Sending(self._sink.port, connections // dispatchers, ready, processes, kept=kept)
        self._sink.empty()
        took = process.together(ours.sent, *[(work, self._home, sending)] * dispatchers)
        load.remove(work)
        return self._line(took.seconds, took.cpu - sum(each.before for each in took.answers))

    def add(self, at_once: int) -> None:
        """Put messages into our outbox without deciding about them."""
        url = self._named("added")
        load.create(url)
        took = process.together(ours.added, (url, self._home, self._number, at_once))
        load.remove(url)
        title = f"kamflow: add, {at_once} in a transaction" if at_once > 1 else "kamflow: add, each by itself"
        self.enqueued[title] = self._rate(self._number, took.seconds, took.cpu)

    def _keep(self, title: str, step: others.Step) -> None:
        self.enqueued.setdefault(title, self._rate(*step))

    def _rate(self, number: int, seconds: float, cpu: float) -> Rate:
        return Rate(number / seconds, 1_000 * cpu / number)

    def _line(self, seconds: float, cpu: float) -> Line:
        caught = self._sink.caught()
        lost = self._number - (caught.taken - caught.doubled)
        return Line(*self._rate(self._number, seconds, cpu), lost + caught.doubled)

    def _named(self, name: str) -> str:
        return load.sibling(self._server, f"kamflow_bench_{name}")
