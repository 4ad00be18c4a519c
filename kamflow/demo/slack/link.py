"""The other end of Socket Mode: tickets, WebSockets, envelopes and their acknowledgement."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

from kamflow.demo.slack.workspace import Payload

ACK_SECONDS = 3.0
ATTEMPTS = 3
APP = "A0DEMO"
DEBUG = {"host": "applink-demo", "build_number": 1, "approximate_connection_time": 18060}


class NotAcknowledged(Exception):
    """The app did not answer within three seconds, however often it was asked."""


@dataclass
class Link:
    """Every open WebSocket of the app; the newest one gets what happens.

    `sent` are the envelopes, `late` the ids of those that were sent again, `alone` how often nobody was left.
    """

    sent: list[Payload] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    alone: int = 0
    ack_seconds: float = ACK_SECONDS
    attempts: int = ATTEMPTS

    def __post_init__(self) -> None:
        self._sockets: list[web.WebSocketResponse] = []
        self._tickets: set[str] = set()
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._here = asyncio.Event()
        self._joined = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many WebSockets are open."""
        return len(self._sockets)

    def ticket(self) -> str:
        """What opens one WebSocket, once."""
        made = f"ticket-{next(self._numbers)}"
        self._tickets.add(made)
        return made

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One WebSocket until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=10)
        await socket.prepare(request)
        self._sockets.append(socket)
        hello = {"type": "hello", "num_connections": len(self._sockets), "connection_info": {"app_id": APP}}
        try:
            await socket.send_json(hello | {"debug_info": DEBUG})
            self._here.set()
            self._joined.set()
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            self._sockets.remove(socket)
            if not self._sockets:
                self._here.clear()
                self.alone += 1
            self._joined.set()
        return socket

    async def connected(self, seconds: float = 30) -> None:
        """Wait until the app is there."""
        await asyncio.wait_for(self._here.wait(), seconds)

    async def deliver(self, kind: str, payload: Payload, *, answers: bool = False) -> Payload:
        """Hand an envelope over, and again where it is not acknowledged in time; return what the app said.

        Raises:
            NotAcknowledged: the app never did.
        """
        number = f"envelope-{next(self._numbers)}"
        envelope: dict[str, Any] = {
            "envelope_id": number,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": answers,
        }
        for attempt in range(self.attempts):
            if attempt:
                envelope |= {"retry_attempt": attempt, "retry_reason": "timeout"}
                self.late.append(number)
            with suppress(TimeoutError, ConnectionError):
                return await self._handed_over(number, envelope)
        raise NotAcknowledged(f"{kind} was not acknowledged within {self.ack_seconds} s")

    async def again(self, envelope: Payload) -> Payload:
        """Hand over once more what was acknowledged before, as Slack does when the answer was lost."""
        repeated = {**envelope, "retry_attempt": 1, "retry_reason": "timeout"}
        return await self._handed_over(envelope["envelope_id"], repeated)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, as Slack does every few hours; close the old connections then."""
        old = list(self._sockets)
        self._joined.clear()
        for socket in old:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": DEBUG})
        await asyncio.wait_for(self._joined.wait(), 30)
        for socket in old:
            await socket.close()

    async def hang_up(self) -> None:
        """Close every WebSocket without a word."""
        for socket in list(self._sockets):
            await socket.close()

    async def _handed_over(self, number: str, envelope: Payload) -> Payload:
        await self.connected(self.ack_seconds)
        self.sent.append(envelope)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._sockets[-1].send_json(envelope)
            return await asyncio.wait_for(answer, self.ack_seconds)
        finally:
            self._waiting.pop(number, None)

    def _acknowledged(self, said: Payload) -> None:
        answer = self._waiting.get(str(said.get("envelope_id")))
        if answer is not None and not answer.done():
            answer.set_result(said.get("payload") or {})
