"""Login by XOAUTH2: a token from the company's own server, kept, renewed, refused with what to check."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.demo.smtp_tokens import CLIENT, SECRET, TokenServer, running_tokens
from kamflow.errors import Temporary
from notifications.channels.email import EmailChannel
from notifications.channels.email_oauth import Token
from tests.notifications.channels.certificates import contexts
from tests.notifications.channels.conftest import Mailing, a_mail


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with running_tokens() as server:
        yield server


def login(tokens: TokenServer, **changes: object) -> dict[str, Any]:
    oauth = {"token_url": tokens.url, "client_id": CLIENT, "client_secret": SECRET, "scope": "smtp"}
    return {"tls": "starttls", "auth": "oauth", "user": "kam@example.com", "oauth": oauth | changes}


def sends(
    mailing: Mailing,
    tmp_path: Path,
    catcher_tokens: set[str],
    settings: dict[str, Any],
    act: Callable[[EmailChannel], Awaitable[object]] | None = None,
) -> SmtpCatcher:
    """Send four mails at once over TLS, or do what `act` says."""
    server, trusting = contexts(tmp_path)
    catcher = SmtpCatcher(tls=server, tokens=catcher_tokens)

    async def run() -> None:
        async with mailing(catcher, trusting, **settings) as channel:
            if act is not None:
                await act(channel)
            else:
                await asyncio.gather(*(channel.send(a_mail(number)) for number in range(4)))

    asyncio.run(run())
    return catcher


def refusal(*args: Any) -> Temporary:
    with pytest.raises(Temporary) as raised:
        sends(*args, lambda channel: channel.send(a_mail()))
    assert SECRET not in str(raised.value)
    return raised.value


def test_all_connections_log_in_with_one_token(mailing: Mailing, tmp_path: Path, tokens: TokenServer):
    catcher = sends(mailing, tmp_path, tokens.live, login(tokens) | {"connections": 4})

    assert (catcher.connections, len(catcher.counts), tokens.asked) == (4, 4, 1)
    assert tokens.scopes == ["smtp"]


@pytest.mark.parametrize(("expires_in", "asked"), [(3600, 1), (None, 1), (0, 3)])
def test_a_token_is_renewed_before_its_end(
    mailing: Mailing, tmp_path: Path, tokens: TokenServer, expires_in: int | None, asked: int
):
    tokens.expires_in = expires_in

    async def three(channel: EmailChannel) -> None:
        for number in range(3):
            await channel.send(a_mail(number))

    sends(mailing, tmp_path, tokens.live, login(tokens) | {"per_connection": 1}, three)

    assert tokens.asked == asked


def test_a_token_is_not_shown():
    assert "secret" not in repr(Token("secret", 0.0))


def test_a_token_revoked_meanwhile_is_replaced_at_once(mailing: Mailing, tmp_path: Path, tokens: TokenServer):
    async def revoked_in_between(channel: EmailChannel) -> None:
        await channel.send(a_mail(1))
        tokens.revoke()
        await channel.send(a_mail(2))

    settings = login(tokens) | {"per_connection": 1}
    catcher = sends(mailing, tmp_path, tokens.live, settings, revoked_in_between)

    assert (len(catcher.counts), tokens.asked) == (2, 2)


def test_a_new_token_that_is_refused_names_the_setting_to_check(
    mailing: Mailing, tmp_path: Path, tokens: TokenServer
):
    error = refusal(mailing, tmp_path, set(), login(tokens))

    assert (error.cause, tokens.asked) == ("login-refused", 1)
    assert "smtp.oauth.client_id" in str(error)
    assert "535" in str(error)


@pytest.mark.parametrize(
    ("fails", "changes", "named"),
    [
        (None, {"client_secret": "expired"}, "invalid_client.*KAMFLOW_SMTP__OAUTH__CLIENT_SECRET"),
        ((400, '{"error": "invalid_scope"}'), {}, r"invalid_scope.*smtp\.oauth\.scope"),
        ((200, "{}"), {}, r"200"),
        ((200, '["access_token"]'), {}, r"200"),
        ((502, "<html>bad gateway</html>"), {}, r"smtp\.oauth\.token_url"),
        (None, {"token_url": "http://127.0.0.1:1/token"}, r"ConnectError.*http\.proxy"),
    ],
)
def test_no_token_names_the_setting_to_check(
    mailing: Mailing,
    tmp_path: Path,
    tokens: TokenServer,
    fails: tuple[int, str] | None,
    changes: dict[str, str],
    named: str,
):
    tokens.fails = fails

    with pytest.raises(Temporary, match=named) as raised:
        sends(mailing, tmp_path, tokens.live, login(tokens, **changes))

    assert (raised.value.cause, tokens.asked <= 1) == ("no-token", True)


def test_a_server_without_xoauth2_is_a_refused_login(mailing: Mailing, tmp_path: Path, tokens: TokenServer):
    server, trusting = contexts(tmp_path)
    catcher = SmtpCatcher(tls=server, credentials=("kam", "x"))

    async def run() -> None:
        async with mailing(catcher, trusting, **login(tokens)) as channel:
            await channel.send(a_mail())

    with pytest.raises(Temporary) as raised:
        asyncio.run(run())
    assert raised.value.cause == "login-refused"
