"""Empty the outbox: claim -> check -> render -> send -> record, until nothing is due.

What a crash leaves behind stays claimed until its lease ends and is then sent again, with the same
Message-ID: at most what was in flight, because a place to send is free again only when its result is
written. Deciding is not done here: a message that is due is sent.
"""

import asyncio
import os
import random as chance
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from kamflow import spans
from kamflow.errors import Ambiguous, ConfigError, DeliveryError, Permanent
from kamflow.models.message import MessageState
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import adopted, traces
from kamflow.store.engine import read, write
from kamflow.store.messages import REDIRECTED
from notifications import outbox
from notifications.envelope import OPERATIONS
from notifications.lease import Lease
from notifications.message import Mail, SlackPost
from notifications.outbox import Claimed, Mark
from notifications.prepare import Prepared, Renderers, mail_id, prepare
from notifications.retry import next_attempt
from notifications.unsent import Cancelled, Later
from notifications.way_out import Channels, hand_over

# Slack answers one post a second in a conversation; more at once only wait there.
SLACK_AT_ONCE = 4

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many messages were sent, failed for good, were cancelled by their check.

    One that failed but goes by the other channel is not counted: the other one is.
    """

    sent: int = 0
    failed: int = 0
    cancelled: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(self.sent + other.sent, self.failed + other.failed, self.cancelled + other.cancelled)


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
) -> Delivered:
    """Send what is due at `now()`, by one channel or by all, until nothing is; what is to be tried later
    stays. With `delivery.mode = off` that is only what operations are told.

    Raises:
        NotAdopted: this home is a copy.
        ConfigError: everything is to go to one address, and none is given.
    """
    if settings.delivery.mode == "off" and not await asyncio.to_thread(
        waits, engine, settings, now(), channel
    ):
        return Delivered()

    def ready(batch: list[Claimed]) -> list[Prepared]:
        return prepare(engine, batch, settings, now(), renderers or Renderers(), policy)

    dispatcher = _Dispatcher(engine, now, settings, channels, ready, random, wait)
    await asyncio.to_thread(dispatcher.check_home)
    total = Delivered()
    while batch := await asyncio.to_thread(dispatcher.claim, channel):
        total += await dispatcher.send(batch)
    await asyncio.to_thread(dispatcher.check_way, channel)
    return total


def waits(engine: Engine, settings: Settings, now: datetime, channel: str | None) -> bool:
    """Tell whether anything is due of what may go out at all."""
    kind = OPERATIONS if settings.delivery.mode == "off" else None
    with read(engine) as session:
        return outbox.due(session, now, channel, kind) > 0


class _Dispatcher:
    """One run of the outbox: database work in threads, sending on the event loop."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        settings: Settings,
        channels: Channels,
        ready: Callable[[list[Claimed]], list[Prepared]],
        random: Callable[[], float],
        wait: Callable[[float], Awaitable[object]],
    ) -> None:
        self._engine = engine
        self._now = now
        self._settings = settings
        self._channels = channels
        self._ready = ready
        self._random = random
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._recorder = outbox.Recorder(engine, self._worker, now)
        self._lease = Lease(
            engine, self._worker, now, timedelta(seconds=settings.delivery.lease_seconds), wait
        )
        self._places = {
            Mail: asyncio.Semaphore(settings.smtp.connections),
            SlackPost: asyncio.Semaphore(SLACK_AT_ONCE),
        }

    def check_home(self) -> None:
        with read(self._engine) as session:
            adopted.require(session, self._settings.home)

    def check_way(self, channel: str | None) -> None:
        if self._lost and waits(self._engine, self._settings, self._now(), channel):
            raise ConfigError(
                "delivery.redirect_to is not set: name the address that gets everything while"
                ' delivery.mode is "redirect", or set the mode to "live"'
            )

    @property
    def _lost(self) -> bool:
        delivery = self._settings.delivery
        return delivery.mode == "redirect" and not delivery.redirect_to

    def claim(self, channel: str | None) -> list[Claimed]:
        delivery = self._settings.delivery
        with write(self._engine) as session:
            lease = timedelta(seconds=delivery.lease_seconds)
            kind = OPERATIONS if delivery.mode == "off" or self._lost else None
            batch = outbox.claim(session, self._worker, self._now(), lease, delivery.batch, channel, kind)
            # Keys hold ids of rows, which come again after a restore: when it was made tells them apart.
            named = {each.id: f"{each.key} {each.made_at}" for each in batch if each.mail_id is None}
            new = {number: mail_id(name, self._settings) for number, name in named.items()}
            outbox.name(session, self._worker, new)
        return [replace(each, mail_id=new.get(each.id, each.mail_id)) for each in batch]

    async def send(self, batch: list[Claimed]) -> Delivered:
        async with self._lease.kept(batch):
            ready = await asyncio.to_thread(self._ready, batch)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(each)) for each in ready]
        return sum((task.result() for task in tasks), Delivered())

    async def _one(self, prepared: Prepared) -> Delivered:
        message = prepared.message
        ids = {"message": message.id, "channel": message.channel}
        with traces.following(message.trace, **ids), spans.span("deliver", message.trace, **ids):
            return await self._sent(prepared)

    async def _sent(self, prepared: Prepared) -> Delivered:
        outcome, message = prepared.outcome, prepared.message
        if isinstance(outcome, Cancelled):
            return await self._record(Mark(message.id, MessageState.CANCELLED, outcome.why))
        if isinstance(outcome, Later):
            return await self._record(Mark(message.id, MessageState.WAITING, outcome.why, due_at=outcome.at))
        if isinstance(outcome, Permanent):
            return await self._record(self._failed(prepared, outcome))
        async with self._places[type(outcome)]:
            if self._lease.ended(message):
                return Delivered()  # too late: by now it may be another dispatcher's
            return await self._record(await self._attempt(prepared, outcome))

    async def _attempt(self, prepared: Prepared, out: Mail | SlackPost) -> Mark:
        message = prepared.message
        try:
            receipt = await hand_over(self._channels, message, out)
        except DeliveryError as error:
            log.warning("message.not_sent", cause=error.cause)
            return self._failed(prepared, error)
        except Exception as error:
            # A fault of ours must not stop the others; whether it arrived is not known.
            log.exception("message.fault")
            return self._failed(prepared, Ambiguous(str(error), cause=type(error).__name__))
        redirected = self._settings.delivery.mode == "redirect" and message.kind != OPERATIONS
        cause = REDIRECTED if redirected else None
        return Mark(message.id, MessageState.SENT, cause, provider_id=receipt.provider_id)

    def _failed(self, prepared: Prepared, error: DeliveryError) -> Mark:
        """Try again later, or give up and go the other way."""
        message, now = prepared.message, self._now()
        again = next_attempt(message.attempt, now, error, self._random())
        if again is not None:
            ambiguous = isinstance(error, Ambiguous)
            state = MessageState.AMBIGUOUS if ambiguous else MessageState.RETRYING
            return Mark(message.id, state, error.cause, due_at=again)
        # What may have arrived, now or at an earlier attempt, is not sent a second time by another way.
        unsure = message.unsure or isinstance(error, Ambiguous)
        go_on = prepared.other_way and message.instead_of is None and not unsure
        instead = outbox.by_other_channel(message) if go_on else None
        return Mark(message.id, MessageState.FAILED, error.cause, instead=instead)

    async def _record(self, mark: Mark) -> Delivered:
        if not await self._recorder.record(mark):
            return Delivered()
        log.info("message.marked", state=mark.state, cause=mark.cause)
        return Delivered(
            sent=int(mark.state == MessageState.SENT),
            failed=int(mark.state == MessageState.FAILED and mark.instead is None),
            cancelled=int(mark.state == MessageState.CANCELLED),
        )
