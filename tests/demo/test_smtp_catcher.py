import asyncio
import base64
import json
import smtplib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import httpx
import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.demo.smtp_terms import Rule, Said
from kamflow.demo.smtp_tokens import CLIENT, SECRET, running_tokens
from tests.notifications.channels.certificates import contexts

MAIL = b"Message-ID: <m1@kamflow>\r\nSubject: hello\r\n\r\nGood morning\r\n"


def client(catcher: SmtpCatcher) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", catcher.port)


def at(stage: str, answer: Literal["drop", "hang"]) -> Rule:
    """A rule that has its say at one stage only."""
    return lambda now, _: answer if now == stage else None


def test_a_mail_is_caught_with_its_envelope_and_every_byte():
    with running_catcher() as catcher, client(catcher) as smtp:
        smtp.sendmail("kamflow@example.com", ["a@x.de", "b@x.de"], MAIL)

    (mail,) = catcher.messages
    assert (mail.sender, mail.recipients) == ("kamflow@example.com", ("a@x.de", "b@x.de"))
    assert mail.raw == MAIL
    assert catcher.to("b@x.de") == [mail]


def test_a_mail_sent_twice_is_counted_twice():
    with running_catcher() as catcher, client(catcher) as smtp:
        for _ in range(2):
            smtp.sendmail("k@example.com", ["a@x.de"], MAIL)

    assert catcher.counts == {("<m1@kamflow>", "a@x.de"): 2}


@pytest.mark.parametrize(
    "body", [b".\r\n", b"..\r\n.a\r\n", b"\r\n.\r\r\n", b".\r\n.\r\n.\r\n", b"no line end"]
)
def test_dots_at_the_start_of_a_line_come_through(body: bytes):
    with running_catcher() as catcher, client(catcher) as smtp:
        smtp.sendmail("k@example.com", ["a@x.de"], MAIL + body)

    assert catcher.messages[0].raw == (MAIL + body).removesuffix(b"\r\n") + b"\r\n"


