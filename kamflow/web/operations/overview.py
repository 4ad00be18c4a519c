"""How kamflow runs, on one page: what is wrong first, then how everything stands."""

import platform
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from sqlmodel import Session

from kamflow.store import (
    adopted,
    channel_health,
    clock_jobs,
    data_age,
    flow_overview,
    incident_history,
    incidents,
    leases,
    outbox_overview,
    run_requests,
    run_troubles,
    schema_version,
    supervisors,
    waiting_events,
)
from kamflow.web.operations import glance, prefect_ui
from kamflow.web.operations.frame import shown
from kamflow.web.operations.gate import operator
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor

CLOCK = "clock"  # the lease of who beats it
PAST = 50  # incidents that are over, on a page

router = APIRouter()


@router.get("/operations")
@router.head("/operations")
def overview(site: Site = Depends(site_of), visitor: Visitor = Depends(operator)) -> Response:
    """What is wrong, if anything, and below it how everything stands."""
    with site.reading() as session:
        values = _everything(session, site)
    return shown(
        site,
        visitor,
        "operations/overview.html.j2",
        prefect=prefect_ui.pages(site.settings),
        versions=_versions(values),
        **values,
    )


@router.get("/operations/incidents")
@router.head("/operations/incidents")
def past(
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(operator),
) -> Response:
    """What was wrong, the newest first."""
    with site.reading() as session:
        found = incident_history.over(session, page, PAST)
    return shown(
        site, visitor, "operations/incidents.html.j2", found=found[:PAST], number=page, more=len(found) > PAST
    )


def _everything(session: Session, site: Site) -> dict[str, Any]:
    now, zone = site.now(), site.settings.company.zone
    causes = outbox_overview.causes(session, now)
    ages = data_age.ages(session, site.today, zone)
    known = incidents.open_now(session)
    jobs, lease = clock_jobs.all_of_them(session), leases.held(session, CLOCK, now)
    ups = supervisors.all_of_them(session)
    flows = flow_overview.flows(session, now, zone)
    seen = [
        glance.standing(ups, jobs, lease, now),
        None if adopted.is_adopted(session, site.settings.home) else glance.Trouble("copy", "home", None),
        *glance.runs(run_troubles.broken(session), flows),
        *glance.data(ages),
    ]
    return {
        "glance": glance.glance(known, seen, causes),
        "known": {each.key for each in known},
        "flows": flows,
        "requests": run_requests.waiting(session, now),
        "piles": outbox_overview.counts(session, now),
        "causes": causes,
        "waiting": waiting_events.waiting(session, now),
        "ways": _ways(session, site),
        "ages": ages,
        "jobs": jobs,
        "lease": lease,
        "supervisors": ups,
        "database": schema_version.database(session),
        "schema": schema_version.schema(session),
    }


def _ways(session: Session, site: Site) -> dict[str, Any]:
    """The channels that are set up, and when a message last went out by them."""
    settings = site.settings
    ways: dict[str, Any] = {"email": channel_health.last_sent(session, "email")}
    if settings.slack.token:
        ways["slack"] = channel_health.last_sent(session, "slack")
    if settings.slack.token and settings.slack.app_token:
        ways["socket"] = None
    if settings.mailbox.host:
        ways["mailbox"] = None
    return ways


def _versions(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("kamflow", version("kamflow")),
        ("Prefect", version("prefect")),
        ("Python", platform.python_version()),
        ("database", values["database"]),
        ("schema", values["schema"] or "–"),
    ]
