"""What a dispatcher takes next of a channel: by its limits, and by how the channel does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from kamflow.models.watch import Lease as Turn
from kamflow.settings import Settings
from kamflow.store import channel_ways, leases
from kamflow.store.engine import lock
from notifications import outbox
from notifications.envelope import OPERATIONS
from notifications.lease import Lease
from notifications.outbox import Claimed, Wanted
from notifications.prepare import mail_id
from notifications.recorder import AWAY, Desk
from notifications.worker import process, process_is_gone


@dataclass(frozen=True, slots=True)
class Batch:
    """What was claimed. `well`: the channel does well. `away`: it is, for this cause, and what is urgent goes
    by the other one (`diverted`)."""

    messages: list[Claimed]
    well: bool = False
    away: str | None = None
    diverted: bool = False

    @property
    def is_probe(self) -> bool:
        """Whether it is one message that shows how a channel does which is away."""
        return self.away is not None and not self.diverted


NOTHING = Batch([])
MINUTE = timedelta(minutes=1)
# Longer than a dispatcher that is at work takes from one look to the next.
TURN_SECONDS = 15.0
# What a workspace of Slack takes in a minute: who sees so many knows whose turn it is.
SLACK_AHEAD = 300


class Claims:
    """Claims for one dispatcher."""

    def __init__(
        self,
        desk: Desk,
        worker: str,
        now: Callable[[], datetime],
        settings: Settings,
        lease: Lease,
        wait: Callable[[float], Awaitable[object]],
        stopped: Callable[[], bool],
    ) -> None:
        self._desk = desk
        self._worker = worker
        self._now = now
        self._settings = settings
        self._lease = lease
        self._wait = wait
        self.stopped = stopped

    async def next(self, channel: str, *, urgent: bool = False) -> Batch:
        """The next messages, leased; `urgent`: only such."""
        kind = OPERATIONS if nothing_else(self._settings) else None
        wanted = Wanted(channel, kind, self._lease.held, urgent)
        claiming = asyncio.ensure_future(self._desk.write(lambda session: self._next(session, wanted)))
        try:
            batch = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            with suppress(*AWAY):  # the thread goes on: what it claims would wait for the end of its lease
                await self.give_back((await claiming).messages)
            raise
        self._lease.take(batch.messages)
        return batch

    async def give_back(self, messages: Iterable[Claimed]) -> None:
        """Let others claim what was not begun."""
        await self._desk.write(self._given(given := list(messages)))
        self._lease.drop(*(each.id for each in given))

    async def give_back_at_last(self, messages: Iterable[Claimed], after: timedelta | None = None) -> None:
        """The same, now or after a while, once the database is back: else they would wait for the end of
        their lease."""
        work = self._given(given := list(messages), after)
        await self._desk.write_at_last(work, self._wait, "deliver.not_given_back", len(given))
        self._lease.drop(*(each.id for each in given))

    async def probe_again(self, channel: str) -> None:
        """Nothing of the probe left us, so that it said nothing: another message may be tried at once."""
        await self._desk.write(lambda session: channel_ways.not_probed(session, channel))

    def _given(self, messages: list[Claimed], after: timedelta | None = None) -> Callable[[Session], int]:
        not_before = self._now() + after if after else None
        return lambda session: outbox.release(session, self._worker, messages, not_before)

    def _next(self, session: Session, wanted: Wanted) -> Batch:
        now, channel = self._now(), wanted.channel or ""
        way = channel_ways.standing(session, channel)
        limit = self._left(session, channel, now)
        if way.paused(now) or limit <= 0 or not self._has_the_turn(session, channel, now):
            return NOTHING
        if not way.away:
            return Batch(self._claim(session, wanted, limit), well=not way.failures)
        if way.may_be_probed(now):
            probe = self._claim(session, wanted, 1)
            if probe:
                channel_ways.probed(session, channel, now)
                return Batch(probe, away=way.cause)
        aside = replace(wanted, diverted=True)
        return Batch(
            self._claim(session, aside, self._settings.delivery.batch), away=way.cause, diverted=True
        )

    def _has_the_turn(self, session: Session, channel: str, now: datetime) -> bool:
        """Tell whether this process may post: Slack's limits are those of the workspace, and are kept within
        one process; the next one's turn comes soon after there is nothing more to post, or once that one is
        no more."""
        if channel != "slack" or not outbox.at_work(session, self._worker, channel, now):
            return True

        def ended(turn: Turn) -> bool:
            return leases.over(turn, now, TURN_SECONDS) or process_is_gone(turn.holder)

        return leases.taken(session, channel, process(self._worker), now, TURN_SECONDS, ended)

    def _left(self, session: Session, channel: str, now: datetime) -> int:
        """How many to claim: of mails no more than the mailbox may still send within this minute, whoever
        sends them."""
        most, batch = self._settings.smtp.per_minute, self._settings.delivery.batch
        if channel == "slack":
            return max(batch, SLACK_AHEAD)
        if most is None:
            return batch
        lock(session, "per-minute")
        return min(batch, most - channel_ways.under_way(session, channel, now - MINUTE, now))

    def _claim(self, session: Session, wanted: Wanted, limit: int) -> list[Claimed]:
        length = timedelta(seconds=self._settings.delivery.lease_seconds)
        return outbox.claim(session, self._worker, self._now(), length, limit, wanted, self._name)

    def _name(self, key: str) -> str:
        return mail_id(key, self._settings)


def nothing_else(settings: Settings) -> bool:
    """Tell whether only what operations are told may go out."""
    return settings.delivery.mode == "off" or to_nobody(settings)


def to_nobody(settings: Settings) -> bool:
    """Tell whether everything is to go to one address, and none is given."""
    return settings.delivery.mode == "redirect" and not settings.delivery.redirect_to
