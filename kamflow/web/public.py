"""`web.public`: what the world reaches. The survey, what its page loads, and nothing else."""

from fastapi import FastAPI

from kamflow.web import assets, refusals
from kamflow.web.guard import Guard
from kamflow.web.site import Site


def app(site: Site) -> FastAPI:
    """The listener for customers."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.state.site = site
    made.include_router(assets.router)
    refusals.add(made)
    made.add_middleware(Guard, listener="public", counted=site.limits, base=site.settings.web.public_url)
    return made
