"""The door for other systems: one address that takes CloudEvents, and its description.

It is an app of its own below `/api`, so that it answers in JSON whatever happens.
"""

from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kamflow.web.api import page, problems, schema, sources, taking
from kamflow.web.api.envelope import Sent, sent
from kamflow.web.api.events import Answer
from kamflow.web.site import Site, site_of

AT = "/api"
_ABOUT = "Tell kamflow what happened in another system: a CRM, a calendar, an ERP. See docs/events.md."
_REFUSALS = schema.refusals(
    "unreadable", "no-token", "not-allowed", "unknown", "other-content", "does-not-fit", "too-large",
    "media-type", "not-as-described", "too-many", "trouble",
)  # fmt: skip


def app(site: Site) -> FastAPI:
    """To be mounted at `/api`."""
    made = _bare()
    made.state.site = site
    made.openapi_schema = description()
    return made


@cache
def description() -> dict[str, Any]:
    """The API in OpenAPI's terms: the same in every installation."""
    return schema.described(_bare())


def _bare() -> FastAPI:
    made = FastAPI(title="kamflow events", version="1", description=_ABOUT, openapi_url=None, docs_url=None,
                   redoc_url=None, redirect_slashes=False, routes=list(_routes()))  # fmt: skip
    problems.add(made)
    return made


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The same for every listener: what an answer looks like is worked out once."""
    made = APIRouter(redirect_slashes=False)
    made.post(
        "/events",
        response_model=Answer | list[Answer],
        responses=_REFUSALS,
        openapi_extra=schema.BODY,
        summary="Tell one event, or a batch",
        operation_id="tell",
    )(tell)
    for path, answer in (("/openapi.json", described), ("/docs", page.docs)):
        made.api_route(path, methods=["GET", "HEAD"], include_in_schema=False)(answer)
    return tuple(made.routes)


def tell(
    source: str = Depends(sources.known),
    given: Sent = Depends(sent),
    site: Site = Depends(site_of),
) -> Response:
    """Carry out one event, or all events of a batch or none. The same event again is answered the same."""
    sources.count(site, source, len(given.events))
    answers: list[Any] = [each.kept() for each in taking.take(site, source, given)]
    return JSONResponse(answers if given.batch else answers[0])


def described() -> Response:
    """The API's description; public, for it holds no content."""
    return JSONResponse(description())
