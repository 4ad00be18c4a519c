import asyncio
import gc
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.errors import Temporary
from kamflow.outward import Way
from kamflow.settings import Smtp
from notifications.channels.email_login import connect
from notifications.channels.email_oauth import Token, Tokens
from tests.notifications.channels.certificates import contexts
from tests.notifications.channels.conftest import Mailing, a_mail
from tests.notifications.channels.hourglass import in_no_time

LOGIN = {"user": "kam", "password": "secret"}


def send(mailing: Mailing, catcher: SmtpCatcher, *args: Any, **settings: Any) -> None:
    async def run() -> None:
        async with mailing(catcher, *args, **settings) as channel:
            await channel.send(a_mail(1))
            await channel.send(a_mail(2))

    in_no_time(run())


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_mail_arrives_over_tls_after_a_login(mailing: Mailing, tmp_path: Path, tls: str):
    server, trusting = contexts(tmp_path)
    catcher = SmtpCatcher(tls=server, implicit_tls=tls == "tls", credentials=("kam", "secret"))

    send(mailing, catcher, trusting, tls=tls, **LOGIN)

    assert (len(catcher.messages), catcher.connections) == (2, 1)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_refused(mailing: Mailing, tmp_path: Path, tls: str):
    server, _ = contexts(tmp_path)
    catcher = SmtpCatcher(tls=server, implicit_tls=tls == "tls")

    with pytest.raises(Temporary) as raised:
        send(mailing, catcher, tls=tls)

    assert raised.value.cause == "tls-refused"
    assert not catcher.messages


def test_a_certificate_for_another_server_is_refused(mailing: Mailing, tmp_path: Path):
    server, trusting = contexts(tmp_path, name="127.0.0.2")

    with pytest.raises(Temporary) as raised:
        send(mailing, SmtpCatcher(tls=server), trusting, tls="starttls")

    assert raised.value.cause == "tls-refused"


def test_stripped_starttls_sends_neither_password_nor_mail(mailing: Mailing):
    seen: list[str] = []
    catcher = SmtpCatcher(credentials=("kam", "secret"), rule=lambda stage, _: seen.append(stage))

    with pytest.raises(Temporary) as raised:
        send(mailing, catcher, tls="starttls", **LOGIN)

    assert raised.value.cause == "tls-refused"
    assert set(seen) <= {"connect", "ehlo", "quit"}


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("starttls", b"454 4.7.0 not now"),
        ("starttls", "drop"),
        ("handshake", b"220 and on in clear text"),
        ("handshake", "drop"),
        ("handshake", "hang"),
    ],
)
def test_starttls_that_fails_sends_neither_password_nor_mail(
    mailing: Mailing, tmp_path: Path, stage: str, answer: Any
):
    seen: list[str] = []
    server, trusting = contexts(tmp_path)
    catcher = SmtpCatcher(
        tls=server,
        credentials=("kam", "secret"),
        rule=lambda now, _: seen.append(now) or (answer if now == stage else None),
    )

    with pytest.raises(Temporary) as raised:
        send(mailing, catcher, trusting, tls="starttls", **LOGIN)

    assert raised.value.cause == "tls-refused"
    assert set(seen) <= {"connect", "ehlo", "starttls", "handshake"}


def test_a_wrong_password_loses_no_mail(mailing: Mailing, tmp_path: Path):
    server, trusting = contexts(tmp_path)
    catcher = SmtpCatcher(tls=server, credentials=("kam", "other"))

    with pytest.raises(Temporary, match=r"check smtp\.user") as raised:
        send(mailing, catcher, trusting, tls="starttls", **LOGIN)

    assert raised.value.cause == "login-refused"
    assert "secret" not in str(raised.value)


def test_a_server_without_login_is_a_refused_login(mailing: Mailing, tmp_path: Path):
    server, trusting = contexts(tmp_path)

    with pytest.raises(Temporary) as raised:
        send(mailing, SmtpCatcher(tls=server), trusting, tls="starttls", **LOGIN)

    assert raised.value.cause == "login-refused"


class NoTokens(Tokens):
    async def get(self) -> Token:
        raise Temporary("none", cause="no-token")


def test_who_cannot_log_in_does_not_wait_for_the_goodbye_of_a_server_that_is_busy(tmp_path: Path):
    """Else the connection outlives the loop it belongs to."""
    server, trusting = contexts(tmp_path)
    greeted, goes_on = iter([False, True]), Event()

    def rule(stage: str, _: str) -> None:
        if stage == "ehlo" and next(greeted):
            asyncio.get_running_loop().call_soon(goes_on.wait)

    with running_catcher(SmtpCatcher(tls=server, tokens={"x"}, rule=rule)) as catcher:
        oauth = {"token_url": "https://login.test", "client_id": "k", "client_secret": "s"}
        settings = Smtp(host="127.0.0.1", port=catcher.port, auth="oauth", user="kam", oauth=oauth)
        try:
            with pytest.raises(Temporary, match="none"):
                asyncio.run(connect(settings, trusting, NoTokens(settings.oauth, Way(), 5)))
        finally:
            goes_on.set()
    gc.collect()  # warns of what was left open


@pytest.mark.parametrize("silent", ["connect", "ehlo", "auth"])
def test_nor_does_who_gave_up_on_a_server_that_said_nothing(tmp_path: Path, silent: str):
    server, trusting = contexts(tmp_path)
    catcher = SmtpCatcher(
        tls=server,
        implicit_tls=True,
        credentials=("kam", "secret"),
        rule=lambda stage, _: "hang" if stage == silent else None,
    )
    with running_catcher(catcher):
        settings = Smtp(
            host="127.0.0.1", port=catcher.port, tls="tls", user="kam", password="secret", timeout=0.3
        )
        with pytest.raises(Temporary):
            asyncio.run(connect(settings, trusting, NoTokens(settings.oauth, Way(), 5)))
    gc.collect()
