"""What a page answers when it cannot do what was asked: in the reader's words, with a way on."""

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.types import Scope

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
# After these one's list is the way on; after the others the same page once more, later or with less.
ON_LIST = frozenset({"expired", "bad_link", "not_found", "not_allowed"})
OF_STATUS = {
    400: "input",
    403: "not_allowed",
    404: "not_found",
    405: "not_found",
    408: "trouble",
    413: "too_large",
    429: "slow",
}


def add(app: FastAPI) -> None:
    """Let an app answer its errors with a page."""
    for error, kind, status in KINDS:
        app.add_exception_handler(error, _handler(kind, status))
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(OverflowError, _out_of_range)
    app.add_exception_handler(DataError, _out_of_range)


def refused(request: Request, kind: str, status: int, language: str | None = None) -> Response:
    """The page of a refusal."""
    site = site_of(request)
    # The way on; customers have none, for their listener has one page for each of them.
    home = getattr(request.app.state, "home", None) if kind in ON_LIST else None
    spoken = language or asked_for(request, site)
    return page(site, "page/refused.html.j2", spoken, status, kind=kind, home=home)


def of_listener(scope: Scope, kind: str, status: int) -> Response:
    """The page of what the guard of a listener refused, or of a fault of ours."""
    return refused(Request(scope), kind, status)


def _handler(kind: str, status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, _error: refused(request, kind, status)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refused(request, OF_STATUS.get(status, "trouble"), status)


def _out_of_range(request: Request, _error: Exception) -> Response:
    """A number or a character that no database keeps: nothing of ours is called so."""
    looked = request.method in ("GET", "HEAD")
    return refused(request, "not_found", 404) if looked else refused(request, "input", 422)


def _unreadable(request: Request, error: Exception) -> Response:
    """An address with something else than a number where one belongs, or a field of a form like that."""
    known = error.errors() if isinstance(error, RequestValidationError) else []
    in_address = any(each["loc"][0] == "path" for each in known)
    return refused(request, "not_found", 404) if in_address else refused(request, "input", 422)
