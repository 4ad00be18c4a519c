import asyncio
import email
import xml.etree.ElementTree as ET
from collections.abc import Callable
from email.policy import SMTP
from pathlib import Path
from typing import Literal

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.demo.smtp_faults import played
from kamflow.errors import Ambiguous, ConfigError, Permanent, Temporary
from kamflow.settings import Smtp
from notifications.channels import email as channel_module
from notifications.channels.email import EmailChannel
from notifications.message import Receipt, mailbox
from tests.conftest import FixedClock
from tests.notifications.channels.conftest import Mailing, a_mail
from tests.notifications.channels.hourglass import in_no_time


def test_a_mail_arrives_as_it_was_composed(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> Receipt:
        async with mailing(catcher) as channel:
            return await channel.send(a_mail())

    assert in_no_time(send()) == Receipt("email", "witt@example.com", "2.0.0 OK taken")
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

    in_no_time(send())
    assert len(catcher.counts) == catcher.counts.total() == 31
    assert catcher.connections == 3


def test_lines_that_start_with_a_dot_arrive_whole(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(text=".\n..\n.end", html=""))

    in_no_time(send())
    read = email.message_from_bytes(catcher.messages[0].raw, policy=SMTP)
    assert read.get_content() == ".\r\n..\r\n.end\r\n"


def test_no_server_is_a_failed_connection(clock: FixedClock, unused_port: int):
    channel = EmailChannel(Smtp(host="127.0.0.1", port=unused_port, tls="none"), clock)

    with pytest.raises(Temporary) as raised:
        asyncio.run(channel.send(a_mail()))
    assert raised.value.cause == "connect-failed"


@pytest.mark.parametrize("how", ["cut", "told to go", "stopped"])
def test_a_server_that_hung_up_in_the_pool_is_noticed_before_the_next_mail(mailing: Mailing, how: str):
    seen: list[str] = []
    catcher = SmtpCatcher(rule=lambda stage, _: seen.append(stage))

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            if how == "told to go":
                catcher.announce()
            else:
                await catcher.hang_up()
            if how == "stopped":
                await asyncio.sleep(0)
            await channel.send(a_mail(2))

    in_no_time(send())
    assert (catcher.connections, len(catcher.counts), seen.count("mail")) == (2, 2, 2)


@pytest.mark.parametrize("name", ["cut at MAIL", "closing", "closing at RCPT", "cut before DATA"])
def test_a_pooled_server_that_hangs_up_before_the_body_gets_the_mail_once(mailing: Mailing, name: str):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            catcher.rule = played(name, times=1)
            await channel.send(a_mail(2))

    in_no_time(send())
    assert catcher.connections == 2
    assert catcher.counts["<m2@kamflow.example.com>", "witt@example.com"] == 1


def test_a_pooled_server_that_hangs_up_after_the_body_is_not_asked_again(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            catcher.rule = played("answer lost", times=1)
            with pytest.raises(Ambiguous, match="no answer at body"):
                await channel.send(a_mail(2))

    in_no_time(send())
    assert catcher.counts["<m2@kamflow.example.com>", "witt@example.com"] == 1


def test_a_connection_carries_so_many_mails_and_then_says_goodbye(mailing: Mailing):
    seen: list[str] = []
    catcher = SmtpCatcher(rule=lambda stage, _: seen.append(stage))

    async def send() -> None:
        async with mailing(catcher, connections=1, per_connection=3) as channel:
            for number in range(7):
                await channel.send(a_mail(number))

    in_no_time(send())
    assert (catcher.connections, len(catcher.counts), seen.count("quit")) == (3, 7, 3)


def test_a_connection_that_waited_long_is_not_trusted(mailing: Mailing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel_module, "IDLE_SECONDS", 0)
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(1))
            await channel.send(a_mail(2))

    in_no_time(send())
    assert catcher.connections == 2


def test_a_cancelled_mail_takes_its_connection_along(mailing: Mailing):
    catcher = SmtpCatcher(rule=played("silent at RCPT", times=1))

    async def send() -> None:
        async with mailing(catcher) as channel:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(channel.send(a_mail(1)), 0.05)
            await channel.send(a_mail(2))

    in_no_time(send())
    assert (catcher.connections, len(catcher.counts)) == (2, 1)


@pytest.mark.parametrize("stage", ["connect", "ehlo"])
@pytest.mark.parametrize("steps", range(6))
def test_being_cancelled_is_noticed_however_close_to_an_answer(mailing: Mailing, stage: str, steps: int):
    async def main():
        def rule(at: str, _: str) -> Literal["hang"] | None:
            if at == stage:
                later(steps)
            return "hang" if at == "mail" else None

        def later(left: int) -> None:
            asyncio.get_running_loop().call_soon(later, left - 1) if left else sending.cancel()

        async with mailing(SmtpCatcher(rule=rule)) as channel:
            sending = asyncio.ensure_future(channel.send(a_mail()))
            await asyncio.wait([sending])
            assert sending.cancelled()

    in_no_time(main())


@pytest.mark.parametrize("utf8", [True, False])
def test_an_international_address_arrives_or_fails_with_its_cause(mailing: Mailing, utf8: bool):
    catcher = SmtpCatcher(utf8=utf8)

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(to="jürgen@müller.example"))

    if utf8:
        in_no_time(send())
        assert catcher.messages[0].recipients == ("jürgen@xn--mller-kva.example",)
    else:
        with pytest.raises(Permanent) as raised:
            in_no_time(send())
        assert raised.value.cause == "smtputf8"


def test_an_international_domain_needs_nothing_of_the_server(mailing: Mailing):
    catcher = SmtpCatcher(utf8=False)

    async def send() -> None:
        async with mailing(catcher) as channel:
            await channel.send(a_mail(to="witt@müller.example"))

    in_no_time(send())
    assert catcher.messages[0].recipients == ("witt@xn--mller-kva.example",)


def test_what_is_no_address_is_refused_before_anything_is_sent(mailing: Mailing):
    catcher = SmtpCatcher()

    async def send() -> None:
        async with mailing(catcher) as channel:
            with pytest.raises(Permanent) as raised:
                await channel.send(a_mail(to="a@b.de, c@d.de"))
            assert raised.value.cause == "bad-address"

    in_no_time(send())
    assert catcher.connections == 0


SECRET = {"client_secret": "secret"}
OAUTH = {"token_url": "https://login.example/token", "client_id": "kam", **SECRET}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"tls": "none", "user": "kam", "password": "secret"}, r"smtp\.tls"),
        ({"user": "kam"}, "KAMFLOW_SMTP__PASSWORD"),
        ({"sender": "kamflow"}, r"smtp\.sender"),
        ({"auth": "none", "user": "kam"}, r"smtp\.auth"),
        ({"auth": "oauth", "user": "kam", "oauth": OAUTH, "tls": "none"}, r"smtp\.tls"),
        ({"auth": "oauth", "oauth": OAUTH}, r"smtp\.user"),
        ({"auth": "oauth", "user": "kam", "oauth": SECRET}, r"token_url, smtp\.oauth\.client_id"),
        ({"auth": "oauth", "user": "kam", "oauth": OAUTH | {"client_secret": None}}, "CLIENT_SECRET"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_what_to_mend(
    clock: FixedClock, settings: dict[str, object], named: str
):
    with pytest.raises(ConfigError, match=named):
        EmailChannel(Smtp(**settings), clock)


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

    in_no_time(send())
    assert [mail.recipients for mail in catcher.messages] == [(address,) for address in sent]
    assert len(sent) > 40
