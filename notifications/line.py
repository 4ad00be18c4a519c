"""The way of one channel's messages through a dispatcher: claimed, made ready, sent, written down."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from time import monotonic

import structlog

from kamflow import spans
from kamflow.settings import Settings
from kamflow.store import traces
from notifications.attempt import Attempt
from notifications.claiming import Batch, Claims
from notifications.lease import Lease
from notifications.message import Mail, SlackPost
from notifications.outbox import Claimed, Mark
from notifications.pacing import Lane, Queue, by_turns
from notifications.prepare import Prepared
from notifications.recorder import AWAY, LONGEST_PAUSE, Recorder, words

# Slack takes one post a second in a conversation: many conversations go on at once.
SLACK_AT_ONCE = 32
# Claimed and not begun while their lanes are full; beyond that messages are given back for a while.
HELD_MOST, GIVEN_BACK_FOR = 1000, timedelta(seconds=30)
LOOK_SECONDS = 0.25  # after which something new may have come in

log = structlog.get_logger()


class Line:
    """One channel of one dispatcher."""

    def __init__(
        self,
        channel: str,
        settings: Settings,
        claims: Claims,
        prepare: Callable[[list[Claimed]], list[Prepared]],
        attempt: Attempt,
        recorder: Recorder,
        lease: Lease,
    ) -> None:
        self._channel = channel
        self._settings = settings
        self._claims = claims
        self._prepare = prepare
        self._attempt = attempt
        self._recorder = recorder
        self._lease = lease
        self._at_once = settings.smtp.connections if channel == "email" else SLACK_AT_ONCE
        self._queue: Queue[Prepared] = Queue()
        self._claimed: list[Claimed] = []  # and not made ready
        self._in_hand: set[int] = set()
        self._news = asyncio.Event()
        self._over = False
        self._away: str | None = None

    async def run(self) -> Exception | None:
        """Send until nothing is due; what went wrong with claiming is told once the rest is sent."""
        async with asyncio.TaskGroup() as group:
            # As many as there are connections: a place is free again once the result is written, so a crash
            # sends again no more than that.
            for _ in range(self._at_once):
                group.create_task(self._work())
            try:
                error = await self._feed()
            finally:
                self._over = True
                self._tell()
        return error

    def not_begun(self) -> list[Claimed]:
        """Take out what was claimed and not begun."""
        return [*(each.message for each in self._queue.clear()), *self._claimed]

    async def _feed(self) -> Exception | None:
        more, pause = True, LOOK_SECONDS
        while not self._claims.stopped():
            full = len(self._queue) >= self._settings.delivery.batch
            try:
                batch = await self._claims.next(self._channel, urgent=full)
                if batch.well:
                    self._recorder.well.add(self._channel)
                await self._make_ready(batch)
                await self._make_room()
                pause = LOOK_SECONDS
            except Exception as error:  # noqa: BLE001 - told at the end
                if not isinstance(error, AWAY) or not self._in_hand:
                    return error
                log.warning("deliver.not_claimed", channel=self._channel, says=words(error))
                batch, pause = Batch([]), min(2 * pause, LONGEST_PAUSE)
            more = bool(batch.messages) or (full and more)
            if not more and not self._in_hand:
                return None
            await self._rest(more, pause)
        await self._give_back(self.not_begun())
        return None

    async def _rest(self, more: bool, seconds: float) -> None:
        """Wait until another look may be of use: there is room, all is done, or a moment has passed."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if (more and len(self._queue) < self._settings.delivery.batch) or not self._in_hand:
                return
            with suppress(TimeoutError):  # not `wait_for`: it loses a cancellation that comes with the news
                async with asyncio.timeout(left):
                    await self._news.wait()

    async def _make_ready(self, batch: Batch) -> None:
        self._away, size = batch.away, self._settings.delivery.batch
        self._in_hand.update(each.id for each in batch.messages)
        self._claimed = batch.messages
        if self._channel == "slack":
            self._claimed = by_turns(batch.messages, lambda each: each.priority, lambda each: each.person)
        while self._claimed:
            await self._make_some_ready(replace(batch, messages=self._claimed[:size]))

    async def _make_some_ready(self, batch: Batch) -> None:
        try:
            ready = await asyncio.to_thread(self._prepare, batch.messages)
        except Exception:
            await self._give_back(self._claimed)
            self._claimed = []
            raise
        self._claimed = self._claimed[len(batch.messages) :]
        ended: dict[int, Mark] = {}
        waiting: list[Claimed] = []
        for each in ready:
            mark = self._attempt.unsent(each)
            if mark is None and batch.diverted:
                mark = self._attempt.diverted(each, batch.away)
                waiting += [each.message] if mark is None else []
            elif mark is None:
                self._queue.put(each, each.message.priority, self._lane(each.outcome))
            if mark is not None:
                ended[each.message.id] = mark
        self._tell()
        await self._write(*ended.values())
        if waiting:
            await self._give_back(waiting, GIVEN_BACK_FOR)

    async def _make_room(self) -> None:
        """Full lanes must not keep out what others could send."""
        if self._queue.aside > HELD_MOST:
            too_many = self._queue.without(self._settings.delivery.batch)
            await self._give_back([each.message for each in too_many], GIVEN_BACK_FOR)

    async def _give_back(self, messages: list[Claimed], after: timedelta | None = None) -> None:
        if messages:
            await self._claims.give_back_at_last(messages, after)
            self._in_hand.difference_update(each.id for each in messages)

    async def _work(self) -> None:
        while True:
            taken = await self._next()
            if taken is None:
                return
            prepared, lane = taken
            message = prepared.message
            ids = {"message": message.id, "channel": message.channel}
            with traces.following(message.trace, **ids), spans.span("deliver", message.trace, **ids):
                try:
                    mark = await self._sent(prepared)
                finally:
                    self._queue.done(lane)
                    self._tell()
                await self._write(*([mark] if mark else []))
            self._let_go([message.id])

    async def _next(self) -> tuple[Prepared, Lane] | None:
        while True:
            taken = self._queue.take()
            if taken is not None or self._over:
                return taken
            await self._news.wait()

    async def _sent(self, prepared: Prepared) -> Mark | None:
        out, message = prepared.outcome, prepared.message
        assert isinstance(out, Mail | SlackPost)  # noqa: S101 - all else was written down before
        if not await self._lease.holds(message.id):
            return None  # too late: by now it may be another dispatcher's
        return await self._attempt.sent(prepared, out, self._away)

    async def _write(self, *marks: Mark) -> None:
        if not marks:
            return
        for mark in await self._recorder.record(*marks):
            ids = {"message": mark.message, "channel": self._channel}
            log.info("message.marked", **ids, state=mark.state, cause=mark.cause)
        self._let_go(mark.message for mark in marks)

    def _let_go(self, messages: Iterable[int]) -> None:
        gone = list(messages)
        self._lease.drop(*gone)
        self._in_hand.difference_update(gone)
        self._tell()

    def _lane(self, out: object) -> Lane:
        """What has a limit of its own: a conversation, and a domain that is not ours."""
        if isinstance(out, SlackPost):
            return Lane(out.slack_id or out.to_email or out.replaces, 1)
        domain = out.to.rpartition("@")[2].strip("<> ").lower() if isinstance(out, Mail) else ""
        most = self._settings.smtp.per_domain
        return Lane(domain, None if domain == self._settings.smtp.domain.lower() else most)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
