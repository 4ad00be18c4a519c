"""kamflow's side of the bench: compose what is open, and deliver it as `kamflow deliver` does."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import delivery_company as company
import psutil
from sqlalchemy import Engine

from flows import logs
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import engine as db
from notifications import outbox
from notifications.channels.email import EmailChannel
from notifications.compose import compose
from notifications.deliver import deliver
from notifications.message import Mail, mime
from notifications.outbox import NewMessage
from notifications.prepare import Renderers
from notifications.preparing import Preparing
from notifications.render import examples, html
from notifications.render.html import RenderedMail
from notifications.way_out import Channels

SAMPLE_SECONDS = 1.0
RULES = ("contact_shortfall", "quarterly_controlling", "measure_followup", "department_requests",
         "annual_meeting", "plan_creation")  # fmt: skip


class Sending(NamedTuple):
    """What is varied. `ready`: a body that is sent instead of one that is rendered; `processes`: at most so
    many render, as `delivery.processes` says, `kept` from an earlier delivery; `watched`: their memory is
    looked at, which costs."""

    port: int
    connections: int = 8
    ready: RenderedMail | None = None
    processes: int = 1
    watched: bool = False
    kept: bool = False


class Sent(NamedTuple):
    """How many went out, and what the process held in memory, in MB, from second to second; `before` are
    CPU seconds of further processes that are not counted."""

    number: int
    memory: list[int]
    before: float


def built(url: str, home: Path, people: int, nudges: int) -> Callable[[], int]:
    """Fill a database; what is counted is to compose. Says how many messages there are."""
    engine = db.connect(url)
    company.build(engine, home, people, nudges)
    _logs(home)

    def run() -> int:
        made = compose(engine, company.NOW, company.settings(home), Policy()).messages
        engine.dispose()
        return made

    return run


def added(url: str, home: Path, number: int, at_once: int) -> Callable[[], None]:
    """Put messages into the outbox, so many in one transaction."""
    engine = db.connect(url)
    company.build(engine, home, number, 0)
    line = {"id": 1, "reason": "opened", "number": 1, "for_person": None}
    facts = {"day": "2026-09-07", "occasion": "daily", "items": [{"nudges": [line]}], "more": 0}

    def run() -> None:
        for first in range(1, number + 1, at_once):
            with db.write(engine) as session:
                for at in range(first, min(first + at_once, number + 1)):
                    new = NewMessage(f"digest:{at}:bench", "nudges", "email", "digest", facts, at)
                    outbox.add(session, new, company.NOW)
        engine.dispose()

    return run


def sent(url: str, home: Path, sending: Sending) -> Callable[[], Sent]:
    """Deliver all that is due; counted from the first claim to the last mark."""
    engine = db.connect(url)
    port, connections, ready, processes, watched, kept = sending
    settings = company.settings(home, port, connections, processes)
    renderers = None if ready is None else Renderers(mail=lambda _: ready)
    for rule in RULES if ready is None else ():  # a process that has worked before has its templates
        html.mail(examples.VIEWS[rule, "one"]("de"))
    _logs(home)
    began = monotonic()

    def now() -> datetime:
        return company.NOW + timedelta(seconds=monotonic() - began)

    preparing = Preparing(engine, settings, Policy(), now, renderers)
    if kept:
        preparing.begin()
    while kept and not preparing.begun:
        sleep(SAMPLE_SECONDS)
    before = _used_by_others()
    return lambda: asyncio.run(_all(engine, settings, now, preparing, before, watched=watched))


async def _all(
    engine: Engine,
    settings: Settings,
    now: Callable[[], datetime],
    preparing: Preparing,
    before: float,
    *,
    watched: bool,
) -> Sent:
    email = EmailChannel(settings.smtp, now)
    memory: list[int] = []
    looking = asyncio.create_task(_look(memory)) if watched else None
    try:
        done = await deliver(engine, now, settings, Policy(), Channels(email, None), preparing=preparing)
    finally:
        preparing.close()
        await email.close()
        if looking is not None:
            looking.cancel()
            await asyncio.wait([looking])
    engine.dispose()
    return Sent(done.sent, memory, before)


def _used_by_others() -> float:
    times = [each.cpu_times() for each in psutil.Process().children()]
    return sum(each.user + each.system for each in times)


async def _look(into: list[int], wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    while True:
        into.append(_megabytes())
        await wait(SAMPLE_SECONDS)


def _megabytes() -> int:
    """What this process and those it started hold."""
    own = psutil.Process()
    held = 0
    for each in (own, *own.children()):
        with contextlib.suppress(psutil.NoSuchProcess):
            held += each.memory_info().rss
    return held // 1_000_000


def _logs(home: Path) -> None:
    """As in operation: a line of JSON for each message; to a file instead of a collector."""
    sys.stderr = (home / "bench.log").open("a")
    logs.configure(lambda: company.NOW, "json")


def as_rendered(nudges: int) -> RenderedMail:
    """The mail that the reference programs send: one nudge, or as many as a digest has."""
    view = company.view(nudges)
    return html.mail(view)


def cut(mail: RenderedMail, size: int) -> RenderedMail:
    """A body of so many bytes of HTML, with as much text as belongs to it."""
    share = size / len(mail.html.encode())
    return RenderedMail(mail.subject, mail.html[:size], mail.text[: int(len(mail.text) * share)])


def assembled(mail: RenderedMail) -> bytes:
    """The mail as bytes, with `{number}` where each has its own."""
    raw = mime(
        Mail(
            to="p1000001@example.com",
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            message_id="<1000001.bench@example.com>",
            sender="kamflow <kamflow@example.com>",
        ),
        company.NOW,
    )
    return raw.replace(b"1000001", b"{number}")
