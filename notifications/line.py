"""The way of one channel's messages through a dispatcher: claimed, made ready, sent, written down."""

import asyncio
from collections import deque
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
HELD_MOST, GIVEN_BACK_FOR, GIVEN_BACK_MOST = 1000, timedelta(seconds=30), timedelta(minutes=15)
AHEAD = 2  # batches: one that is being sent, one that is being made ready
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
        self._free: deque[asyncio.Future[None]] = deque()  # who waits for a message
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
                error = await self._feed(group)
            finally:
                self._over = True
                self._call(len(self._free))
        await self._give_back(self.not_begun())  # it was stopped while the rest was being sent
        return error

    def not_begun(self) -> list[Claimed]:
        """Take out what was claimed and not begun."""
        claimed, self._claimed = self._claimed, []
        return [*(each.message for each in self._queue.clear()), *claimed]

    async def _feed(self, group: asyncio.TaskGroup) -> Exception | None:
        """Claim the next batch while the one before it is made ready."""
        more, pause = True, LOOK_SECONDS
        making: asyncio.Task[Exception | None] | None = None
        while not self._claims.stopped():
            full = self._is_full
            batch, error = await self._claim(urgent=full)
            error = (await making if making else None) or error
            making = group.create_task(self._make_ready(batch)) if batch.messages else None
            if error is None:
                pause = LOOK_SECONDS
            elif not isinstance(error, AWAY) or not self._in_hand:
                return (await making if making else None) or error
            else:
                log.warning("deliver.not_claimed", channel=self._channel, says=words(error))
                pause = min(2 * pause, LONGEST_PAUSE)
            more = bool(batch.messages) or (full and more)
            if not more and not self._in_hand:
                return None
            await self._rest(more and error is None, pause)
        error = await making if making else None
        await self._give_back(self.not_begun())
        return error

    @property
    def _is_full(self) -> bool:
        """Whether as much is ready, or is being made ready, as will be sent in the next moment."""
        return len(self._queue) + len(self._claimed) >= AHEAD * self._settings.delivery.batch

    async def _claim(self, *, urgent: bool) -> tuple[Batch, Exception | None]:
        try:
            await self._make_room()
            batch = await self._claims.next(self._channel, urgent=urgent)
        except Exception as error:  # noqa: BLE001 - told at the end
            return Batch([]), error
        if batch.well:
            self._recorder.well.add(self._channel)
        self._in_hand.update(each.id for each in batch.messages)
        self._claimed += batch.messages
        return batch, None

    async def _rest(self, more: bool, seconds: float) -> None:
        """Wait until another look may be of use: there is room, all is done, or a moment has passed."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if (more and not self._is_full) or not self._in_hand:
                return
            self._news.clear()
            with suppress(TimeoutError):  # not `wait_for`: it loses a cancellation that comes with the news
                async with asyncio.timeout(left):
                    await self._news.wait()

    async def _make_ready(self, batch: Batch) -> Exception | None:
        self._away, size = batch.away, self._settings.delivery.batch
        rest = batch.messages
        if self._channel == "slack":
            rest = by_turns(rest, lambda each: each.priority, lambda each: each.person)
        try:
            while rest and not self._claims.stopped():
                await self._make_some_ready(replace(batch, messages=rest[:size]))
                rest = rest[size:]
        except Exception as error:  # noqa: BLE001 - told at the end
            left = [each for each in rest if each in self._claimed]
            self._no_longer_claimed(left)
            await self._give_back(left)
            return error
        return None

    async def _make_some_ready(self, batch: Batch) -> None:
        ready = await asyncio.to_thread(self._prepare, batch.messages)
        self._no_longer_claimed(batch.messages)
        ended, waiting = list[Mark](), list[Claimed]()
        for each in ready:
            mark = self._attempt.unsent(each)
            if mark is None and batch.diverted:
                mark = self._attempt.diverted(each, batch.away)
                waiting += [each.message] if mark is None else []
            elif mark is None:
                self._queue.put(each, each.message.priority, self._lane(each.outcome))
            if mark is not None:
                ended.append(mark)
        self._call(len(self._queue))
        await self._write(*ended)
        if batch.is_probe and len(ended) == len(ready):
            await self._claims.probe_again(self._channel)
            self._recorder.went_on = True
        if waiting:
            await self._give_back(waiting, GIVEN_BACK_FOR)

    def _no_longer_claimed(self, messages: Iterable[Claimed]) -> None:
        gone = {each.id for each in messages}
        self._claimed = [each for each in self._claimed if each.id not in gone]

    async def _make_room(self) -> None:
        """Full lanes must not keep out what others could send."""
        if self._queue.aside > HELD_MOST:
            for seconds, some in self._queue.without(self._settings.delivery.batch):  # until it is their turn
                after = max(GIVEN_BACK_FOR, min(timedelta(seconds=seconds), GIVEN_BACK_MOST))
                await self._give_back([each.message for each in some], after)

    async def _give_back(self, messages: list[Claimed], after: timedelta | None = None) -> None:
        if messages:
            await self._claims.give_back_at_last(messages, after)
            self._in_hand.difference_update(each.id for each in messages)

    async def _work(self) -> None:
        while (taken := await self._next()) is not None:
            prepared, lane = taken
            message = prepared.message
            ids = {"message": message.id, "channel": message.channel}
            with traces.following(message.trace, **ids), spans.span("deliver", message.trace, **ids):
                try:
                    mark = await self._sent(prepared)
                finally:
                    self._queue.done(lane)
                    self._call(min(1, len(self._queue)))
                await self._write(*([mark] if mark else []))
            self._let_go([message.id])

    async def _next(self) -> tuple[Prepared, Lane] | None:
        while not self._claims.stopped():  # what is not begun by then is given back
            taken = self._queue.take()
            if not self._is_full:
                self._news.set()
            if taken is not None or self._over:
                return taken
            self._free.append(free := asyncio.get_running_loop().create_future())
            await free
        return None

    def _call(self, number: int) -> None:
        """Let so many of those who wait for a message look for one."""
        while number > 0 and self._free:
            free = self._free.popleft()
            if not free.done():
                free.set_result(None)
                number -= 1

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
        if not self._in_hand:
            self._news.set()

    def _lane(self, out: object) -> Lane:
        """What has a limit of its own: a conversation, and a domain that is not ours."""
        if isinstance(out, SlackPost):
            return Lane(out.slack_id or out.to_email or out.replaces, 1)
        domain = out.to.rpartition("@")[2].strip("<> ").lower() if isinstance(out, Mail) else ""
        most = self._settings.smtp.per_domain
        return Lane(domain, None if domain == self._settings.smtp.domain.lower() else most)
