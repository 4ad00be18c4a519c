"""What the clock does at each beat: look, and act only where something is to be done.

An idle home costs three short reads. Compose runs when something happened or an hour came at which somebody
may be told something: their digest's, the first of their office hours, midnight.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from flows import telling
from flows.runtime import Home
from kamflow.store import adopted, changes
from kamflow.store import engine as db
from kamflow.store.changes import Change
from notifications.compose import compose
from notifications.deliver import Delivered, deliver, waits
from notifications.preparing import Preparing
from notifications.way_out import Channels

# Whatever a look does not see (a setting of the mail server, a message that failed) counts after so long.
AT_LEAST = timedelta(minutes=15)
MIDNIGHT = time()

log = structlog.get_logger()


class Composer:
    """Composes what is to be told, when there is a reason to look."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: Change | None = None
        self._at = datetime.min.replace(tzinfo=UTC)
        self._may: bool | None = None

    async def beat(self) -> bool:
        """Compose, if there is a reason; tell whether there was."""
        return await asyncio.to_thread(self._beat)

    def _beat(self) -> bool:
        home, now = self._home, self._home.now()
        with db.read(home.engine) as session:
            newest = changes.newest(session)
        if newest == self._seen and not self._hour_came(now):
            return False
        if not self._sends():
            return False
        found = compose(home.engine, now, home.settings, home.policy)
        # What was written while it composed counts at the next beat.
        self._seen, self._at = newest, now
        if found.messages:
            log.info("clock.composed", messages=found.messages, told=found.told)
        return True

    def _sends(self) -> bool:
        """Whether this home is adopted; said when it changes (`kamflow up` says at its start how it is)."""
        may = _adopted(self._home)
        if may and self._may is False:
            log.info("clock.adopted")
        elif self._may and not may:
            log.warning("clock.not_adopted", sends="nothing", mend="kamflow adopt")
        self._may = may
        return may

    def _hour_came(self, now: datetime) -> bool:
        if not self._at <= now < self._at + AT_LEAST:
            return True
        zones = {*(self._seen.zones if self._seen else ()), self._home.settings.company.zone}
        cadence = self._home.policy.cadence
        hours = (MIDNIGHT, cadence.digest_at, cadence.now_from)
        return any(_passed(self._at, now, hour, ZoneInfo(zone)) for zone in zones for hour in hours)


def _adopted(home: Home) -> bool:
    with db.read(home.engine) as session:
        return adopted.is_adopted(session, home.settings.home)


def _passed(before: datetime, now: datetime, hour: time, zone: ZoneInfo) -> bool:
    """Tell whether an hour of the day came after `before`, up to `now`; the two are minutes apart."""
    day = now.astimezone(zone).date()
    return before < datetime.combine(day, hour, zone) <= now


class Deliverer:
    """Delivers what is due by one channel (None: by any); connections stay open from one beat to the next.

    One for each channel, or a mail server that hangs would hold up what goes by Slack.
    """

    def __init__(
        self, home: Home, channel: str | None = None, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self._home = home
        self._channel = channel
        self._stopped = stopped
        self._open = AsyncExitStack()
        self._channels: Channels | None = None
        self._preparing = Preparing(home.engine, home.settings, home.policy, home.now)

    async def beat(self) -> bool:
        """Deliver, if anything is due; tell whether it was."""
        home = self._home
        if not await asyncio.to_thread(self._waits):
            self._preparing.rest()
            return False
        if self._channels is None:
            self._channels = await self._open.enter_async_context(telling.channels(home))
        sent = await deliver(
            home.engine,
            home.now,
            home.settings,
            home.policy,
            self._channels,
            channel=self._channel,
            stopped=self._stopped,
            preparing=self._preparing,
        )
        if sent != Delivered():  # what waits for its channel or its minute is looked at twice a second
            log.info("clock.delivered", sent=sent.sent, failed=sent.failed, cancelled=sent.cancelled)
        return True

    def _waits(self) -> bool:
        home = self._home
        return waits(home.engine, home.settings, home.now(), self._channel) and _adopted(home)

    async def close(self) -> None:
        self._preparing.close()
        await self._open.aclose()
