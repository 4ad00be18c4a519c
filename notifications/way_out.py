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


async def hand_over(channels: Channels, message: Claimed, out: Mail | SlackPost) -> Receipt:
    """Send a message; what may have arrived already is looked up first, where that is possible."""
    if isinstance(out, Mail):
        return await channels.email.send(out)
    slack = channels.slack
    if slack is None:
        raise Permanent("Slack is not set up", cause="slack-off")
    if message.unsure:
        found = await _look_up(slack, out)
        if found is not None:
            return found
    return await slack.send(out)


async def _look_up(slack: SendsPosts, post: SlackPost) -> Receipt | None:
    """Find an earlier attempt. While that is not known the message stays ambiguous."""
    try:
        return await slack.find(post)
    except Temporary as error:
        raise Ambiguous(f"not known whether it was posted: {error}", cause=error.cause) from error
