"""The ways out of a home, and how a message is handed over to one of them."""

from dataclasses import dataclass
from typing import Protocol

from kamflow.errors import Ambiguous, Permanent, Temporary
from notifications.message import Mail, Receipt, SlackPost
from notifications.outbox import Claimed


class SendsMail(Protocol):
    async def send(self, mail: Mail) -> Receipt: ...


class SendsPosts(Protocol):
    async def send(self, post: SlackPost) -> Receipt: ...

    async def find(self, post: SlackPost) -> Receipt | None: ...


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways out; a channel that is not set up is None."""

    email: SendsMail
    slack: SendsPosts | None = None


async def look_up(channels: Channels, message: Claimed, out: Mail | SlackPost) -> Receipt | None:
    """Find an earlier attempt of what may have arrived already; a mail cannot be looked up.

    While that is not known the message stays ambiguous.
    """
    if isinstance(out, Mail) or not message.unsure:
        return None
    try:
        return await _slack(channels).find(out)
    except Temporary as error:
        said = f"not known whether it was posted: {error}"
        raise Ambiguous(said, cause=error.cause, retry_after=error.retry_after) from error


async def hand_over(channels: Channels, out: Mail | SlackPost) -> Receipt:
    """Send a message."""
    return await (channels.email.send(out) if isinstance(out, Mail) else _slack(channels).send(out))


def _slack(channels: Channels) -> SendsPosts:
    if channels.slack is None:
        raise Permanent("Slack is not set up", cause="slack-off")
    return channels.slack
