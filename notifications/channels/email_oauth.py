"""Tokens for the login at a mail server (OAuth 2.0, client credentials): fetched, kept, renewed in time."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx
import structlog

from kamflow.errors import Temporary
from kamflow.knobs import SmtpOAuth
from kamflow.outward import Way

# Renewed so long before its end: a login takes a moment, and clocks differ.
BEFORE_ITS_END = 300.0
# Where the server does not say how long a token is good for.
USUAL_LIFE = 3600.0
# A server that gave none is not asked again at once by every connection.
PAUSE = 15.0

TO_REACH_IT = "smtp.oauth.token_url, http.proxy and http.ca_bundle"
TO_BE_LET_IN = "smtp.oauth.client_id, smtp.oauth.scope and KAMFLOW_SMTP__OAUTH__CLIENT_SECRET"

log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class Token:
    """`until` is when to fetch the next (monotonic seconds); `used`: the mail server has taken it once."""

    text: str = field(repr=False)
    until: float
    used: bool = False


class Tokens:
    """The token of one application, one for all connections."""

    def __init__(self, settings: SmtpOAuth, way: Way, timeout: float) -> None:
        self._settings = settings
        self._way = way
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._refused: tuple[float, Temporary] | None = None

    async def get(self) -> Token:
        """A token that is good for a while (Temporary, cause no-token: there is none)."""
        async with self._lock:
            if self._token is not None and monotonic() < self._token.until:
                return self._token
            if self._refused is not None and monotonic() < self._refused[0]:
                raise self._refused[1]
            try:
                self._token = await self._fetched()
            except Temporary as error:
                self._refused = (monotonic() + PAUSE, error)
                raise
            self._refused = None
            return self._token

    def forget(self, token: Token) -> None:
        """Do not hand this one out again: it was not taken."""
        if self._token is token:
            self._token = None

    async def _fetched(self) -> Token:
        settings = self._settings
        url, secret = settings.token_url or "", settings.client_secret
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id or "",
            "client_secret": secret.get_secret_value() if secret else "",
            "scope": settings.scope,
        }
        asked = monotonic()
        try:
            async with httpx.AsyncClient(timeout=self._timeout, **self._way.for_httpx(url)) as client:
                answer = await client.post(url, data=form)
            said = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError, OSError) as error:
            raise _no_token(url, type(error).__name__, TO_REACH_IT) from error
        return _read(url, answer.status_code, said if isinstance(said, dict) else {}, asked)


def _read(url: str, status: int, said: dict[str, Any], asked: float) -> Token:
    text, life = said.get("access_token"), said.get("expires_in")
    if status != 200 or not isinstance(text, str) or not text.isascii():
        why = f"{said.get('error', '')} {str(said.get('error_description', '')).partition(' Trace ID')[0]}"
        raise _no_token(url, f"{status} {why[:200].strip()}", TO_BE_LET_IN)
    seconds = float(life) if isinstance(life, int | str) and str(life).isdecimal() else USUAL_LIFE
    return Token(text, asked + max(seconds - BEFORE_ITS_END, seconds / 2))


def _no_token(url: str, why: str, look_at: str) -> Temporary:
    log.error("smtp.no_token", check=look_at)
    return Temporary(f"{url}: no token ({why}); check {look_at}", cause="no-token")
