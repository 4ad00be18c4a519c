"""Which system is asking: each has a token of its own, and the token says which one it is."""

import hashlib
import hmac

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from kamflow.web import limits
from kamflow.web.api.problems import Problem
from kamflow.web.site import Site, site_of

log = structlog.get_logger()

BEARER = HTTPBearer(
    scheme_name="token",
    description="The source's token, as `KAMFLOW_EVENTS__TOKENS` says it.",
    auto_error=False,
)
_NAME = "events-guesses"
_ASK = {"www-authenticate": 'Bearer realm="kamflow"'}


def known(
    request: Request,
    given: HTTPAuthorizationCredentials | None = Depends(BEARER),
    site: Site = Depends(site_of),
) -> str:
    """The source whose token was sent.

    Raises:
        Problem: none was, or one nobody has; who tries too many waits, but not whoever shares their address.
    """
    client = request.client.host if request.client else ""
    source = _owner(site, given.credentials if given else "")
    if source is None:
        if given is not None:
            log.warning("event.refused", cause="token")
            if not site.limits.hit(limits.GUESSES, _NAME, client):
                raise _slowly(site, "There were too many wrong tokens.")
        raise Problem("no-token", "The request carries no token of a source that kamflow knows.", (), _ASK)
    return source


def count(site: Site, source: str, events: int) -> None:
    """Count what a source sends (Problem once there was too much)."""
    if not all(site.limits.hit(limits.EVENTS, "events", source) for _ in range(events)):
        raise Problem(
            "too-many",
            f"A source may send {limits.EVENTS.amount} events a minute.",
            (),
            {"retry-after": str(site.limits.wait(limits.EVENTS))},
        )


def _slowly(site: Site, detail: str) -> Problem:
    return Problem("too-many", detail, (), {"retry-after": str(site.limits.wait(limits.GUESSES))})


def _owner(site: Site, token: str) -> str | None:
    """Every token is compared, and all of each: the time says nothing about any of them."""
    given, found = _digest(token), None
    for source, secret in site.settings.events.tokens.items():
        kept = secret.get_secret_value()
        if hmac.compare_digest(given, _digest(kept)) and kept:
            found = source
    return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
