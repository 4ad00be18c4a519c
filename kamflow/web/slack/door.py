"""What everything that comes in from Slack is handed: the site, Slack's API, who is who.

Work with the database is done in threads, so that Slack is answered within its three seconds whatever waits
for a lock.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from kamflow import outward
from kamflow.settings import Settings
from kamflow.store import slack_people
from kamflow.web.site import Site
from kamflow.web.slack.failures import FAILURES, named
from kamflow.web.slack.member import Member
from kamflow.web.slack.posts import Posts
from notifications.channels.slack_people import CACHED_FOR

T = TypeVar("T")
log = structlog.get_logger()

# Clicks that are remembered, to know one that Slack tells again.
MOST_CLICKS = 2000
ACK_WITHIN = 2.5  # seconds; Slack waits three


class Door:
    """One for a running kamflow; it keeps nothing that a restart may not forget."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = web_client(site.settings)
        self.way = outward.way(site.settings)
        self.posts = Posts(self.client)
        self._emails: dict[str, tuple[str, datetime]] = {}
        self._told: OrderedDict[str, None] = OrderedDict()

    async def member(self, slack_id: str) -> Member | None:
        """Who of our people this is: by their id of Slack's, else by their e-mail address there."""
        known = await asyncio.to_thread(self._by, slack_people.by_slack_id, slack_id)
        if known is None:
            email = await self._email(slack_id)
            known = await asyncio.to_thread(self._by, slack_people.by_email, email) if email else None
        if known is None:
            log.warning("slack.unknown", user=slack_id)
        return known

    async def work(self, doing: Callable[..., T], *arguments: Any) -> T:
        """Do something with the database in a thread."""
        return await asyncio.to_thread(doing, *arguments)

    def again(self, key: str) -> bool:
        """Tell whether Slack has told of this click before."""
        known = key in self._told
        self._told[key] = None
        while len(self._told) > MOST_CLICKS:
            self._told.popitem(last=False)
        return known

    async def answer(self, url: str | None, **more: Any) -> None:
        """Answer what somebody did, to them alone."""
        said: dict[str, Any] = {"response_type": "ephemeral", "replace_original": False} | more
        if url is not None and self._slack_s(url):
            hook = AsyncWebhookClient(
                url,
                timeout=int(self.site.settings.slack.timeout),
                ssl=self.client.ssl,
                logger=quiet_log(),
                retry_handlers=[],
            )
            hook.proxy = self.way.proxy_to(url)
            await hook.send_dict(said)

    def _slack_s(self, url: str) -> bool:
        """Whether an address to answer to is Slack's own: nothing is posted to another one."""
        host, own = urlsplit(url).hostname or "", urlsplit(self.site.settings.slack.api_url).hostname
        return host == own or (url.startswith("https://") and host.endswith(".slack.com"))

    def _by(self, find: Callable[..., slack_people.SlackPerson | None], what: str) -> Member | None:
        with self.site.reading() as session:
            found = find(session, what, self.site.today)
        return Member.of(found, self.site) if found else None

    async def _email(self, slack_id: str) -> str | None:
        """Their address in Slack; people change it, so it is asked for again after half a day."""
        email, until = self._emails.get(slack_id, ("", self.site.now()))
        if self.site.now() < until:
            return email
        try:
            said = await self.client.users_info(user=slack_id)
        except FAILURES as error:
            log.warning("slack.no_user", user=slack_id, error=named(error))
            return None
        user: dict[str, Any] = said.get("user") or {}
        if user.get("deleted") or user.get("is_bot"):
            return None
        email = str((user.get("profile") or {}).get("email") or "")
        self._emails[slack_id] = email, self.site.now() + timedelta(seconds=CACHED_FOR.total_seconds())
        return email or None


def web_client(settings: Settings) -> AsyncWebClient:
    """Slack's API; what it says is busy is tried again, nothing else: an answer may have been lost."""
    slack, way = settings.slack, outward.way(settings)
    client = AsyncWebClient(
        token=slack.token.get_secret_value() if slack.token else None,
        base_url=slack.api_url,
        timeout=int(slack.timeout),
        ssl=way.tls(),
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
        logger=quiet_log(),
    )
    # Not in the constructor: there None means HTTPS_PROXY, whatever NO_PROXY says.
    client.proxy = way.proxy_to(slack.api_url)
    return client


def quiet_log() -> logging.Logger:
    """The SDK's own log: at DEBUG it would write whole messages."""
    quiet = logging.getLogger("kamflow.slack_sdk")
    quiet.setLevel(logging.WARNING)
    return quiet
