"""Empty the outbox: claim -> check -> render -> send -> record, until nothing is due.

Deciding is not done here: a message that is due is sent. How it runs: dispatcher.py.
"""

import asyncio
import random as chance
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.errors import ConfigError
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import adopted, clock_set
from kamflow.store.engine import read, write
from notifications import outbox
from notifications.attempt import Attempt
from notifications.claiming import to_nobody
from notifications.dispatcher import Dispatcher
from notifications.envelope import OPERATIONS
from notifications.prepare import Renderers
from notifications.preparing import Preparing
from notifications.recorder import Delivered
from notifications.way_out import Channels
from notifications.worker import is_gone

CHANNELS = ("email", "slack")

log = structlog.get_logger()


async def deliver(  # noqa: PLR0913 - a test replaces rendering, chance and waiting
    engine: Engine,
    now: Callable[[], datetime],
    settings: Settings,
    policy: Policy,
    channels: Channels,
    *,
    channel: str | None = None,
    renderers: Renderers | None = None,
    random: Callable[[], float] = chance.random,
    wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    stopped: Callable[[], bool] = lambda: False,
    preparing: Preparing | None = None,
) -> Delivered:
    """Send what is due at `now()`, by one channel or by all, until nothing is; what is to be tried later
    stays. With `delivery.mode = off` that is only what operations are told. Once it is `stopped` nothing more
    is begun: what was is sent and written down. `preparing` is what the caller keeps for the next time.

    Raises:
        NotAdopted: this home is a copy.
        ConfigError: everything is to go to one address, and none is given.
    """
    if settings.delivery.mode == "off" and not await asyncio.to_thread(
        waits, engine, settings, now(), channel
    ):
        return Delivered()

    await asyncio.to_thread(_check_home, engine, settings, now())
    attempt = Attempt(channels, settings, now, random, wait)
    with ExitStack() as stack:
        ready = preparing or stack.enter_context(closing(Preparing(engine, settings, policy, now, renderers)))
        dispatcher = Dispatcher(engine, now, settings, ready, attempt, wait, stopped)
        total = await dispatcher.run((channel,) if channel else CHANNELS)
    if to_nobody(settings) and await asyncio.to_thread(waits, engine, settings, now(), channel):
        raise ConfigError(
            "delivery.redirect_to is not set: name the address that gets everything while"
            ' delivery.mode is "redirect", or set the mode to "live"'
        )
    return total


def waits(engine: Engine, settings: Settings, now: datetime, channel: str | None) -> bool:
    """Tell whether anything is due of what may go out at all."""
    kind = OPERATIONS if settings.delivery.mode == "off" else None
    with read(engine) as session:
        return (
            outbox.due(session, now, channel, kind) > 0
            or bool(_gone(session))
            or clock_set.back(session, now, _lease(settings))
        )


def _check_home(engine: Engine, settings: Settings, now: datetime) -> None:
    with read(engine) as session:
        adopted.require(session, settings.home)
        set_back, gone = clock_set.back(session, now, _lease(settings)), _gone(session)
    if gone:
        with write(engine) as session:
            log.warning("deliver.left_behind", messages=outbox.free(session, gone, now))
    if set_back:
        with write(engine) as session:
            moved = clock_set.mend(session, now, _lease(settings))
        log.warning("deliver.clock_set_back", messages=moved)


def _gone(session: Session) -> list[str]:
    """Those who hold messages and are no more."""
    return [name for name in outbox.holders(session) if is_gone(name)]


def _lease(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.delivery.lease_seconds)
