"""400 people open a survey and answer it at once: is every answer kept, and how long does a page take?

    python benchmarks/survey.py [--small] [--people N] [--rounds N]

A server process of its own (uvicorn on loopback, SQLite), as `kamflow up` runs it. Everybody comes from an
address of their own, opens the survey, answers, and is sent on to the thanks. The reference: the same people
load an empty page in the same frame as often, from the same server, before and after. docs/measuring.md says
what is counted.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple
from urllib.parse import urlencode

import survey_company as company
import uvicorn
from anyio import to_thread
from rich.console import Console
from rich.table import Table

from flows import doors
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import engine as db
from kamflow.web import public
from kamflow.web.pages import page
from kamflow.web.site import Site

PEOPLE, SMALL, ROUNDS = 400, 100, 3
AIM = 3.0
OWN = ("sec-fetch-site: same-origin", "content-type: application/x-www-form-urlencoded")
WAIT = 120  # seconds for an answer; more is an error

show = Console(highlight=False, width=100).print


class Figures(NamedTuple):
    """One round: seconds of each page of the survey, of each empty page, and what went wrong."""

    survey: list[float]
    empty: list[float]
    errors: list[str]

    @property
    def ratio(self) -> float:
        return p95(self.survey) / p95(self.empty)


def main() -> None:
    """Measure and print it; the exit code is 1 where an answer is lost or a page failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{SMALL} people instead of {PEOPLE}")
    parser.add_argument("--people", type=int)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked, _ = parser.parse_known_args()
    people = asked.people or (SMALL if asked.small else PEOPLE)
    with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder:
        settings = company.settings(Path(folder))
        rounds = company.store(settings, people, asked.rounds)
        with serving(settings) as port:
            found = [asyncio.run(_round(port, tokens)) for tokens in rounds]
        lost = company.lost(settings, rounds)
    _print(people, found, lost)
    sys.exit(1 if lost or any(each.errors for each in found) else 0)


# --- the server ----------------------------------------------------------------------------------


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """A server process on a free port, until the end."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(settings.home, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, told: Connection) -> None:
    settings = company.settings(folder)
    site = Site(settings, Policy(), db.connect(settings.url), lambda: company.NOW)
    made = public.app(site)
    made.add_api_route("/empty", lambda: page(site, "page/layout.html.j2", "de"), methods=["GET"])
    config = uvicorn.Config(
        made, port=0, access_log=False, log_config=None, lifespan="off", server_header=False
    )
    _Telling(config, told).run()


class _Telling(uvicorn.Server):
    """A server that tells its port once it stands."""

    def __init__(self, config: uvicorn.Config, told: Connection) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: Any = None) -> None:
        to_thread.current_default_thread_limiter().total_tokens = doors.THREADS
        await super().startup(sockets)
        self._told.send(self.servers[0].sockets[0].getsockname()[1])


# --- the people ----------------------------------------------------------------------------------


class Visitor:
    """One human with an address and a link of their own. A browser of a few lines: what a client library
    takes for a request would be most of what is measured."""

    def __init__(self, port: int, at: int, token: str) -> None:
        self.port, self.at, self.token = port, at, token
        self.seconds: list[float] = []
        self.errors: list[str] = []

    async def ask(
        self, method: str, path: str, expected: int = 200, form: dict[str, Any] | None = None
    ) -> None:
        body = urlencode(form).encode() if form else b""
        lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(OWN if form else ())]
        head = "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(WAIT):
                status = await self._exchange(head + body)
        except (OSError, TimeoutError, EOFError) as error:
            self.errors.append(type(error).__name__)
            return
        self.seconds.append(time.perf_counter() - began)
        if status != expected:
            self.errors.append(f"{method} answered {status}")

    async def _exchange(self, request: bytes) -> int:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await self.reader.readexactly(int(length))
        return int(head.split(b" ", 2)[1])

    async def connect(self) -> None:
        """Open the connection: what that takes is no page of ours."""
        own = (f"127.0.{1 + self.at // 200}.{1 + self.at % 200}", 0)
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=own)

    async def loads_nothing(self) -> None:
        for _ in range(3):
            await self.ask("GET", "/empty")

    async def answers(self) -> None:
        await self.ask("GET", f"/s/{self.token}")
        await self.ask("POST", f"/s/{self.token}", 303, company.said(self.at))
        await self.ask("GET", f"/s/{self.token}/thanks")


async def _round(port: int, tokens: list[str]) -> Figures:
    people = [Visitor(port, at, token) for at, token in enumerate(tokens)]
    await asyncio.gather(*(each.connect() for each in people))
    before = await _all(people, Visitor.loads_nothing)
    survey = await _all(people, Visitor.answers)
    after = await _all(people, Visitor.loads_nothing)
    for each in people:
        each.writer.close()
    return Figures(survey, before + after, [error for each in people for error in each.errors])


async def _all(people: list[Visitor], visit: Callable[[Visitor], Awaitable[None]]) -> list[float]:
    """Let everybody do the same at once; the seconds of each page."""
    await asyncio.gather(*(visit(each) for each in people))
    seconds = [each for one in people for each in one.seconds]
    for one in people:
        one.seconds.clear()
    return seconds


# --- what it gave --------------------------------------------------------------------------------


def _print(people: int, found: list[Figures], lost: int) -> None:
    table = Table("", "median ms", "p95 ms", box=None)
    for name in ("empty", "survey"):
        seconds = [each for one in found for each in getattr(one, name)]
        table.add_row(f"{name} page", f"{median(seconds) * 1000:.0f}", f"{p95(seconds) * 1000:.0f}")
    ratios = ", ".join(f"{each.ratio:.1f}" for each in found)
    errors = [error for each in found for error in each.errors]
    show(f"\n[bold]{people} people at once[/], SQLite, one server process")
    show(table)
    show(f"p95 of the survey by p95 of an empty page: {median(each.ratio for each in found):.1f}", end=" ")
    show(f"(aim: at most {AIM:.0f}; rounds: {ratios})")
    show(f"answers lost: {lost} of {people * len(found)}; errors: {len(errors)}")
    for error in sorted(set(errors)):
        show(f"  {error}: {errors.count(error)} times", markup=False)


def p95(seconds: list[float]) -> float:
    """95 of 100 took no longer."""
    return quantiles(seconds, n=20)[-1]


if __name__ == "__main__":
    main()
