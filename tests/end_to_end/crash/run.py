"""Fill the outbox, start a dispatcher, kill it at a random moment, start the next, until all is sent; again,
until there were as many kills as asked for."""

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from time import monotonic

from kamflow.demo.smtp_catcher import running_catcher
from tests.end_to_end.crash import dispatcher
from tests.end_to_end.crash.full_home import LEASE_SECONDS, full_home
from tests.end_to_end.crash.killer import Killer
from tests.end_to_end.crash.toll import Toll, toll
from tests.flows.prefect_api import eventually


def run(
    folder: Path,
    url: str,
    *,
    kills: int,
    messages: int = 2_000,
    between: int = 100,
    seed: int = 1,
    say: Callable[[str], object] = lambda _: None,
) -> Toll:
    """Kill so many dispatchers, about `between` mails apart, and count what it cost."""
    began, chance, starts, killed = monotonic(), random.Random(seed), [], []
    with running_catcher() as catcher, full_home(folder, url, catcher.port, messages) as home:
        killer = Killer(catcher, home.engine, chance, between)
        for number in count():
            if not home.unsent():
                if len(killed) >= kills:
                    break
                home.fill()
            starts.append(len(catcher.messages))
            # What the one before had claimed is free when its lease ends: by then its clock is ahead of.
            ahead = timedelta(seconds=(LEASE_SECONDS + 1) * len(killed))
            victim = dispatcher.start(home, number, ahead)
            if len(killed) >= kills:
                victim.ended()
            elif killer.strike(victim):
                killed.append(number)
                say(f"kill {len(killed)}: {len(catcher.messages)} mails have come")
            # What a killed one had sent before is read to its end.
            eventually("all connections are closed", lambda: not catcher.talking)
        return toll(home, catcher, starts, killed, monotonic() - began)
