"""`kamflow demo`: a made-up company plays three weeks; a page shows who was told what."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from kamflow.cli.printing import say, warn

if TYPE_CHECKING:
    from kamflow.demo.diary import Diary
    from kamflow.demo.stage import Stage
    from kamflow.settings import Web

PORT = 8420
MOST = 5000


def demo(
    *,
    once: Annotated[bool, Parameter(negative="")] = False,
    accounts: Annotated[int, Parameter(validator=Number(gte=1, lte=MOST))] = 40,
    home: Path | None = None,
) -> int:
    """Play three weeks of a made-up company from 7 September 2026, then show who was told what on a page.

    Everything stays on this machine: mails and posts go to a mail server and a Slack workspace of the
    demo's own. The company and the play are the same on each run.

    Parameters
    ----------
    once
        End with a summary instead of serving the page; exit code 1 if the last day, done once more,
        opens or sends anything.
    accounts
        How many customers the company has.
    home
        Keep the home in this folder for further commands; a temporary one if not given.
    """
    _be_quiet()
    from kamflow.demo.play import FIRST, play
    from kamflow.demo.stage import WEB, staged

    if not once:
        say("Setting the stage: a made-up company, a mail server and a Slack workspace on this machine …")
    web = WEB if once else _addresses()
    with staged(accounts, home, FIRST, web) as stage:
        with _progress() as tick:
            diary = play(stage, progress=tick)
        _summary(diary, accounts)
        if home is not None:
            say(f"The home is kept: kamflow nudges --home {home}, kamflow up --home {home}")
            _mark(home, stage)
        if not once:
            _serve(stage, diary)
    return verdict(diary)


def _mark(home: Path, stage: "Stage") -> None:
    from kamflow.demo import kept

    kept.mark(home, stage.clock.at)


def _addresses() -> "Web":
    from kamflow.demo.live import addresses

    return addresses()


def verdict(diary: "Diary") -> int:
    """The exit code: 1 where the last day did something again, or a message failed."""
    return 0 if diary.again == (0, 0) and not diary.total("failed") else 1


def _be_quiet() -> None:
    # Before anything imports Prefect: its client would report its use to its maker.
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")


@contextmanager
def _progress() -> Iterator[Callable[[int, int, date], None] | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda done, of, day: bar.update(task, completed=done, total=of, description=f"{day:%a %d %b}")


def _summary(diary: "Diary", accounts: int) -> None:
    first, last = diary.days[0].day, diary.days[-1].day
    say(f"Played {len(diary.days)} days, {first} to {last}, with {accounts} account{'s' * (accounts > 1)}.")
    opened, closed, told = (diary.total(name) for name in ("opened", "closed", "told"))
    say(f"nudges: opened {opened}, closed {closed}, told {told}")
    say(f"delivered: mails {diary.total('mails')}, Slack posts {diary.total('posts')}")
    say(f"the last day once more: opened {diary.again[0]}, sent {diary.again[1]}")
    if diary.total("failed"):
        warn(f"{diary.total('failed')} messages could not be delivered")


def _serve(stage: "Stage", diary: "Diary") -> None:
    """Serve the page until Ctrl-C; its links and buttons work."""
    import uvicorn

    from kamflow.demo.acting import acting
    from kamflow.demo.current import Current
    from kamflow.demo.live import live
    from kamflow.demo.page import page

    listening = _listen()
    host, port = listening.getsockname()
    app = page(Current(stage, diary), acting(stage), stage.home.settings.web.internal_url or "")
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    with live(stage):
        say(f"Open http://{host}:{port}/ in a browser; Ctrl-C ends the demo.")
        say("The links in its mails and the buttons in its posts work.")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            say("")


def _listen() -> socket.socket:
    """The usual port where it is free, else any that is."""
    for port in (PORT, 0):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError:
            listening.close()
            continue
        return listening
    raise OSError("no free port on 127.0.0.1")
