"""A way in that is kept open (mailbox, Slack's socket): away for long it is an incident, until it is back."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from kamflow.store import engine as db
from kamflow.store import incidents
from kamflow.web.site import Site

log = structlog.get_logger()


class WayIn:
    """`key` is the incident's: `channel:mailbox`, `channel:socket`."""

    def __init__(self, site: Site, key: str) -> None:
        self._site = site
        self._key = key
        self._away_since: datetime | None = None
        self._open: bool | None = None  # whether the incident is; at first nobody knows

    async def away(self, cause: str) -> None:
        """Note that it cannot be reached; operations hear of it if that lasts."""
        now = self._site.now()
        self._away_since = min(self._away_since or now, now)
        if now - self._away_since >= timedelta(minutes=self._site.settings.operations.channel_minutes):
            await asyncio.to_thread(self._say, True, cause)

    async def there(self) -> None:
        """Note that it is open."""
        self._away_since = None
        if self._open is not False:
            await asyncio.to_thread(self._say, False)

    def _say(self, is_away: bool, cause: str = "") -> None:
        now = self._site.now()
        try:
            with db.write(self._site.engine) as session:
                if is_away:
                    incidents.report(session, self._key, "channel", {"cause": cause}, now)
                else:
                    incidents.over(session, self._key, now)
        except SQLAlchemyError as error:
            log.warning("way_in.not_noted", incident=self._key, error=type(error).__name__)
            return
        self._open = is_away
