"""`web.internal`: everything for our own people, and for the systems that tell us what happened."""

from fastapi import FastAPI

from kamflow.web import (
    assets,
    customers,
    guesses,
    log_contact,
    matrix,
    my_list,
    plans,
    refusals,
    sign_in,
    survey_results,
    visitor,
)
from kamflow.web.api import app as api
from kamflow.web.api import problems
from kamflow.web.documents import routes as documents
from kamflow.web.guard import Guard
from kamflow.web.nudge_links import routes as nudge_links
from kamflow.web.oidc import routes as oidc
from kamflow.web.operations import flows as operations_flows
from kamflow.web.operations import outbox as operations_outbox
from kamflow.web.operations import overview as operations
from kamflow.web.site import Site
from kamflow.web.slack import requests as slack

# Paths that other systems post to: each proves who it is by itself.
MACHINES = ("/api/", "/slack/")
ROUTERS = (
    assets.router, customers.router, log_contact.router, matrix.router, my_list.router, plans.router,
    operations.router, operations_flows.router, operations_outbox.router, oidc.router, sign_in.router,
    survey_results.router, nudge_links.router, documents.router, slack.router,
)  # fmt: skip


def app(site: Site) -> FastAPI:
    """The listener for the company's own network."""
    routes = [route for each in ROUTERS for route in each.routes]
    # Given as they are: `include_router` would take each of them apart anew for every listener.
    made = FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    made.state.site = site
    made.state.home = "/list"
    made.mount(api.AT, api.app(site))
    refusals.add(made)
    visitor.add(made)
    guesses.add(made)
    made.add_middleware(
        Guard,
        listener="internal",
        counted=site.limits,
        base=site.settings.web.internal_url,
        machines=MACHINES,
        refusals={f"{api.AT}/": problems.worded},
        pages=refusals.of_listener,
    )
    return made
