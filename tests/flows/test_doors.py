"""Both listeners as a process would open them, and what stands beside them."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from structlog.testing import capture_logs

from flows import doors
from flows.runtime import Home
from kamflow.errors import ConfigError
from kamflow.knobs import Mailbox, Slack, Web
from tests.ports import free_port
from tests.world import World


@pytest.fixture
def home(sqlite_engine: Engine) -> Home:
    home = World(sqlite_engine).home()
    web = home.settings.web.model_copy(
        update={"public_listen": f"127.0.0.1:{free_port()}", "internal_listen": f"127.0.0.1:{free_port()}"}
    )
    return replace(home, settings=home.settings.model_copy(update={"web": web, "secret_key": SecretStr("x")}))


def setting(home: Home, **more: Any) -> Home:
    return replace(home, settings=home.settings.model_copy(update=more))


async def opened(home: Home, doing: Callable[[], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    standing = asyncio.create_task(doors.run(home, stop))
    try:
        await doing()
    finally:
        stop.set()
        await asyncio.wait_for(standing, 50)


async def answer(listen: str, path: str = "/nothing") -> httpx.Response:
    async with httpx.AsyncClient(timeout=30) as client, asyncio.timeout(50):
        while True:
            try:
                return await client.get(f"http://{listen}{path}", headers={"x-forwarded-for": "203.0.113.7"})
            except httpx.ConnectError:
                await asyncio.sleep(0.02)


def test_both_doors_open_and_close_and_neither_says_what_serves_it(home: Home) -> None:
    web = home.settings.web

    async def look() -> None:
        for listen in (web.public_listen, web.internal_listen):
            said = await answer(listen)
            assert (said.status_code, said.headers.get("server")) == (404, None)

    asyncio.run(opened(home, look))

    for listen in (web.public_listen, web.internal_listen):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", int(listen.rpartition(":")[2])), 1)


def test_a_listener_has_a_limit_and_lets_go_of_who_only_holds_a_connection() -> None:
    async def nothing(*_: Any) -> None:
        raise AssertionError

    config = doors.listener(nothing, ()).config

    assert (config.limit_concurrency, config.timeout_keep_alive) == (1_000, 15)


def test_an_address_in_use_is_said_with_the_setting_to_change(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        web = home.settings.web.model_copy(update={"internal_listen": f"127.0.0.1:{other.getsockname()[1]}"})
        with pytest.raises(
            ConfigError, match=r"web\.internal_listen 127\.0\.0\.1:.* already in use; stop what"
        ):
            asyncio.run(doors.run(setting(home, web=web), asyncio.Event()))


def test_slack_and_the_mailbox_are_taken_up_where_they_are_set_up_and_again_when_they_fail(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    both = asyncio.Event()

    async def connect(site: Any) -> None:
        taken.append("slack")
        if taken.count("slack") == 1:
            raise OSError("no")
        both.set()
        await asyncio.Event().wait()

    @asynccontextmanager
    async def watch(site: Any):
        taken.append("mailbox")
        try:
            yield
        finally:
            taken.append("mailbox closed")

    ways = {"kamflow.web.slack.socket": connect, "kamflow.web.mailbox.watch": watch}
    modules = {name: type("Module", (), {way.__name__: staticmethod(way)}) for name, way in ways.items()}
    monkeypatch.setattr(doors, "import_module", modules.__getitem__)
    monkeypatch.setattr(doors, "FIRST_PAUSE", 0.0)
    token = SecretStr("x")
    ready = setting(home, slack=Slack(token=token, app_token=token), mailbox=Mailbox(host="imap.example.com"))
    with capture_logs() as logs:
        asyncio.run(opened(ready, both.wait))

    assert sorted(taken) == ["mailbox", "mailbox closed", "slack", "slack"]
    assert [each["way"] for each in logs if each["event"] == "doors.lost"] == ["slack"]


@pytest.mark.parametrize(
    ("listen", "url", "open_to_ears"),
    [
        ("127.0.0.1:8411", None, False),
        ("localhost:8411", "http://kamflow.example.com", False),
        ("0.0.0.0:8411", "http://kamflow.example.com", True),
        ("192.0.2.1:8411", None, True),
        ("0.0.0.0:8411", "https://kamflow.example.com", False),
    ],
)
def test_pages_for_our_own_people_without_encryption_beyond_this_machine_are_noticed(
    listen: str, url: str | None, open_to_ears: bool
) -> None:
    assert doors.unencrypted(Web(internal_listen=listen, internal_url=url)) is open_to_ears
