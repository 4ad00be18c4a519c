"""Compose and deliver: the channels of a home, opened for as long as something is sent."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from flows import logs
from flows.runtime import Home
from kamflow import outward
from notifications.channels.email import EmailChannel
from notifications.channels.slack import SlackChannel
from notifications.channels.slack_pace import Pace
from notifications.compose import Composed, compose
from notifications.deliver import Delivered, deliver
from notifications.way_out import Channels


@dataclass(frozen=True)
class Told:
    """What one round composed and delivered; `stopped`: it was told to end before all was sent."""

    composed: Composed
    delivered: Delivered
    stopped: bool = False


@asynccontextmanager
async def channels(home: Home, pace: Pace | None = None) -> AsyncIterator[Channels]:
    """The ways out of this home; connections are closed at the end. Slack is off without a token, and at its
    own pace without another."""
    settings = home.settings
    way = outward.way(settings)
    email = EmailChannel(settings.smtp, home.now, way.tls(), way)
    slack = SlackChannel(settings.slack, home.now, way, pace) if settings.slack.token else None
    try:
        yield Channels(email, slack)
    finally:
        await email.close()
        if slack is not None:
            await slack.close()


async def tell(home: Home, stopped: Callable[[], bool] = lambda: False) -> Told:
    """Compose what is to be told now, then deliver what is due until nothing is, or until it is `stopped`:
    then what is being sent is finished, and the rest is given back."""
    if not structlog.is_configured():  # the home was made by hand
        logs.configure(home.now, home.settings.log)
    composed = await asyncio.to_thread(compose, home.engine, home.now(), home.settings, home.policy)
    async with channels(home) as out:
        sent = await deliver(home.engine, home.now, home.settings, home.policy, out, stopped=stopped)
    return Told(composed, sent, stopped())


def tell_now(home: Home) -> Told:
    """`tell` for callers without an event loop."""
    return asyncio.run(tell(home))


def tell_until_told(home: Home) -> Told:
    """The same as a process of its own, until SIGTERM or Ctrl-C.

    Raises:
        KeyboardInterrupt: a second signal cut it off; what was not begun is given back even so.
    """
    try:
        return asyncio.run(_until_told(home))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _until_told(home: Home) -> Told:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    telling = asyncio.ensure_future(tell(home, stop.is_set))

    def told() -> None:
        if stop.is_set():
            telling.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    return await telling
