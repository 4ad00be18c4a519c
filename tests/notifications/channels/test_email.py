import asyncio
import email
import xml.etree.ElementTree as ET
from collections.abc import Callable
from email.policy import SMTP
from pathlib import Path
from typing import Literal

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.demo.smtp_terms import Rule
from kamflow.errors import ConfigError, DeliveryError, Permanent, Temporary
from kamflow.settings import Smtp
from notifications.channels import email as channel_module
from notifications.channels.email import EmailChannel
from notifications.message import Receipt, mailbox
from tests.conftest import FixedClock
from tests.notifications.channels.conftest import Mailing, a_mail


def at(stage: str, answer: bytes | Literal["drop", "hang"], times: int = 1000) -> Rule:
    """A rule that has its say at one stage, the first `times` times."""
    left = [times]

    def rule(now: str, _: str) -> bytes | Literal["drop", "hang"] | None:
        if now != stage or not left[0]:
            return None
        left[0] -= 1
        return answer

    return rule


def refusal(mailing: Mailing, catcher: SmtpCatcher, **settings: object) -> DeliveryError:
    """What a channel raises for one mail."""

    async def send() -> None:
        async with mailing(catcher, **settings) as channel:
            await channel.send(a_mail())

    with pytest.raises(DeliveryError) as raised:
        asyncio.run(send())
    return raised.value


def test_a_mail_arrives_as_it_was_composed(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> Receipt:
        async with mailing(catcher) as channel:
            return await channel.send(a_mail())

    assert asyncio.run(send()) == Receipt("email", "witt@example.com", "2.0.0 OK taken")
    read = email.message_from_bytes(catcher.messages[0].raw, policy=SMTP)
    assert read["Subject"] == "Zwei Kontakte sind fällig"
    assert read.get_body(("plain",)).get_content() == "Guten Morgen\r\n"
    assert catcher.counts == {("<m1@kamflow.example.com>", "witt@example.com"): 1}


def test_many_mails_share_the_connections_of_the_settings(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher, connections=3) as channel:
            await asyncio.gather(*(channel.send(a_mail(number)) for number in range(30)))
            await channel.send(a_mail(30))

    asyncio.run(send())
    assert len(catcher.counts) == catcher.counts.total() == 31
    assert catcher.connections == 3


def test_lines_that_start_with_a_dot_arrive_whole(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(text=".\n..\n.end", html=""))

    asyncio.run(send())
    read = email.message_from_bytes(catcher.messages[0].raw, policy=SMTP)
    assert read.get_content() == ".\r\n..\r\n.end\r\n"


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "cause"),
    [
        ("connect", b"554 5.7.1 not you", Temporary, "connect-failed"),
        ("connect", "drop", Temporary, "connect-failed"),
        ("ehlo", b"550 no", Temporary, "connect-failed"),
        ("mail", b"451 4.7.1 later", Temporary, "deferred"),
        ("mail", b"421 4.3.2 closing", Temporary, "server-busy"),
        ("mail", b"530 5.7.0 log in first", Temporary, "login-refused"),
        ("mail", b"552 5.3.4 too large", Permanent, "too-large"),
        ("mail", b"550 5.7.60 not your address", Temporary, "sender-refused"),
        ("mail", "drop", Temporary, "connection-lost"),
        ("rcpt", b"450 4.2.0 greylisted", Temporary, "deferred"),
        ("rcpt", b"550 5.1.1 no such user", Permanent, "recipient-refused"),
        ("rcpt", b"552 5.2.2 mailbox full", Permanent, "recipient-refused"),
        ("rcpt", b"what?", Temporary, "connection-lost"),
        ("rcpt", "drop", Temporary, "connection-lost"),
        ("data", b"554 5.5.1 no", Permanent, "content-refused"),
        ("data", "drop", Temporary, "connection-lost"),
        ("body", b"554 5.7.1 spam", Permanent, "content-refused"),
        ("body", b"552 5.3.4 too large", Permanent, "too-large"),
        ("body", b"452 4.3.1 disk full", Temporary, "deferred"),
        ("body", "drop", Temporary, "lost-after-data"),
        ("taken", "drop", Temporary, "lost-after-data"),
    ],
)
def test_each_refusal_has_its_cause(
    mailing: Mailing,
    stage: str,
    answer: bytes | Literal["drop"],
    kind: type[DeliveryError],
    cause: str,
):
    error = refusal(mailing, SmtpCatcher(rule=at(stage, answer)))

    assert isinstance(error, kind)
    assert error.cause == cause


def test_an_error_never_names_the_recipient(mailing: Mailing):
    catcher = SmtpCatcher(rule=at("rcpt", b"550 <witt@example.com>: user unknown"))

    assert str(refusal(mailing, catcher)) == "RCPT: 550 <…>: user unknown"


@pytest.mark.parametrize(("stage", "cause"), [("rcpt", "connection-lost"), ("body", "lost-after-data")])
def test_a_hanging_server_is_given_up(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch, stage: str, cause: str
):
    monkeypatch.setattr(channel_module, "BODY_PATIENCE", 1)

    assert refusal(mailing, SmtpCatcher(rule=at(stage, "hang")), timeout=0.05).cause == cause


