"""Wrong tokens: each counts against the address it came from, until it has to wait.

A right one is let in all the same: a whole office may share the address of somebody who guesses.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from fastapi import FastAPI, Request, Response

from kamflow.web import limits
from kamflow.web.refusals import refused
from kamflow.web.site import Site, site_of
from notifications.links import BadLink, ExpiredLink

log = structlog.get_logger()


class TooManyGuesses(Exception):
    """An address has shown too many wrong tokens."""


def add(app: FastAPI) -> None:
    """Let an app answer who has to wait."""
    app.add_exception_handler(TooManyGuesses, _slow_down)


@contextmanager
def counted(request: Request, site: Site, name: str) -> Iterator[None]:
    """Count a wrong token; what has only run out is none.

    Raises:
        TooManyGuesses: this was one wrong token too many.
    """
    try:
        yield
    except ExpiredLink:
        raise
    except BadLink:
        log.warning("link.refused", purpose=name)
        if not site.limits.hit(limits.GUESSES, name, who(request)):
            raise TooManyGuesses from None
        raise


def who(request: Request) -> str:
    """The address a request came from; it is counted in memory only."""
    return request.client.host if request.client else ""


def _slow_down(request: Request, _error: Exception) -> Response:
    """The page of who has to wait."""
    answer = refused(request, "slow", 429)
    answer.headers["retry-after"] = str(site_of(request).limits.wait(limits.GUESSES))
    return answer
