"""Fill the outbox, start a dispatcher, kill it at a random moment, start the next, until there were as many
kills as asked for and all is sent."""

import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import monotonic

from flows import runtime
from tests.end_to_end.crash import dispatcher
from tests.end_to_end.crash.full_home import full_home
from tests.end_to_end.crash.killer import Killer
from tests.end_to_end.crash.other_side import other_side
from tests.end_to_end.crash.toll import Seen, Toll, toll
from tests.flows.prefect_api import eventually


def run(
    folder: Path,
    url: str,
    *,
    kills: int,
    messages: int = 2_000,
    between: int = 100,
    seed: int = 1,
    channel: str = "email",
    say: Callable[[str], object] = lambda _: None,
) -> Toll:
    """Kill so many dispatchers, about `between` messages apart, and count what it cost."""
    begun, chance, seen = monotonic(), random.Random(seed), Seen()
    with (
        other_side(channel, messages) as side,
        full_home(folder, url, side.port, messages // side.each, channel=channel, more=side.more) as home,
    ):
        killer = Killer(side, home.engine, chance, between)
        for number in count():
            unsent, peace = home.unsent(), len(seen.killed) >= kills
            if peace and not unsent:
                break
            if not peace and unsent <= 2 * between:  # else the moment of the next kill might not come
                home.fill(side.each)
            seen.starts.append(len(side.arrived()))
            # What the one before had claimed is free at once: it is seen to be gone.
            start, victim = runtime.clock(), dispatcher.start(home, number)
            killed = len(seen.killed) < kills and killer.strike(victim)
            victim.ended()
            # What a killed one had sent before is read to its end.
            eventually("all connections are closed", lambda: side.is_quiet)
            if killed:
                seen.killed.append(number)
                seen.unmarked |= home.sending() & {each.message_id for each in side.arrived()}
                say(f"kill {len(seen.killed)}: {len(side.arrived())} messages have come")
            else:
                seen.left += home.left(start)
        return toll(home, side, seen, monotonic() - begun)
