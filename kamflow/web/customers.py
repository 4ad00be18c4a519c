"""The customers somebody may look into, with the ways to their pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from kamflow.errors import NotAllowed
from kamflow.store import account_list
from kamflow.web import access
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor, signed_in

LISTED = 200
LONGEST = 80

router = APIRouter()


@router.get("/accounts")
@router.head("/accounts")
def accounts(site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """All of them, or the first of many."""
    return _listed(site, visitor, "")


@router.post("/accounts")
def search(
    term: Annotated[str, Form()] = "", site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)
) -> Response:
    """Those with a word in their name; a name stands in no address, hence a POST. It changes nothing."""
    return _listed(site, visitor, term.strip()[:LONGEST])


def _listed(site: Site, visitor: Visitor, term: str) -> Response:
    if access.operations(visitor):
        raise NotAllowed("operations see no customer")
    with site.reading() as session:
        seen = access.accounts(session, visitor, site.today)
        found = account_list.listed(session, seen, site.today, term, LISTED + 1)
    return page(
        site,
        "customers/page.html.j2",
        visitor.language,
        visitor=visitor,
        here="/accounts",
        found=found[:LISTED],
        cut=len(found) > LISTED,
        term=term,
        longest=LONGEST,
    )
