"""`/a/{token}`: what one person can do about one nudge. A GET only shows it; each form does one thing.

No session comes of the link, and nothing but this nudge is shown.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from kamflow.errors import NotAllowed, NotFound
from kamflow.web import by_link
from kamflow.web.by_link import Holder
from kamflow.web.nudge_links import choices, doing, sight
from kamflow.web.nudge_links.choices import Choices
from kamflow.web.nudge_links.doing import DEEDS, Deed, Fields, Wrong
from kamflow.web.nudge_links.sight import Seen
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of

VIA = "link"
LOOK = ["GET", "HEAD"]
# What happened, as the page says it after a form was sent.
SAID = ("done", "quiet", "already", "snoozed", "handed-over", "logged", "already-logged", "booked", "lowered",
        "kept", "struck", "trying")  # fmt: skip

router = APIRouter(include_in_schema=False)


async def fields(request: Request) -> Fields:
    """What was typed and ticked."""
    async with request.form(max_files=0, max_fields=400) as form:
        found: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True)
class Looked:
    """The nudge of a link, and what its holder can do about it."""

    token: str
    holder: Holder
    seen: Seen | None
    choices: Choices | None


@router.api_route("/a/{token}", methods=LOOK)
def look(
    token: str, request: Request, do: str = "", said: str = "", site: Site = Depends(site_of)
) -> Response:
    """What it is about, and what each button would do."""
    signed = by_link.read(request, site, "nudge", token)
    with site.reading() as session:
        looked = _looked(session, site, token, by_link.holder(session, site, signed))
    return _page(site, looked, do, said if said in SAID else "")


@router.post("/a/{token}/{act}")
def act(
    token: str,
    act: str,
    request: Request,
    given: Fields = Depends(fields),
    site: Site = Depends(site_of),
) -> Response:
    """Do one thing, then show what happened."""
    signed = by_link.read(request, site, "nudge", token)
    if act not in DEEDS:
        raise NotFound(act)
    with site.reading() as session:
        holder = by_link.holder(session, site, signed)
    if holder.trying:
        return _back(token, "trying")
    try:
        return _back(token, _do(site, token, holder, act, given))
    except Wrong as wrong:
        with site.reading() as session:
            looked = _looked(session, site, token, holder)
        return _page(site, looked, act, wrong=wrong.what)


def _looked(session: Session, site: Site, token: str, holder: Holder) -> Looked:
    seen = sight.see(session, site, holder)
    return Looked(token, holder, seen, choices.of(session, site, holder, seen))


def _do(site: Site, token: str, holder: Holder, act: str, given: Fields) -> str:
    with site.acting(holder.person, VIA) as desk:
        looked = _looked(desk.session, site, token, holder)
        if looked.seen is None:
            raise NotAllowed(f"nudge {holder.about} is not yours")
        if looked.choices is None:
            return "already" if act == "done" else ""
        if act.replace("-", "_") not in looked.choices.acts:
            raise Wrong("cannot")
        return DEEDS[act](Deed(desk, site.policy, looked.seen, looked.choices, given))


def _back(token: str, said: str) -> Response:
    return RedirectResponse(f"/a/{token}?said={said}" if said else f"/a/{token}", 303)


def _page(site: Site, looked: Looked, do: str = "", said: str = "", wrong: str = "") -> Response:
    holder, seen, offered = looked.holder, looked.seen, looked.choices
    gone = seen is None and said != "handed-over"
    wanted = do.replace("-", "_")
    first = wanted if offered and wanted in offered.acts else offered.acts[0] if offered else ""
    return page(
        site,
        "nudge_page/page.html.j2",
        holder.language,
        403 if gone else 422 if wrong else 200,
        holder.today,
        at=f"/a/{looked.token}",
        holder=holder,
        seen=seen,
        item=seen.letter.items[0] if seen and seen.letter else None,
        labels=seen.letter.labels if seen and seen.letter else None,
        choices=offered,
        first=first,
        said=said,
        wrong=wrong,
        kinds=choices.KINDS,
        longest=doing.LONGEST,
    )
