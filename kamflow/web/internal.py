"""`web.internal`: everything for our own people, and for the systems that tell us what happened."""

from fastapi import FastAPI

from kamflow.web import assets, refusals
from kamflow.web.guard import Guard
from kamflow.web.site import Site

# Paths that other systems post to: each proves who it is by itself.
MACHINES = ("/api/", "/slack/")


def app(site: Site) -> FastAPI:
    """The listener for the company's own network."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.state.site = site
    made.include_router(assets.router)
    refusals.add(made)
    made.add_middleware(
        Guard,
        listener="internal",
        counted=site.limits,
        base=site.settings.web.internal_url,
        machines=MACHINES,
    )
    return made
