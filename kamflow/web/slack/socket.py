"""Socket Mode: Slack reaches us through a connection that we open, so that no port is open to the world.

The SDK's own client keeps asking with a ticket that has expired, and writes tickets into the log; this one
asks for a new ticket each time. Slack announces before it closes a connection: then the new one stands first.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from kamflow.web.site import Site
from kamflow.web.slack.app import bolt
from kamflow.web.slack.door import Door, log
from kamflow.web.slack.failures import FAILURES, named
from kamflow.web.way_in import WayIn

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY = 10.0  # seconds; what is lost sooner is not opened again at once: something on the way cuts it off
HEARTBEAT = 10.0  # seconds after which a silent connection is asked whether it is still there
CLOSING = 5.0


async def connect(site: Site) -> None:
    """Hear what people do in Slack until cancelled; return at once where Socket Mode is not set up."""
    settings = site.settings.slack
    if settings.token is None or settings.app_token is None:
        return
    door = Door(site)
    socket = Socket(door, settings.app_token.get_secret_value())
    # One session for all calls: a click is not to wait for a new connection each time.
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=settings.timeout)) as session:
        door.client.session = session
        try:
            await socket.run()
        finally:
            await socket.close()


class Socket:
    """One connection at a time, and for a moment two."""

    def __init__(self, door: Door, app_token: str) -> None:
        self._way_in = WayIn(door.site, "channel:socket")
        self._door = door
        self._app: AsyncApp = bolt(door)
        self._app_token = app_token
        self._working: set[asyncio.Task[None]] = set()
        self._listening: set[asyncio.Task[None]] = set()
        self._open: set[aiohttp.ClientWebSocketResponse] = set()

    async def run(self) -> None:
        """Connect, and again whenever the connection is lost."""
        pause = FIRST_PAUSE
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    socket = await self._opened(session)
                except FAILURES as error:
                    log.warning("slack.not_connected", error=named(error), again_in=pause)
                    await self._way_in.away(named(error))
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                    continue
                log.info("slack.connected")
                await self._way_in.there()
                leaving, begun = asyncio.Event(), monotonic()
                listening = asyncio.create_task(self._listen(socket, leaving))
                self._listening.add(listening)
                listening.add_done_callback(self._listening.discard)
                await leaving.wait()
                if monotonic() - begun >= STEADY:
                    pause = FIRST_PAUSE
                    continue
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def close(self) -> None:
        """Let what was clicked be finished, then let go."""
        for task in list(self._listening):
            task.cancel()
        if self._working:
            await asyncio.wait(self._working, timeout=CLOSING)
        for task in list(self._working):
            task.cancel()
        await asyncio.gather(*self._listening, *self._working, return_exceptions=True)
        for socket in list(self._open):  # of a task that ended before it began
            await self._shut(socket)

    async def _opened(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        said = await self._door.client.apps_connections_open(app_token=self._app_token)
        url, tls = str(said["url"]), self._door.client.ssl
        proxy = self._door.way.proxy_to(url)
        socket = await session.ws_connect(url, heartbeat=HEARTBEAT, proxy=proxy, ssl=tls or True)
        self._open.add(socket)
        return socket

    async def _shut(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._open.discard(socket)
        with suppress(Exception):
            await socket.close()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, leaving: asyncio.Event) -> None:
        """Take envelopes until the connection is closed; `leaving` is set when another one is needed."""
        try:
            async for message in socket:
                if message.type != aiohttp.WSMsgType.TEXT:
                    continue
                envelope = json.loads(message.data)
                if envelope.get("type") == "disconnect":
                    leaving.set()  # Slack closes this one soon; until then it may still say something
                elif envelope.get("envelope_id"):
                    self._begin(self._taken(socket, envelope))
        finally:
            leaving.set()
            await self._shut(socket)

    def _begin(self, doing: Any) -> None:
        task = asyncio.create_task(doing)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _taken(self, socket: aiohttp.ClientWebSocketResponse, envelope: Mapping[str, Any]) -> None:
        """Hand an envelope to Bolt and its answer to Slack."""
        request = AsyncBoltRequest(
            mode="socket_mode", body=envelope.get("payload") or {}, headers=_retry(envelope)
        )
        answer = await self._app.async_dispatch(request)
        if answer.status != 200:
            log.warning("slack.not_taken", kind=str(envelope.get("type")), status=answer.status)
            if envelope.get("type") != "events_api":
                return  # so that Slack tells whoever clicked that it did not work
        said: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if answer.status == 200 and answer.body:
            said["payload"] = json.loads(answer.body)
        with suppress(ConnectionError):  # Slack then hands it over once more
            await socket.send_json(said)


def _retry(envelope: Mapping[str, Any]) -> dict[str, str | Sequence[str]]:
    number = envelope.get("retry_attempt")
    return {"x-slack-retry-num": str(number)} if number else {}
