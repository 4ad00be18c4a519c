"""What a visitor of the demo's page can do as the person they look at: open kamflow, click in a post."""

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from kamflow.demo.stage import Stage
from kamflow.web.sign_in_address import sign_in_address
from kamflow.web.site import Site

OWN = ("same-origin", "none")
PAUSE = 1.5  # seconds in which what was clicked is done, so that the page shows it


def acting(stage: Stage) -> APIRouter:
    """The routes for what visitors do."""
    router = APIRouter()
    home = stage.home
    site = Site(home.settings, home.policy, home.engine, home.now)

    @router.post("/enter/{person}")
    def enter(request: Request, person: str) -> Response:
        """Sign in to the pages as somebody, by a link such as people get by mail."""
        _only_here(request)
        if person not in stage.people:
            raise HTTPException(404)
        with site.writing("page") as session:
            link = sign_in_address(site, session, stage.people[person])
        return RedirectResponse(link or "/", 303)

    @router.post("/click/{ts}/{block}/{action}")
    async def click(
        request: Request, ts: str, block: str, action: str, person: str = "", language: str = ""
    ) -> Response:
        """Click on a button of a post as whoever reads it; a form that opens is sent as it was filled in."""
        _only_here(request)
        found = next((post for post in stage.slack.posts if post.ts == ts), None)
        if found is None or found.user is None:
            raise HTTPException(404)
        before = set(stage.slack.workspace.views.known)
        await stage.slack.click(found, action, found.user.id, block=block)
        await asyncio.sleep(PAUSE)
        for number in set(stage.slack.workspace.views.known) - before:
            await stage.slack.submit(stage.slack.workspace.views.known[number])
            await asyncio.sleep(PAUSE)
        back = urlencode({"person": person, "language": language})
        return RedirectResponse(f"/?{back}#person", 303)

    return router


def _only_here(request: Request) -> None:
    """Take a form from our own page only; without the header it was no browser of today."""
    if request.headers.get("sec-fetch-site", "none") not in OWN:
        raise HTTPException(403)
