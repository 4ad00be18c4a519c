"""Compose and deliver: the channels of a home, opened for as long as something is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from flows import logs
from flows.runtime import Home
from kamflow import outward
from notifications.channels.email import EmailChannel
from notifications.channels.slack import SlackChannel
from notifications.compose import Composed, compose
from notifications.deliver import Delivered, deliver
from notifications.way_out import Channels


@dataclass(frozen=True)
class Told:
    """What one round composed and delivered."""

    composed: Composed
    delivered: Delivered


@asynccontextmanager
async def channels(home: Home) -> AsyncIterator[Channels]:
    """The ways out of this home; connections are closed at the end. Slack is off without a token."""
    settings = home.settings
    way = outward.way(settings)
    email = EmailChannel(settings.smtp, home.now, way.tls(), way)
    slack = SlackChannel(settings.slack, home.now, way) if settings.slack.token else None
    try:
        yield Channels(email, slack)
    finally:
        await email.close()
        if slack is not None:
            await slack.close()


async def tell(home: Home) -> Told:
    """Compose what is to be told now, then deliver what is due until nothing is."""
    if not structlog.is_configured():  # the home was made by hand
        logs.configure(home.now, home.settings.log)
    composed = await asyncio.to_thread(compose, home.engine, home.now(), home.settings, home.policy)
    async with channels(home) as out:
        return Told(composed, await deliver(home.engine, home.now, home.settings, home.policy, out))


def tell_now(home: Home) -> Told:
    """`tell` for callers without an event loop."""
    return asyncio.run(tell(home))
