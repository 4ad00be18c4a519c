"""Calls of Slack's Web API: each in its turn, each failure with what it means.

The SDK has no retry handler, not even its own for rate limits: that one sleeps within one call, unseen by
the others, which go on and are refused as well. Here a 429 stops all calls at once, and the outbox, which
owns all retries, hears for how long.
"""

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from kamflow.errors import DeliveryError, Temporary
from kamflow.outward import Way
from kamflow.settings import Slack
from notifications.channels import slack_answers as answers
from notifications.channels.slack_pace import Pace

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class Calls:
    """The connection to one workspace, opened at the first call."""

    def __init__(self, settings: Slack, token: str, way: Way, pace: Pace) -> None:
        self._settings = settings
        self._token = token
        self._way = way
        self._pace = pace
        self._client: AsyncWebClient | None = None

    async def call(
        self, method: str, payload: Mapping[str, Any], *, form: bool = False, conversation: str | None = None
    ) -> dict[str, Any]:
        """What Slack answers. Methods that only read take no JSON, but a `form`; a post names its
        `conversation`, in which it waits for its turn.

        Raises:
            Temporary, Permanent, Ambiguous: see slack_answers.
        """
        try:
            async with self._pace.turn(method, conversation):
                return await self._called(method, payload, form=form)
        except DeliveryError as error:
            if error.cause != answers.GONE or method == "auth.test":
                raise
        raise await self._whose_account(method)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None and self._client.session is not None:
            await self._client.session.close()
        self._client = None

    async def _called(self, method: str, payload: Mapping[str, Any], *, form: bool) -> dict[str, Any]:
        # Always in the body: an address in a URL ends up in the logs of proxies.
        body: dict[str, Any] = {"data" if form else "json": dict(payload)}
        try:
            answer = await self._connected().api_call(method, **body)
        except SlackApiError as error:
            meant = answers.refused(method, error.response)
            if isinstance(meant, Temporary) and meant.retry_after is not None:
                self._pace.pause(meant.retry_after)
            raise meant from error
        except _NOT_SENT as error:
            raise Temporary(f"Slack cannot be reached: {error}", cause="slack-unreachable") from error
        except aiohttp.ClientHttpProxyError as error:
            # The proxy let us through to nobody. Not the error's own text: a proxy's URL may hold a password.
            raise Temporary(f"the proxy refused: {error.status}", cause="slack-unreachable") from error
        except (aiohttp.ClientError, OSError) as error:
            raise answers.lost(method, f"no answer ({type(error).__name__})") from error
        except (AttributeError, ValueError) as error:
            # The SDK stumbles over a body that is no JSON object.
            raise answers.lost(method, "an answer that is not Slack's") from error
        data = answer.data
        assert isinstance(data, dict)  # noqa: S101 - what `validate` of the SDK has made sure
        return data

    async def _whose_account(self, method: str) -> DeliveryError:
        """An account is gone: ours, or that of the person. Only of ours the token knows."""
        try:
            await self.call("auth.test", {})
        except DeliveryError as error:
            return answers.token_refused(method, answers.GONE) if error.cause == answers.GONE else error
        return answers.nobody(method, answers.GONE)

    def _connected(self) -> AsyncWebClient:
        # Not in the constructor: a session belongs to the running loop.
        if self._client is None:
            seconds = self._settings.timeout
            timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds / 2)
            url = self._settings.api_url
            quiet = logging.getLogger("kamflow.slack_sdk")
            quiet.setLevel(logging.WARNING)  # at DEBUG the SDK logs whole messages
            self._client = AsyncWebClient(
                token=self._token,
                base_url=url,
                ssl=self._way.tls() if url.startswith("https:") else None,
                session=aiohttp.ClientSession(timeout=timeout),
                retry_handlers=[],
                logger=quiet,
            )
            # Not in the constructor: there None means HTTPS_PROXY, whatever NO_PROXY says.
            self._client.proxy = self._way.proxy_to(url)
        return self._client
