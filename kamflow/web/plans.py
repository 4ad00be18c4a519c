"""Account plans: those that wait for a decision, those of one's customers, one to read and decide."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from kamflow.acts import plan as acts
from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.acts.plan import Desk
from kamflow.errors import NotAllowed
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, PlanState
from kamflow.periods import Period, label
from kamflow.store import names, plan_list
from kamflow.web import access, plan_paper
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor, signed_in

VIA = "page"
LONGEST = 4000  # characters of a comment
LISTED = 300

router = APIRouter()


@router.get("/plans")
@router.head("/plans")
def plans(site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """What waits for the visitor's decision, and the plans of their customers."""
    if access.operations(visitor):
        raise NotAllowed("operations read no plan")
    with site.reading() as session:
        waiting = plan_list.waiting(session, visitor.person, site.today)
        seen = access.accounts(session, visitor, site.today)
        others = plan_list.of_accounts(session, seen, site.today, LISTED)
        deciding = names.load(session, persons={each for plan in waiting for each in plan.asked}).persons
    known = {plan.id for plan in waiting}
    return page(
        site,
        "plans/list.html.j2",
        visitor.language,
        visitor=visitor,
        here="/plans",
        waiting=waiting,
        others=[plan for plan in others if plan.id not in known],
        cut=len(others) == LISTED,
        asked=lambda plan: [deciding[person] for person in plan.asked if person in deciding],
        called=lambda plan: _called(site, Period(plan.year_first, plan.year_last)),
    )


@router.post("/plans")
def approve_many(
    plan: Annotated[list[int] | None, Form()] = None,
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(signed_in),
) -> Response:
    """Approve the plans that are ticked, all of them or none; what is decided already stays so."""
    with site.acting(visitor.person, VIA) as acting:
        found = [_plan(acting.session, number) for number in sorted(set(plan or ()))]
        for each in found:
            _decidable(acting.session, site, visitor, each)
        for each in (each for each in found if each.state == PlanState.SUBMITTED):
            acts.approve(_desk(site, acting, each), [each.account_id])
    return RedirectResponse("/plans", 303)


@router.get("/plans/{number}")
@router.head("/plans/{number}")
def read(number: int, site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """One plan, with the buttons of who decides about it."""
    return _shown(number, site, visitor)


@router.post("/plans/{number}/approve")
def approve(number: int, site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """Approve a plan; where somebody was faster, its page says what they decided."""
    with site.acting(visitor.person, VIA) as acting:
        plan = _plan(acting.session, number)
        _decidable(acting.session, site, visitor, plan)
        if plan.state == PlanState.SUBMITTED:
            acts.approve(_desk(site, acting, plan), [plan.account_id])
    return RedirectResponse(f"/plans/{number}", 303)


@router.post("/plans/{number}/return")
def give_back(
    number: int,
    comment: Annotated[str, Form()] = "",
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(signed_in),
) -> Response:
    """Return a plan with what to change in it."""
    said = comment.replace("\r\n", "\n").strip()
    with site.acting(visitor.person, VIA) as acting:
        plan = _plan(acting.session, number)
        _decidable(acting.session, site, visitor, plan)
        fit = 0 < len(said) <= LONGEST
        if fit and plan.state == PlanState.SUBMITTED:
            acts.give_back(_desk(site, acting, plan), [plan.account_id], said)
    return RedirectResponse(f"/plans/{number}", 303) if fit else _shown(number, site, visitor, comment)


def _shown(number: int, site: Site, visitor: Visitor, comment: str | None = None) -> Response:
    with site.reading() as session:
        plan = _plan(session, number)
        may_decide = _may_decide(session, site, visitor, plan)
        if not may_decide:
            access.for_account(session, visitor, plan.account_id, site.today)
        year = _called(site, Period(plan.year_first, plan.year_last))
        letter = plan_paper.letter(session, site, plan, visitor, year)
        account = session.get_one(Account, plan.account_id)
    return page(
        site,
        "plans/plan.html.j2",
        visitor.language,
        200 if comment is None else 422,
        visitor=visitor,
        plan=plan,
        account=account,
        year=year,
        letter=letter,
        deciding=may_decide and plan.state == PlanState.SUBMITTED,
        comment=comment,
        longest=LONGEST,
    )


def _plan(session: Session, number: int) -> AccountPlan:
    found = session.get(AccountPlan, number)
    if found is None:
        # Whether there is such a plan is nobody's business who may not read it.
        raise NotAllowed(f"plan {number} is open to those in charge of it")
    return found


def _may_decide(session: Session, site: Site, visitor: Visitor, plan: AccountPlan) -> bool:
    try:
        _decidable(session, site, visitor, plan)
    except NotAllowed:
        return False
    return True


def _decidable(session: Session, site: Site, visitor: Visitor, plan: AccountPlan) -> None:
    """Let pass who decides about a plan (NotAllowed)."""
    if access.operations(visitor):
        raise NotAllowed("operations decide about no plan")
    rights.for_decision(session, visitor.person, plan, "decide about the plan", site.today)


def _desk(site: Site, acting: Acting, plan: AccountPlan) -> Desk:
    year = plan.year_first.year
    return Desk(acting.session, acting.actor, acting.now, site.policy, site.settings.company, year)


def _called(site: Site, year: Period) -> str:
    company = site.settings.company
    return label(year, company.fiscal_year_start, company.fiscal_year_changes)
