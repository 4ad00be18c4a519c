"""From nothing to a connection that takes mails: TCP, TLS, EHLO, login."""

import asyncio
import socket
import ssl
from typing import cast

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from kamflow.errors import ConfigError, Temporary
from kamflow.settings import Smtp
from notifications.channels.email_oauth import Tokens
from notifications.channels.email_wire import Wire, taken_over
from notifications.message import mailbox

# What to look at when the server refuses the login, by `smtp.auth`.
LOOK_AT = {
    "password": "smtp.user and its password (KAMFLOW_SMTP__PASSWORD)",
    "oauth": "smtp.user, and whether the application smtp.oauth.client_id may send for this mailbox",
}

log = structlog.get_logger()


class _Client(SMTP):
    """One that cuts its connection when it closes: over TLS a goodbye would wait for the server's, for half a
    minute."""

    def close(self) -> None:
        if (transport := cast(asyncio.Transport | None, self.transport)) is not None:
            transport.abort()
        super().close()


def check(settings: Smtp) -> None:
    """Look at what the types of the settings cannot judge (ConfigError)."""
    for missing in settings.misfits():
        raise ConfigError(missing)
    try:
        mailbox(settings.sender)
    except ValueError as error:
        raise ConfigError(f"smtp.sender {settings.sender!r}: {error}") from None


async def connect(settings: Smtp, tls: ssl.SSLContext | None, tokens: Tokens) -> Wire:
    """A connection that is ready for a mail: TLS and login are done (Temporary: it is not)."""
    client = _Client(
        hostname=settings.host,
        port=settings.port,
        timeout=settings.timeout,
        local_hostname=_own_name(settings),
        use_tls=settings.tls == "tls",
        start_tls=False,
        tls_context=tls,
    )
    try:
        await client.connect()
        _go_on()
        if settings.tls == "starttls":
            await _start_tls(client)
        await client.ehlo()
        if settings.logs_in:
            await _log_in(client, settings, tokens)
        _go_on()
        return taken_over(client)
    except (SMTPException, OSError) as error:
        client.close()
        raise _not_connected(settings, error) from error
    except BaseException:
        client.close()
        raise


def _go_on() -> None:
    """Stop where this was cancelled: `wait_for` of Python 3.11, which aiosmtplib waits with, loses a
    cancellation that comes together with the answer."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _not_connected(settings: Smtp, error: Exception) -> Temporary:
    where = f"{settings.host}:{settings.port}: "
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Temporary(f"{where}{error}", cause="tls-refused")
    code = error.code if isinstance(error, SMTPResponseException) else 0
    cause = "server-busy" if 400 <= code < 500 else "connect-failed"
    return Temporary(f"{where}{error}", cause=cause)


def _own_name(settings: Smtp) -> str:
    # A look-up of our full name may hang for seconds; the sender's domain is a name servers accept.
    host = socket.gethostname()
    return host if "." in host else mailbox(settings.sender).address.rpartition("@")[2]


async def _start_tls(client: SMTP) -> None:
    try:
        await client.starttls()
    except SMTPException as error:
        raise Temporary(f"{error.message}; nothing was sent", cause="tls-refused") from error


async def _log_in(client: SMTP, settings: Smtp, tokens: Tokens) -> None:
    try:
        if settings.auth == "oauth":
            await _with_token(client, settings, tokens)
        elif settings.user and settings.password:
            await client.login(settings.user, settings.password.get_secret_value())
    except SMTPException as error:
        if isinstance(error, OSError):
            raise
        code = error.code if isinstance(error, SMTPResponseException) else 0
        said = f"{code or ''} {error.message}".strip().replace("\n", " ")[:200]
        if 400 <= code < 500:
            raise Temporary(f"the mail server can log nobody in now: {said}", cause="server-busy") from error
        look_at = LOOK_AT[settings.auth]
        log.error("smtp.login_refused", code=code, check=look_at)
        message = f"the mail server refused the login: {said}; check {look_at}"
        raise Temporary(message, cause="login-refused") from error


async def _with_token(client: SMTP, settings: Smtp, tokens: Tokens) -> None:
    """Log in by XOAUTH2, with a new token where the server does not take one that was used before."""
    token = await tokens.get()
    try:
        await client.auth_xoauth2(settings.user or "", token.text)
    except SMTPResponseException as error:
        tokens.forget(token)
        if error.code < 500 or not token.used:
            raise
    else:
        token.used = True
        return
    await client.auth_xoauth2(settings.user or "", (await tokens.get()).text)
