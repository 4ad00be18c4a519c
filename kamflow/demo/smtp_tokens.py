"""A server that hands out tokens for the login at a mail server (OAuth 2.0, client credentials), on loopback.

`SmtpCatcher(tokens=server.live)` takes those it gave out and has not revoked.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from kamflow.demo.own_thread import in_own_thread

CLIENT, SECRET = "kamflow-demo", "demo-secret"


class TokenServer:
    """Gives `client` tokens for its secret; `live` are those that count, `asked` is how often it was asked.

    `fails` is answered instead: a status and what is said with it.
    """

    def __init__(self, client: str = CLIENT, secret: str = SECRET, expires_in: int | None = 3600) -> None:
        self.client = client
        self.secret = secret
        self.expires_in = expires_in
        self.live: set[str] = set()
        self.scopes: list[str] = []
        self.asked = 0
        self.fails: tuple[int, str] | None = None
        self.url = ""
        self._runner: web.AppRunner | None = None

    def revoke(self) -> None:
        """Let none of those given out count any more."""
        self.live.clear()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; `url` says where."""
        app = web.Application()
        app.router.add_post("/token", self._token)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}/token"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.asked += 1
        if self.fails is not None:
            status, said = self.fails
            return web.Response(status=status, text=said)
        if (form.get("client_id"), form.get("client_secret")) != (self.client, self.secret):
            said = {"error": "invalid_client", "error_description": "the secret is wrong Trace ID: 1"}
            return web.json_response(said, status=401)
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        self.scopes.append(str(form.get("scope", "")))
        token = f"token-{self.asked}"
        self.live.add(token)
        lasts = {} if self.expires_in is None else {"expires_in": self.expires_in}
        return web.json_response({"access_token": token, "token_type": "Bearer", **lasts})


@contextmanager
def running_tokens(server: TokenServer | None = None) -> Iterator[TokenServer]:
    """A server that runs in its own thread within the block."""
    server = server or TokenServer()
    with in_own_thread(server):
        yield server
