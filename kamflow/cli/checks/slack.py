"""Slack: whose token it is, which scopes it has not, whether the WebSocket opens."""

import asyncio
from collections.abc import Iterator

import aiohttp

from flows.runtime import Home
from kamflow import outward
from kamflow.cli.checks.finding import Finding
from kamflow.web.slack import scopes
from kamflow.web.slack.door import web_client
from kamflow.web.slack.failures import FAILURES, named

SECONDS = 15
TODO = "look at KAMFLOW_SLACK__TOKEN, at http.proxy and http.ca_bundle"
AGAIN = "take the manifest of `kamflow slack manifest` over into the app, and install the app once more"


def slack(home: Home) -> Iterator[Finding]:
    """The bot's token and its scopes, then the app's token."""
    settings = home.settings.slack
    if settings.token is None:
        yield Finding("slack", "ok", "not used (KAMFLOW_SLACK__TOKEN)")
        return
    try:
        team, granted = asyncio.run(_asked(home))
    except FAILURES as error:
        yield Finding("slack", "wrong", f"auth.test on {settings.api_url}: {named(error)}", TODO)
        return
    yield Finding("slack", "ok", f"the token is of the workspace {team}")
    missing = [each for each in scopes.needed(home.settings) if each not in granted]
    for scope in missing:
        yield Finding("slack", "wrong", f"the app has not the scope {scope}", AGAIN)
    if not missing:
        yield Finding("slack", "ok", "the app has every scope that kamflow uses")
    yield from _heard(home)


async def _asked(home: Home) -> tuple[str, set[str]]:
    client = web_client(home.settings)
    said = await asyncio.wait_for(client.auth_test(), SECONDS)
    header = next((value for name, value in said.headers.items() if name.lower() == "x-oauth-scopes"), "")
    return str(said.get("team")), {each.strip() for each in header.split(",")}


def _heard(home: Home) -> Iterator[Finding]:
    """Whether clicks would reach us."""
    settings = home.settings.slack
    if settings.app_token is None:
        if settings.signing_secret is None:
            todo = "set KAMFLOW_SLACK__APP_TOKEN (docs/slack.md), or leave it: posts carry links then"
            yield Finding("slack", "mind", "no app token: posts have no buttons", todo)
        else:
            yield Finding("slack", "ok", "clicks come as requests; whether Slack reaches us it alone can say")
        return
    try:
        asyncio.run(asyncio.wait_for(_opened(home, settings.app_token.get_secret_value()), SECONDS))
    except FAILURES as error:
        todo = "the app-level token needs connections:write; let the proxy pass WebSockets (wss)"
        yield Finding("slack", "wrong", f"Socket Mode does not connect: {named(error)}", todo)
    else:
        yield Finding("slack", "ok", "Socket Mode connects")


async def _opened(home: Home, app_token: str) -> None:
    client = web_client(home.settings)
    said = await client.apps_connections_open(app_token=app_token)
    url = str(said["url"])
    by = {"proxy": outward.way(home.settings).proxy_to(url), "ssl": client.ssl or True}
    async with aiohttp.ClientSession() as session, session.ws_connect(url, **by) as socket:
        await socket.receive()  # Slack's hello
