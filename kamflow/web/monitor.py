"""The listener for those who watch kamflow: is it alive, is it ready, and its figures for Prometheus.

It asks for no sign-in and stands on loopback unless told otherwise, so it says states and figures only:
no name, no address, no cause.
"""

from collections.abc import Callable, Iterable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import choose_encoder

from kamflow.store import gauges
from kamflow.web import metrics
from kamflow.web.site import Site
from kamflow.web.vital import State, Vital

__all__ = ("State", "Vital", "app")  # what a supervisor hands over

DATABASE = "database"
FRESH = {"Cache-Control": "no-store"}


def app(site: Site, vitals: Callable[[], list[Vital]]) -> FastAPI:
    """The listener at `operations.listen`."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    made.state.site = site

    @made.api_route("/health", methods=["GET", "HEAD"])
    def health() -> Response:
        """200 as long as nothing has to be repaired: what is still starting is well."""
        return _answer(_states(site, vitals()), well=("running", "starting"))

    @made.api_route("/ready", methods=["GET", "HEAD"])
    def ready() -> Response:
        """200 once everything runs: from then on a balancer may send visitors."""
        return _answer(_states(site, vitals()), well=("running",))

    figures = metrics.registry(site, vitals)

    @made.api_route("/metrics", methods=["GET", "HEAD"])
    def scraped(request: Request) -> Response:
        """All figures, in the format that was asked for."""
        encoder, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encoder(figures), media_type=None, headers=FRESH | {"Content-Type": kind})

    made.add_exception_handler(Exception, _fault)
    return made


def _states(site: Site, vitals: Iterable[Vital]) -> dict[str, str]:
    states: dict[str, str] = {each.name: each.state for each in vitals}
    return states | {DATABASE: "running" if gauges.answers(site.engine) else "down"}


def _answer(states: dict[str, str], well: tuple[State, ...]) -> Response:
    good = all(state in well for state in states.values())
    return JSONResponse(
        {"status": "ok" if good else "not ok", "states": states},
        200 if good else 503,
        headers=FRESH,
    )


def _fault(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"status": "not ok", "states": {}}, 503)
