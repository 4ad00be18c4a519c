"""From a message that is ready to what became of it: handed over, tried again later, or given up."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from kamflow.errors import Ambiguous, DeliveryError, Permanent
from kamflow.models.message import MessageState
from kamflow.settings import Settings
from kamflow.store.channel_health import TAKES_NOTHING
from kamflow.store.channel_ways import LONGEST_PAUSE
from kamflow.store.messages import REDIRECTED
from notifications import outbox
from notifications.claimed import SETTLES
from notifications.envelope import OPERATIONS
from notifications.message import Mail, SlackPost
from notifications.outbox import Claimed, Mark
from notifications.prepare import Prepared
from notifications.retry import next_attempt
from notifications.unsent import Cancelled, Later
from notifications.way_out import Channels, hand_over, look_up

RATE = "ratelimited"  # what a whole workspace is told, not one message

log = structlog.get_logger()


class Attempt:
    """One dispatcher's way of trying a message."""

    def __init__(
        self,
        channels: Channels,
        settings: Settings,
        now: Callable[[], datetime],
        random: Callable[[], float],
        wait: Callable[[float], Awaitable[object]],
    ) -> None:
        self._channels = channels
        self._settings = settings
        self._now = now
        self._random = random
        self._wait = wait

    def unsent(self, prepared: Prepared) -> Mark | None:
        """What becomes of a message of which nothing leaves; None: it is to be sent."""
        outcome, message = prepared.outcome, prepared.message
        if isinstance(outcome, Cancelled):
            return Mark(message.id, MessageState.CANCELLED, outcome.why)
        if isinstance(outcome, Later):
            state = MessageState.AMBIGUOUS if message.unsure else MessageState.WAITING
            return Mark(message.id, state, outcome.why, due_at=outcome.at)
        if isinstance(outcome, Permanent):
            return self.failed(prepared, outcome)
        return None

    def diverted(self, prepared: Prepared, cause: str | None) -> Mark | None:
        """An urgent message does not wait for a channel that is away; None: it has no other way."""
        if not _can_go_on(prepared):
            return None
        instead = outbox.by_other_channel(prepared.message)
        return Mark(prepared.message.id, MessageState.FAILED, cause, instead=instead)

    async def sent(self, prepared: Prepared, out: Mail | SlackPost, away: str | None = None) -> Mark:
        """Hand it over. `away`: the channel is known to be, so that what is urgent does not wait for it."""
        message = prepared.message
        try:
            await self._settled(message, out)
            receipt = await look_up(self._channels, message, out)
            if receipt is None:
                prepared = _not_there(prepared, out)
                receipt = await hand_over(self._channels, out)
        except DeliveryError as error:
            log.warning("message.not_sent", cause=error.cause)
            mark = self.failed(prepared, error, tried=message.channel)
            known = away is not None and error.cause in TAKES_NOTHING and not isinstance(error, Ambiguous)
            if not known or message.priority != outbox.URGENT:
                return mark
            return replace(self.diverted(prepared, error.cause) or mark, tried=message.channel)
        except Exception as error:
            # A fault of ours must not stop the others; whether it arrived is not known.
            log.exception("message.fault")
            return self.failed(prepared, Ambiguous(str(error), cause=type(error).__name__))
        redirected = self._settings.delivery.mode == "redirect" and message.kind != OPERATIONS
        cause = REDIRECTED if redirected else None
        return Mark(
            message.id, MessageState.SENT, cause, provider_id=receipt.provider_id, tried=message.channel
        )

    async def _settled(self, message: Claimed, out: Mail | SlackPost) -> None:
        """Wait until what a process has asked Slack that is no more is done: looked for before, it is not
        found, and comes twice."""
        if isinstance(out, SlackPost) and message.unsure and message.settled_at is not None:
            left = min(message.settled_at - self._now(), SETTLES)
            if left > timedelta(0):
                await self._wait(left.total_seconds())

    def failed(self, prepared: Prepared, error: DeliveryError, tried: str | None = None) -> Mark:
        """Try again later, or give up and go the other way."""
        message, now = prepared.message, self._now()
        again = next_attempt(message.attempt, now, error, self._random())
        if again is not None:
            # A mail cannot be looked up: what may have arrived once may have for good.
            ambiguous = isinstance(error, Ambiguous) or (message.unsure and message.channel == "email")
            state = MessageState.AMBIGUOUS if ambiguous else MessageState.RETRYING
            patience = _patience(error, now)
            return Mark(message.id, state, error.cause, due_at=again, tried=tried, patience=patience)
        go_on = _can_go_on(prepared) and not isinstance(error, Ambiguous)
        instead = outbox.by_other_channel(message) if go_on else None
        return Mark(message.id, MessageState.FAILED, error.cause, instead=instead, tried=tried)


def _not_there(prepared: Prepared, out: Mail | SlackPost) -> Prepared:
    """A post that was looked up, or never left, has not arrived; of a mail that is not known."""
    sure = isinstance(out, SlackPost)
    return replace(prepared, message=replace(prepared.message, unsure=False)) if sure else prepared


def _can_go_on(prepared: Prepared) -> bool:
    """What may have arrived at an earlier attempt is not sent a second time by another way."""
    message: Claimed = prepared.message
    return prepared.other_way and message.instead_of is None and not message.unsure


def _patience(error: DeliveryError, now: datetime) -> datetime | None:
    if error.cause != RATE or error.retry_after is None:
        return None
    return now + min(timedelta(seconds=error.retry_after), LONGEST_PAUSE)
