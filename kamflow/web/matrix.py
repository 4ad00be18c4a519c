"""The contact matrix of an account: who of ours met whom, of what is planned; on a phone, a desk and A4."""

from datetime import date

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session

from kamflow.models.account import TeamRole
from kamflow.models.person import Role
from kamflow.store import matrix_page, teams
from kamflow.store.matrix_page import Sight
from kamflow.web import access
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor, signed_in

# Who of an account's team reads what its other members do there; a sponsor reads sums.
WORKING = frozenset({TeamRole.KAM, TeamRole.CORE, TeamRole.AD_HOC})

router = APIRouter()


@router.get("/accounts/{account}/matrix")
@router.head("/accounts/{account}/matrix")
def matrix(account: int, site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """Ist and Soll of every contact, with who met them last."""
    with site.reading() as session:
        access.for_account(session, visitor, account, site.today)
        customer = access.known(session, account)
        sight = _sight(session, site, visitor, account, site.today)
        grid = matrix_page.grid(
            session, account, site.now(), site.today, site.policy, site.settings.company, sight
        )
    return page(
        site, "contact_matrix/page.html.j2", visitor.language, visitor=visitor, account=customer, grid=grid
    )


def _sight(session: Session, site: Site, visitor: Visitor, account: int, today: date) -> Sight:
    """Who sees what: without a works council all; with it the team and the head who met whom, and everybody
    whether they themselves, and those they stand in for, are behind."""
    if not site.settings.works_council:
        return Sight(visitor.person, None, None)
    own = frozenset({visitor.person, *teams.covered_by(session, visitor.person)})
    held = teams.team(session, account, today).get(visitor.person, set())
    everybody = Role.HEAD in visitor.roles or bool(held & WORKING)
    return Sight(visitor.person, None if everybody else own, own)