def test_pipelined_mails_cut_anywhere_are_all_taken():
    one = b"MAIL FROM:<k@x.de>\r\nRCPT TO:<a@x.de>\r\nDATA\r\n" + MAIL + b".\r\n"
    stream = b"EHLO me\r\n" + one * 5 + b"QUIT\r\n"
    with running_catcher() as catcher, socket.create_connection(("127.0.0.1", catcher.port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(stream), 7):
            wire.sendall(stream[start : start + 7])
        answers = b"".join(iter(lambda: wire.recv(4096), b""))

    assert catcher.counts == {("<m1@kamflow>", "a@x.de"): 5}
    assert answers.count(b"354 ") == 5
    assert answers.endswith(b"221 2.0.0 bye\r\n")


def test_an_empty_body_is_a_mail_too():
    with running_catcher() as catcher, socket.create_connection(("127.0.0.1", catcher.port)) as wire:
        wire.sendall(b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.de>\r\nDATA\r\n.\r\nQUIT\r\n")
        b"".join(iter(lambda: wire.recv(4096), b""))

    assert [(mail.sender, mail.raw) for mail in catcher.messages] == [("", b"")]


def test_a_connection_lost_within_the_body_leaves_nothing():
    with running_catcher() as catcher, socket.create_connection(("127.0.0.1", catcher.port)) as wire:
        wire.sendall(b"EHLO me\r\nMAIL FROM:<k@x.de>\r\nRCPT TO:<a@x.de>\r\nDATA\r\n" + MAIL)
        while b"354 " not in wire.recv(4096):
            pass

    assert not catcher.messages


def test_without_bodies_the_envelopes_are_kept():
    with running_catcher(SmtpCatcher(keep_bodies=False)) as catcher, client(catcher) as smtp:
        smtp.sendmail("k@example.com", ["a@x.de"], MAIL)

    assert catcher.messages[0].raw == b""
    assert catcher.counts["<m1@kamflow>", "a@x.de"] == 1


def test_one_recipient_is_refused_and_the_other_gets_the_mail():
    def rule(stage: str, argument: str) -> bytes | None:
        return b"550 5.1.1 who" if (stage, argument) == ("rcpt", "a@x.de") else None

    with running_catcher(SmtpCatcher(rule=rule)) as catcher, client(catcher) as smtp:
        refused = smtp.sendmail("k@example.com", ["a@x.de", "b@x.de"], MAIL)

    assert refused == {"a@x.de": (550, b"5.1.1 who")}
    assert catcher.messages[0].recipients == ("b@x.de",)


@pytest.mark.parametrize(
    ("stage", "taken"), [("mail", 0), ("rcpt", 0), ("data", 0), ("body", 0), ("taken", 1)]
)
def test_it_hangs_up_at_the_stage_asked_for(stage: str, taken: int):
    with running_catcher(SmtpCatcher(rule=at(stage, "drop"))) as catcher:
        smtp = client(catcher)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.sendmail("k@example.com", ["a@x.de"], MAIL)
        smtp.close()

    assert len(catcher.messages) == taken


def test_a_hanging_server_says_nothing_more():
    catcher = SmtpCatcher(rule=at("rcpt", "hang"))
    with running_catcher(catcher), socket.create_connection(("127.0.0.1", catcher.port)) as wire:
        wire.sendall(b"EHLO me\r\nMAIL FROM:<k@x.de>\r\nRCPT TO:<a@x.de>\r\nQUIT\r\n")
        answers = b""
        while b"250 2.1.0" not in answers:
            answers += wire.recv(4096)
        wire.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.recv(4096)


def test_an_international_address_needs_smtputf8():
    with running_catcher() as catcher, client(catcher) as smtp:
        smtp.ehlo()
        assert smtp.docmd("MAIL", "FROM:<k@x.de>")[0] == 250
        smtp.rset()
        smtp.command_encoding = "utf-8"
        assert smtp.docmd("MAIL", "FROM:<ü@x.de>")[0] == 553
        assert smtp.docmd("MAIL", "FROM:<ü@x.de> SMTPUTF8")[0] == 250
        assert smtp.docmd("RCPT", "TO:<é@x.de>")[0] == 250


@pytest.mark.parametrize("declared", [" SIZE=500", ""])
def test_a_mail_above_the_size_limit_is_refused(declared: str):
    with running_catcher(SmtpCatcher(size=100)) as catcher, client(catcher) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == "100"
        smtp.docmd("MAIL", f"FROM:<k@x.de>{declared}")
        smtp.docmd("RCPT", "TO:<a@x.de>")
        code = smtp.data(MAIL * 5)[0] if not declared else smtp.docmd("DATA")[0]

    assert code == (503 if declared else 552)
    assert not catcher.messages


def login_plain(smtp: smtplib.SMTP) -> None:
    smtp.user, smtp.password = "kam", "secret"
    smtp.ehlo()
    smtp.auth("PLAIN", smtp.auth_plain)


def login_login(smtp: smtplib.SMTP) -> None:
    smtp.user, smtp.password = "kam", "secret"
    smtp.ehlo()
    smtp.auth("LOGIN", smtp.auth_login, initial_response_ok=False)


@pytest.mark.parametrize("log_in", [login_plain, login_login])
def test_it_takes_mails_after_a_login_only(log_in: Callable[[smtplib.SMTP], None]):
    with running_catcher(SmtpCatcher(credentials=("kam", "secret"))) as catcher, client(catcher) as smtp:
        with pytest.raises(smtplib.SMTPSenderRefused):
            smtp.sendmail("k@x.de", ["a@x.de"], MAIL)
        log_in(smtp)
        smtp.sendmail("k@x.de", ["a@x.de"], MAIL)

    assert len(catcher.messages) == 1


@pytest.mark.parametrize("line", ["PLAIN !!!", "PLAIN AGthbQB3cm9uZw==", "LOGIN a2Ft", "CRAM-MD5"])
def test_a_wrong_password_is_refused(line: str):
    with running_catcher(SmtpCatcher(credentials=("kam", "secret"))) as catcher, client(catcher) as smtp:
        smtp.ehlo()
        code, _ = smtp.docmd("AUTH", line)
        while code == 334:
            code, _ = smtp.docmd("d3Jvbmc=")

    assert code in (504, 535)


def test_stopping_closes_what_is_still_connected():
    async def stop() -> bytes:
        catcher = SmtpCatcher()
        await catcher.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", catcher.port)
        await reader.readline()
        await catcher.stop()
        rest = await reader.read()
        writer.close()
        return rest

    assert asyncio.run(stop()) == b""


def test_a_port_that_is_taken_raises_where_the_server_was_asked_for():
    with (
        running_catcher() as catcher,
        pytest.raises(OSError, match="in use"),
        running_catcher(port=catcher.port),
    ):
        pass


def xoauth2(smtp: smtplib.SMTP, token: str) -> tuple[int, bytes]:
    proof = base64.b64encode(f"user=kam@x.de\1auth=Bearer {token}\1\1".encode()).decode()
    smtp.ehlo()
    code, said = smtp.docmd("AUTH", f"XOAUTH2 {proof}")
    if code == 334:
        assert json.loads(base64.b64decode(said))["status"] == "401"
        return smtp.docmd("")
    return code, said


def test_it_takes_mails_after_a_token_that_counts():
    with running_catcher(SmtpCatcher(tokens={"good"})) as catcher, client(catcher) as smtp:
        assert xoauth2(smtp, "bad")[0] == 535
        assert smtp.docmd("AUTH", "PLAIN AGthbQBzZWNyZXQ=")[0] == 504
        assert xoauth2(smtp, "good")[0] == 235
        smtp.sendmail("k@x.de", ["a@x.de"], MAIL)

    assert len(catcher.messages) == 1


def test_tokens_are_handed_out_for_the_secret_only():
    with running_tokens() as server:
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        given = httpx.post(server.url, data=form, trust_env=False).json()
        refused = httpx.post(server.url, data=form | {"client_secret": "x"}, trust_env=False)

    assert server.live == {given["access_token"]}
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_replies_come_late_and_in_a_trickle_but_come_whole():
    catcher = SmtpCatcher(
        rule=lambda stage, _: "trickle" if stage == "ehlo" else None, delay=0.005, trickle=0
    )
    with running_catcher(catcher), client(catcher) as smtp:
        smtp.sendmail("k@x.de", ["a@x.de"], MAIL)
        assert smtp.has_extn("pipelining")

    assert len(catcher.messages) == 1


def test_a_lenient_server_lets_data_through_but_takes_nothing_for_nobody():
    with running_catcher(SmtpCatcher(lenient=True, pipelining=False)) as catcher, client(catcher) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("pipelining")
        smtp.mail("k@x.de")
        assert smtp.data(MAIL)[0] == 554

    assert not catcher.messages


@pytest.mark.parametrize(("said", "end"), [("drop", b""), (b"not TLS at all", b"not TLS at all\r\n")])
def test_a_handshake_can_go_wrong(tmp_path: Path, said: Said, end: bytes):
    rule = lambda stage, _: said if stage == "handshake" else None  # noqa: E731
    catcher = SmtpCatcher(tls=contexts(tmp_path)[0], rule=rule)
    with running_catcher(catcher), client(catcher) as smtp:
        smtp.ehlo()
        assert smtp.docmd("STARTTLS")[0] == 220
        assert smtp.file.readline() == end
        smtp.close()  # else it says goodbye and waits for an answer
