import asyncio
from pathlib import Path
from typing import Any

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.errors import Temporary
from tests.notifications.channels.certificates import contexts
from tests.notifications.channels.conftest import Mailing, a_mail

LOGIN = {"user": "kam", "password": "secret"}


def send(mailing: Mailing, catcher: SmtpCatcher, *args: Any, **settings: Any) -> None:
    async def run() -> None:
        async with mailing(catcher, *args, **settings) as channel:
            await channel.send(a_mail(1))
            await channel.send(a_mail(2))

    asyncio.run(run())


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
        send(mailing, catcher, trusting, tls="starttls", timeout=0.2, **LOGIN)

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
