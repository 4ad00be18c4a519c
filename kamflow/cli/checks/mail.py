"""SMTP up to the recipient without sending, IMAP up to the folder, and what DNS says of the sender."""

import asyncio
from collections.abc import Iterator

from flows.runtime import Home
from kamflow import outward
from kamflow.cli.checks.finding import Finding
from kamflow.errors import ConfigError, DeliveryError
from kamflow.web.mailbox.box import Away, Box
from notifications.channels.email import EmailChannel
from notifications.message import Mail, mailbox

TODO = {
    "connect-failed": "look at smtp.host and smtp.port, and whether the firewall lets this machine out",
    "tls-refused": "look at smtp.tls; http.ca_bundle takes the root of a certificate of your own",
    "login-refused": "look at smtp.user and its password (KAMFLOW_SMTP__PASSWORD, or secrets/smtp__password)",
    "no-token": "look at [smtp.oauth] and KAMFLOW_SMTP__OAUTH__CLIENT_SECRET (docs/mail.md)",
    "relay-refused": "look at smtp.auth, smtp.user and smtp.port, or let the server relay for this machine",
    "sender-refused": "let the server take mail from smtp.sender",
    "recipient-refused": "let the server take mail from smtp.sender to this address",
}
OAUTH = "the application may not send for smtp.user: docs/mail.md says what it needs"


def smtp(home: Home, send_to: str | None) -> Iterator[Finding]:
    """Connect, TLS, login, sender, recipient; with an address a mail is really sent."""
    settings = home.settings.smtp
    if home.settings.delivery.mode == "off":
        yield Finding("smtp", "mind", 'delivery.mode is "off": nothing is sent', "set redirect or live")
    try:
        where = asyncio.run(_handed(home, send_to))
    except ConfigError as error:
        yield Finding("smtp", "wrong", str(error), "see [smtp] in kamflow.toml")
    except DeliveryError as error:
        todo = TODO.get(error.cause, "ask who runs the mail server")
        if error.cause == "login-refused" and settings.auth == "oauth":
            todo = OAUTH
        server = f"{settings.host}:{settings.port}: "
        yield Finding("smtp", "wrong", server + str(error).removeprefix(server), todo)
    else:
        yield Finding("smtp", "ok", f"{settings.host}:{settings.port}, tls {settings.tls}: {where}")


async def _handed(home: Home, send_to: str | None) -> str:
    settings, way = home.settings.smtp, outward.way(home.settings)
    channel = EmailChannel(settings, home.now, way.tls(), way)
    sender = mailbox(settings.sender).address
    try:
        if send_to is not None:
            text = "This is the mail that `kamflow doctor --send-to` sends. It came: mail works.\n"
            name = _mail_id(sender, home)
            await channel.send(Mail(send_to, "kamflow doctor", text, f"<p>{text}</p>", name, settings.sender))
            return f"a mail was sent to {send_to}"
        await channel.ask(home.settings.delivery.redirect_to or home.settings.operations_email or sender)
    finally:
        await channel.close()
    login = {"none": "", "password": "login, ", "oauth": "login by OAuth, "}[settings.auth]
    return f"connected, {login if settings.logs_in else ''}sender and a recipient accepted, nothing sent"


def _mail_id(sender: str, home: Home) -> str:
    """A Message-ID of its own for each test mail."""
    return f"<doctor-{home.now():%Y%m%d%H%M%S%f}@{sender.rpartition('@')[2]}>"


def imap(home: Home) -> Iterator[Finding]:
    """Log in, open the folder, ask what is unseen; nothing is marked."""
    settings = home.settings.mailbox
    if settings.host is None:
        yield Finding("mailbox", "ok", "not used (mailbox.host)")
        return
    box = Box(settings, outward.way(home.settings).tls)
    try:
        unseen = box.unseen()
    except Away as error:
        todo = "look at [mailbox] in kamflow.toml and KAMFLOW_MAILBOX__PASSWORD"
        yield Finding("mailbox", "wrong", f"{settings.host}:{settings.port}: {error.cause}", todo)
    else:
        yield Finding("mailbox", "ok", f"{settings.folder} on {settings.host}: {len(unseen)} unseen")
    finally:
        box.close()
