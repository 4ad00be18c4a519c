"""`/d/{token}`: a document by its link; the draft of a briefing with what its reader makes of it.

`/f/{token}.ics`: a person's own calendar, for the calendar program that asks for it again and again.
"""

from base64 import b64encode
from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.web import by_link
from kamflow.web.by_link import Holder
from kamflow.web.documents import feed, looking_through, reading
from kamflow.web.documents.looking_through import FORMS
from kamflow.web.documents.reading import Paper
from kamflow.web.nudge_links.routes import Fields, fields
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from notifications.render import briefing_page, picture, rows
from notifications.render.house import House
from notifications.render.item import Chart

VIA = "link"
LOOK = ["GET", "HEAD"]
SAID = ("released", "already", "saved", "kept", "trying")

router = APIRouter(include_in_schema=False)


@router.api_route("/d/{token}", methods=LOOK)
def look(token: str, request: Request, said: str = "", site: Site = Depends(site_of)) -> Response:
    """The document; of a draft also what can be struck, corrected and released."""
    holder, paper = _opened(token, request, site)
    return _page(site, token, holder, paper, said if said in SAID else "")


@router.api_route("/d/{token}/briefing.pdf", methods=LOOK)
def download(token: str, request: Request, site: Site = Depends(site_of)) -> Response:
    """The page of a briefing, to print."""
    holder, paper = _opened(token, request, site)
    if not paper.is_briefing:
        raise NotFound("this document has no page to print")
    made = briefing_page.page(paper.facts, holder.language, paper.names, House.of(site.settings))
    name = briefing_page.filename(paper.facts, paper.names)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(made, 200, headers, "application/pdf")


@router.post("/d/{token}/{form}")
def change(
    token: str,
    form: str,
    request: Request,
    given: Fields = Depends(fields),
    site: Site = Depends(site_of),
) -> Response:
    """Strike, correct, add to, or release a draft."""
    holder, paper = _opened(token, request, site)
    if form not in FORMS:
        raise NotFound(form)
    if holder.trying:
        return _back(token, "trying")
    if not paper.lines:
        raise NotAllowed("there is nothing to release here")
    try:
        with site.acting(holder.person, VIA) as desk:
            # Once more, now that nobody else can change it.
            again = reading.read(desk.session, site, holder)
            said = FORMS[form](desk, again, given)
    except (NotAllowed, NotFound):
        raise
    except InputError:
        return _page(site, token, holder, paper, wrong=True)
    return _back(token, said)


@router.api_route("/f/{token}.ics", methods=LOOK)
def calendar(token: str, request: Request, site: Site = Depends(site_of)) -> Response:
    """What is dated for a person; unchanged, it is not sent twice."""
    signed = by_link.read(request, site, "feed", token)
    with site.reading() as session:
        holder = by_link.holder(session, site, signed)
        return feed.answer(session, site, holder, request.headers.get("if-none-match", ""))


def _opened(token: str, request: Request, site: Site) -> tuple[Holder, Paper]:
    signed = by_link.read(request, site, "document", token)
    with site.reading() as session:
        holder = by_link.holder(session, site, signed)
        return holder, reading.read(session, site, holder)


def _back(token: str, said: str) -> Response:
    return RedirectResponse(f"/d/{token}?said={said}", 303)


def _page(
    site: Site, token: str, holder: Holder, paper: Paper, said: str = "", *, wrong: bool = False
) -> Response:
    company, brand = site.settings.company.name, site.settings.brand
    drawn = picture.pictures(paper.letter, House(company, brand.primary, brand.secondary))
    return page(
        site,
        "document_page/page.html.j2",
        holder.language,
        422 if wrong else 200,
        holder.today,
        at=f"/d/{token}",
        holder=holder,
        paper=paper,
        letter=paper.letter,
        pictures=_inside(drawn),
        rows=rows,
        labels=looking_through.labels(paper, holder.language, holder.today),
        said=said,
        wrong=wrong,
    )


def _inside(drawn: Mapping[Chart, picture.Picture]) -> dict[Chart, str]:
    return {
        chart: f"data:{each.part.content_type};base64,{b64encode(each.part.content).decode()}"
        for chart, each in drawn.items()
    }
