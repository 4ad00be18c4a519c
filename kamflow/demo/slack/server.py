"""A Slack-compatible Web API and Socket Mode on loopback, for tests, bench and demo: it keeps the posts and
shows no one.

Point `slack.api_url` at `SlackServer.url`. A `rule` answers, fails, hangs or hangs up in Slack's place.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from aiohttp import web

from kamflow.demo.own_thread import in_own_thread
from kamflow.demo.slack.hands import Hands
from kamflow.demo.slack.link import Link
from kamflow.demo.slack.methods import METHODS, SCOPES
from kamflow.demo.slack.outcome import Done, Rule, refusal
from kamflow.demo.slack.outcome import answer as answered_by
from kamflow.demo.slack.replies import Replies
from kamflow.demo.slack.workspace import (
    Conversation,
    Payload,
    Post,
    SlackError,
    SlackUser,
    Whisper,
    Workspace,
)

TOKEN = "xoxb-demo"  # noqa: S105 - opens nothing but this server
APP_TOKEN = "xapp-demo"  # noqa: S105 - likewise
OPEN = "apps.connections.open"


class SlackServer(Hands):
    """Serves one workspace; `posts`, `whispers` and `calls` tell what happened, `Hands` what people can do.

    `channels` are ids of channels (C…) the app is a member of. `enforce_limits` adds Slack's limits over
    time and on the whole message; those on blocks always hold. `rule(method, payload)` returns what to do
    instead, None: as usual; faults.py has what Slack is known for. `scopes` are those the app was granted,
    None: all. `now` dates the posts, and kamflow looks for a lost one only from before its message was made;
    without it they are of 7 September 2026.
    """

    def __init__(
        self,
        users: Iterable[SlackUser] = (),
        *,
        channels: Iterable[str] = (),
        token: str = TOKEN,
        enforce_limits: bool = False,
        rule: Rule | None = None,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__()
        self.workspace = Workspace({user.id: user for user in users}, clock, enforce_limits, now)
        self.workspace.conversations.update({channel: Conversation(channel) for channel in channels})
        self.calls: list[tuple[str, Payload]] = []
        self.rule = rule
        self.token = token
        self.app_token = APP_TOKEN
        self.scopes: Collection[str] | None = None
        self.link = Link()
        self.replies = Replies(self.workspace)
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._hanging = 0
        self._stopping = asyncio.Event()

    @property
    def posts(self) -> list[Post]:
        """Every post, oldest first."""
        return self.workspace.posts

    @property
    def whispers(self) -> list[Whisper]:
        """What single users were told, oldest first."""
        return self.workspace.whispers

    @property
    def talking(self) -> int:
        """How many connections are open, without those that are left hanging."""
        server = self._runner.server if self._runner else None
        return len(server.connections) - self._hanging if server else 0

    def to(self, email: str) -> list[Post]:
        """The posts one person got, oldest first."""
        return [post for post in self.posts if post.user and post.user.email.lower() == email.lower()]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; 0 finds a free port and `url` says which."""
        self._stopping = asyncio.Event()  # it belongs to a loop, and the next start may be on another
        self.loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._handle)
        app.router.add_get("/link", self.link.serve)
        app.router.add_post("/reply/{number}", self._replied)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}/api/"

    async def stop(self) -> None:
        """Stop listening, let go of what hangs; what was posted stays."""
        self._stopping.set()
        await self.link.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            payload = await _payload(request)
            self.calls.append((method, payload))
            self.happened()
            outcome = self.rule(method, payload) if self.rule else None
            if outcome in ("drop", "hang"):
                return await self._vanish(request, outcome == "hang")
            said = answered_by(outcome)
            if said is None or isinstance(outcome, Done):
                done = self._answer(method, payload, request)
                said = said or done
        except SlackError as error:
            return refusal(error)
        if outcome in ("drop answer", "hang answer"):
            return await self._vanish(request, outcome == "hang answer")
        return said

    def reply_url(self, channel: str, user: str, ts: str | None) -> str:
        """Where the app may answer what a user did, without a token."""
        return f"{self.url.removesuffix('/api/')}/reply/{self.replies.expect(channel, user, ts)}"

    def answered(self, channel: str, user: str, ts: str | None, said: Payload) -> None:
        self.replies.said(channel, user, ts, said)
        self.happened()

    async def _replied(self, request: web.Request) -> web.StreamResponse:
        try:
            self.replies.answer(request.match_info["number"], await _payload(request))
        except SlackError as error:
            return web.json_response(error.answer(), status=404)
        self.happened()
        return web.Response(text="ok")

    def _answer(self, method: str, payload: Payload, request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ") or payload.get("token")
        if not given:
            raise SlackError("not_authed")
        if given not in (self.token, self.app_token):
            raise SlackError("invalid_auth")
        if (given == self.app_token) != (method == OPEN):
            raise SlackError("not_allowed_token_type")
        needed = SCOPES.get(method)
        if self.scopes is not None and needed is not None and needed not in self.scopes:
            raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))
        if method == OPEN:
            socket = self.url.replace("http", "ws", 1).replace("/api/", "/link")
            return web.json_response({"ok": True, "url": f"{socket}?ticket={self.link.ticket()}"})
        if method not in METHODS:
            raise SlackError("unknown_method")
        self.workspace.called(method)
        answer = METHODS[method](self.workspace, payload)
        self.happened()
        granted = {*SCOPES.values(), "commands"} if self.scopes is None else self.scopes
        return web.json_response(
            {"ok": True, **answer}, headers={"x-oauth-scopes": ",".join(sorted(granted))}
        )

    async def _vanish(self, request: web.Request, hang: bool) -> web.StreamResponse:
        if hang:
            self._hanging += 1
            try:
                await self._stopping.wait()
            finally:
                self._hanging -= 1
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


@contextmanager
def running_slack(server: SlackServer | None = None, port: int = 0) -> Iterator[SlackServer]:
    """A server (of your own making, or one without users) that runs in its own thread within the block."""
    server = server or SlackServer()
    with in_own_thread(server, port):
        yield server


async def _payload(request: web.Request) -> Payload:
    """Read query, form or JSON; in a form, objects come as JSON."""
    if request.content_type != "application/json":
        form = await request.post()
        return {**request.query, **{name: _field(name, value) for name, value in form.items()}}
    try:
        sent = json.loads(await request.text() or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(sent, dict):
        raise SlackError("json_not_object")
    return {**request.query, **sent}


def _field(name: str, value: object) -> object:
    if name not in ("blocks", "attachments", "metadata", "view"):
        return value
    try:
        return json.loads(str(value))
    except ValueError:
        raise SlackError(f"invalid_{name}_format") from None
