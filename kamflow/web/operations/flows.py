"""One flow: its ledger, and a run for today or for another day."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse

from kamflow.errors import NotFound
from kamflow.schedules import STARTS
from kamflow.store import flow_ledger, flow_overview, run_requests, waiting_events
from kamflow.store.run_requests import WrongDay
from kamflow.web.operations import prefect_ui
from kamflow.web.operations.frame import shown
from kamflow.web.operations.gate import VIA, operator
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor

SIZE = 30  # runs on a page
Kind = Literal["whole", "events"]

router = APIRouter()


@router.get("/operations/flows/{flow}")
@router.head("/operations/flows/{flow}")
def ledger(
    flow: str,
    kind: Kind = "whole",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(operator),
) -> Response:
    """The ledger of a flow, the newest day first."""
    return _shown(site, visitor, _known(flow), kind, page)


@router.post("/operations/flows/{flow}/run")
def run(
    flow: str,
    as_of: Annotated[str, Form(max_length=40)] = "",
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(operator),
) -> Response:
    """Ask for a run of the flow for a day; who asks twice gets one."""
    known = _known(flow)
    try:
        day = date.fromisoformat(as_of.strip())
        with site.acting(visitor.person, VIA) as acting:
            run_requests.ask(acting.session, known, day, acting.actor, acting.now, site.today)
    except (ValueError, WrongDay):
        return _shown(site, visitor, known, asked=as_of)
    return RedirectResponse(f"/operations/flows/{known}", 303)


def _known(flow: str) -> str:
    if flow not in run_requests.FLOWS:
        raise NotFound("there is no such flow")
    return flow


def _shown(
    site: Site, visitor: Visitor, flow: str, kind: Kind = "whole", page: int = 1, asked: str | None = None
) -> Response:
    now, zone = site.now(), site.settings.company.zone
    with site.reading() as session:
        entries = flow_ledger.entries(session, flow, whole=kind == "whole", page=page, size=SIZE)
        state = next(each for each in flow_overview.flows(session, now, zone) if each.flow == flow)
        first, last = run_requests.days(session, flow, site.today)
        requests = [each for each in run_requests.waiting(session, now) if each.flow == flow]
        batches = [each for each in waiting_events.waiting(session, now).batches if each.flow == flow]
    return shown(
        site,
        visitor,
        "operations/flow.html.j2",
        200 if asked is None else 422,
        flow=flow,
        kind=kind,
        number=page,
        entries=entries[:SIZE],
        more=len(entries) > SIZE,
        state=state,
        first=first,
        last=last,
        requests=requests,
        batches=batches,
        asked=asked,
        by_events=any(flow in started for started in STARTS.values()),
        prefect=prefect_ui.pages(site.settings),
    )
