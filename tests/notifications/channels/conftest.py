"""A channel against the product's own servers, within one `asyncio.run`."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.outward import Way
from kamflow.settings import Smtp
from notifications.channels.email import EmailChannel
from notifications.channels.email_login import connect
from notifications.channels.email_oauth import Tokens
from notifications.channels.email_wire import Wire
from notifications.message import Mail
from tests.ports import free_port

Mailing = Callable[..., AbstractAsyncContextManager[EmailChannel]]


def a_mail(number: int = 1, **changes: Any) -> Mail:
    values = {
        "to": "witt@example.com",
        "subject": "Zwei Kontakte sind fällig",
        "text": "Guten Morgen\n",
        "html": "<p>Guten Morgen</p>",
        "message_id": f"<m{number}@kamflow.example.com>",
        "sender": "kamflow <kamflow@example.com>",
    }
    return Mail(**(values | changes))


@pytest.fixture
def mailing(clock: Callable[[], datetime]) -> Mailing:
    """`async with mailing(catcher) as channel`: both run until the block ends."""

    @asynccontextmanager
    async def run(
        catcher: SmtpCatcher, tls_context: ssl.SSLContext | None = None, **settings: Any
    ) -> AsyncIterator[EmailChannel]:
        await catcher.start()
        smtp = Smtp(**({"host": "127.0.0.1", "port": catcher.port, "tls": "none", "timeout": 5} | settings))
        channel = EmailChannel(smtp, clock, tls_context)
        try:
            yield channel
        finally:
            await channel.close()
            await catcher.stop()

    return run


@asynccontextmanager
async def a_wire(catcher: SmtpCatcher) -> AsyncIterator[Wire]:
    """A connection to a catcher that runs until the block ends."""
    await catcher.start()
    settings = Smtp(host="127.0.0.1", port=catcher.port, tls="none", timeout=5)
    wire = await connect(settings, None, Tokens(settings.oauth, Way(), 5))
    try:
        yield wire
    finally:
        wire.abort()
        await catcher.stop()


@pytest.fixture
def unused_port() -> int:
    """A port of loopback on which nobody listens."""
    return free_port()
