"""`web.public`: what the world reaches. The survey, what its page loads, and nothing else."""

from fastapi import FastAPI

from kamflow.web import assets, refusals
from kamflow.web.guard import Guard
from kamflow.web.site import Site
from kamflow.web.survey import routes as survey


def app(site: Site) -> FastAPI:
    """The listener for customers."""
    routes = [*assets.router.routes, *survey.router.routes]
    made = FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    made.state.site = site
    refusals.add(made)
    base, pages = site.settings.web.public_url, refusals.of_listener
    made.add_middleware(Guard, listener="public", counted=site.limits, base=base, pages=pages)
    return made
