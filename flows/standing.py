"""A process of ours that stands until it is told to stop: `flows.clock`, `flows.doors`."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

from flows import runtime
from flows.runtime import Home
from kamflow.errors import KamflowError

Run = Callable[[Home, asyncio.Event], Awaitable[None]]


def main(run: Run) -> int:
    """Run for the home of KAMFLOW_HOME until SIGTERM or Ctrl-C; 2 when it cannot start."""
    try:
        home = runtime.open_home()
    except KamflowError as error:
        return _refused(error)
    try:
        asyncio.run(until_told(home, run))
    except KamflowError as error:
        return _refused(error)
    finally:
        home.engine.dispose()
    return 0


async def until_told(home: Home, run: Run) -> None:
    """Run until one of the signals comes that end a process; it then stops by itself."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(home, stop)


def _refused(error: KamflowError) -> int:
    sys.stderr.write(f"kamflow: {error}\n")
    return 2
