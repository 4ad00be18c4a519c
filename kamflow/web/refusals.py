"""What a page answers when it cannot do what was asked: in the reader's words, with a way on."""

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from kamflow.errors import InputError, KamflowError, NotAllowed, NotFound
from kamflow.web.guard import TooLarge
from kamflow.web.pages import asked_for, page
from kamflow.web.site import site_of
from notifications.links import BadLink, ExpiredLink

# The kind of refusal, as templates/page/refused.html.j2 words it, and its status.
KINDS: tuple[tuple[type[Exception], str, int], ...] = (
    (ExpiredLink, "expired", 410),
    (BadLink, "bad_link", 404),
    (NotFound, "not_found", 404),
    (NotAllowed, "not_allowed", 403),
    (InputError, "input", 422),
    (TooLarge, "too_large", 413),
    (KamflowError, "trouble", 503),
)
OF_STATUS = {
    400: "input",
    403: "not_allowed",
    404: "not_found",
    405: "not_found",
    413: "too_large",
    429: "slow",
}


def add(app: FastAPI) -> None:
    """Let an app answer its errors with a page."""
    for error, kind, status in KINDS:
        app.add_exception_handler(error, _handler(kind, status))
    app.add_exception_handler(HTTPException, _http)


def refused(request: Request, kind: str, status: int, language: str | None = None) -> Response:
    """The page of a refusal."""
    site = site_of(request)
    return page(site, "page/refused.html.j2", language or asked_for(request, site), status, kind=kind)


def _handler(kind: str, status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, _error: refused(request, kind, status)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refused(request, OF_STATUS.get(status, "trouble"), status)