def test_no_server_is_a_failed_connection(clock: FixedClock, unused_port: int):
    channel = EmailChannel(Smtp(host="127.0.0.1", port=unused_port, tls="none"), clock)

    with pytest.raises(Temporary) as raised:
        asyncio.run(channel.send(a_mail()))
    assert raised.value.cause == "connect-failed"


def test_a_refused_mail_leaves_the_connection_to_the_next(mailing: Mailing):
    catcher = SmtpCatcher(rule=at("rcpt", b"550 5.1.1 who", times=1))

    async def send() -> None:
        async with mailing(catcher) as channel:
            with pytest.raises(Permanent):
                await channel.send(a_mail(1))
            await channel.send(a_mail(2))

    asyncio.run(send())
    assert catcher.connections == 1
    assert list(catcher.counts) == [("<m2@kamflow.example.com>", "witt@example.com")]


def test_a_connection_that_died_in_the_pool_is_replaced_unseen(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            await catcher.hang_up()
            await channel.send(a_mail(2))

    asyncio.run(send())
    assert (catcher.connections, len(catcher.counts)) == (2, 2)


@pytest.mark.parametrize(
    ("stage", "answer"), [("mail", "drop"), ("mail", b"421 4.4.2 idle"), ("data", "drop")]
)
def test_a_pooled_server_that_hangs_up_before_the_body_gets_the_mail_once(
    mailing: Mailing, stage: str, answer: bytes | Literal["drop"]
):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            catcher.rule = at(stage, answer, times=1)
            await channel.send(a_mail(2))

    asyncio.run(send())
    assert catcher.connections == 2
    assert catcher.counts["<m2@kamflow.example.com>", "witt@example.com"] == 1


def test_a_pooled_server_that_hangs_up_after_the_body_is_not_asked_again(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            catcher.rule = at("taken", "drop", times=1)
            with pytest.raises(Temporary, match="no answer at body"):
                await channel.send(a_mail(2))

    asyncio.run(send())
    assert catcher.counts["<m2@kamflow.example.com>", "witt@example.com"] == 1


def test_a_connection_that_waited_long_is_not_trusted(mailing: Mailing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel_module, "IDLE_SECONDS", 0)
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            await channel.send(a_mail(2))

    asyncio.run(send())
    assert catcher.connections == 2


def test_a_cancelled_mail_takes_its_connection_along(mailing: Mailing):
    catcher = SmtpCatcher(rule=at("rcpt", "hang", times=1))

    async def send() -> None:
        async with mailing(catcher) as channel:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(channel.send(a_mail(1)), 0.05)
            await channel.send(a_mail(2))

    asyncio.run(send())
    assert (catcher.connections, len(catcher.counts)) == (2, 1)


def test_a_mail_above_the_announced_size_is_not_even_tried(mailing: Mailing):
    error = refusal(mailing, SmtpCatcher(size=100))

    assert isinstance(error, Permanent)
    assert error.cause == "too-large"


@pytest.mark.parametrize("utf8", [True, False])
def test_an_international_address_arrives_or_fails_with_its_cause(mailing: Mailing, utf8: bool):
    catcher = SmtpCatcher(utf8=utf8)

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(to="jürgen@müller.example"))

    if utf8:
        asyncio.run(send())
        assert catcher.messages[0].recipients == ("jürgen@xn--mller-kva.example",)
    else:
        with pytest.raises(Permanent) as raised:
            asyncio.run(send())
        assert raised.value.cause == "smtputf8"


def test_an_international_domain_needs_nothing_of_the_server(mailing: Mailing):
    catcher = SmtpCatcher(utf8=False)

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(to="witt@müller.example"))

    asyncio.run(send())
    assert catcher.messages[0].recipients == ("witt@xn--mller-kva.example",)


def test_what_is_no_address_is_refused_before_anything_is_sent(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            with pytest.raises(Permanent) as raised:
                await channel.send(a_mail(to="a@b.de, c@d.de"))
            assert raised.value.cause == "bad-address"

    asyncio.run(send())
    assert catcher.connections == 0


def test_a_login_without_tls_is_refused(clock: FixedClock):
    with pytest.raises(ConfigError, match=r"smtp\.tls"):
        EmailChannel(Smtp(tls="none", user="kam", password="secret"), clock)


def test_a_user_without_a_password_is_refused(clock: FixedClock):
    with pytest.raises(ConfigError, match="KAMFLOW_SMTP__PASSWORD"):
        EmailChannel(Smtp(user="kam"), clock)


def test_a_sender_that_is_no_address_is_refused(clock: FixedClock):
    with pytest.raises(ConfigError, match=r"smtp\.sender"):
        EmailChannel(Smtp(sender="kamflow"), clock)


def test_every_address_of_the_suite_reaches_exactly_itself(
    mailing: Mailing, shared_data: Callable[[str], Path]
):
    tests = ET.parse(shared_data("nasty_isemail/tests.xml")).getroot()  # noqa: S314 - our own file
    addresses = [test.findtext("address") or "" for test in tests]
    catcher = SmtpCatcher()
    sent: list[str] = []

    async def send() -> None:
        async with mailing(catcher) as channel:
            for address in addresses:
                try:
                    await channel.send(a_mail(to=address))
                except (Permanent, ValueError):
                    continue
                sent.append(mailbox(address).address)

    asyncio.run(send())
    assert [mail.recipients for mail in catcher.messages] == [(address,) for address in sent]
    assert len(sent) > 40
