"""The survey's addresses: `/s/{token}` and two below it. A GET stores nothing, whoever sends it."""

from fastapi import APIRouter, Depends, Request, Response

from kamflow.acts import survey_answer, survey_objection
from kamflow.web.site import Site, site_of
from kamflow.web.survey import form, guesses, pages
from kamflow.web.survey.form import Fields
from kamflow.web.survey.opening import opened, seen

LOOK = ["GET", "HEAD"]
VIA = "page"

router = APIRouter(include_in_schema=False)


@router.api_route("/s/{token}", methods=LOOK)
def look(token: str, request: Request, site: Site = Depends(site_of)) -> Response:
    """The survey, with the answer given so far."""
    with site.reading() as session:
        found = opened(session, site, request, token)
        if found is None:
            return guesses.refused(request, site)
        if found.asked.state == "open":
            return pages.survey(session, site, found)
        return pages.instead(session, site, found)


@router.post("/s/{token}")
def save(
    token: str, request: Request, fields: Fields = Depends(form.fields), site: Site = Depends(site_of)
) -> Response:
    """Store the answer, and say thank you."""
    said = form.said(fields)
    with site.reading() as session:
        found = opened(session, site, request, token)
        if found is None:
            return guesses.refused(request, site)
        if form.too_long(said):
            return pages.survey(session, site, found, said, "long", 422)
    with site.acting(None, VIA) as desk:
        done = survey_answer.answer(desk, found.asked.id, said, form.version(fields))
    found = seen(done.asked, site, request, token)
    if done.state in ("answered", "changed", "already", "trial"):
        return pages.to(found, "/thanks")
    with site.reading() as session:
        if done.state in ("over", "objected"):
            return pages.instead(session, site, found, said)
        return pages.survey(session, site, found, said, done.state, 409 if done.state == "conflict" else 422)


@router.api_route("/s/{token}/thanks", methods=LOOK)
def thanks(token: str, request: Request, site: Site = Depends(site_of)) -> Response:
    """The thank-you page of whoever has answered; everybody else gets the survey."""
    with site.reading() as session:
        found = opened(session, site, request, token)
        if found is None:
            return guesses.refused(request, site)
        if found.asked.given is None and not found.asked.trial:
            return pages.to(found)
        return pages.thanks(session, site, found)


@router.api_route("/s/{token}/no-more", methods=LOOK)
def ask_no_more(token: str, request: Request, site: Site = Depends(site_of)) -> Response:
    """What it means not to be asked again, with the button that does it."""
    with site.reading() as session:
        found = opened(session, site, request, token)
        return pages.objection(session, site, found) if found else guesses.refused(request, site)


@router.post("/s/{token}/no-more")
def no_more(token: str, request: Request, site: Site = Depends(site_of)) -> Response:
    """Note the objection; also when the survey is over."""
    with site.reading() as session:
        found = opened(session, site, request, token)
    if found is None:
        return guesses.refused(request, site)
    with site.acting(None, VIA) as desk:
        survey_objection.object_to_surveys(desk, found.asked.id, pages.no_more(found.language))
    return pages.to(found, "/no-more")
