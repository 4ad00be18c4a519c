"""Fill, submit, approve and return account plans.

A plan may be submitted with sections missing: they are named, and the approver decides whether that is
enough. While it lies with the approver nobody writes in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.errors import InputError, NotFound
from kamflow.figures import plan_progress
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, PlanSection, PlanState
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import events, own_policy, plan_rows
from kamflow.store.engine import lock

WRITING = ("hand_in", "position", "measures")  # steps whose nudge asks for a part of the plan, or all of it


@dataclass(frozen=True)
class Planned:
    """What became of one plan: filled, unchanged, submitted, approved, returned, or already so."""

    account: int
    plan: int
    year: int
    state: str
    missing: tuple[int, ...] = ()


@dataclass(frozen=True)
class Desk:
    """Who acts on plans, and when; `year` picks one where an account has several in work."""

    session: Session
    actor: int | None
    now: datetime
    policy: Policy
    company: Company
    year: int | None = None

    @property
    def today(self) -> date:
        return days.local(self.session, self.actor, self.now, self.company)


def fill(desk: Desk, account: int, number: int, text: str) -> Planned:
    """Write a section. On an approved plan it counts as a refresh.

    Raises:
        InputError: no such section in this form, no text, or the plan lies with the approver.
        NotAllowed, NotFound: not in the team; no plan.
    """
    plan = _own(desk, account, "fill its plan", (PlanState.DRAFT, PlanState.RETURNED))
    sections = _sections(desk, plan)
    if number not in sections:
        known = ", ".join(map(str, sections))
        raise InputError(f"section {number} is not part of this plan: it has {known}")
    if not text.strip():
        raise InputError(f"section {number} has no text: write one, or hand in a file with --file")
    if plan.state == PlanState.SUBMITTED:
        raise InputError("this plan lies with the approver: have it returned before you change it")
    section = desk.session.get(PlanSection, (plan.id, number), populate_existing=True)
    if section is not None and section.body == text:
        return _planned(desk, plan, "unchanged")
    section = section or PlanSection(plan_id=plan.id or 0, number=number, version=0)
    section.body, section.version = text, section.version + 1
    section.filled_on = section.filled_on or desk.today
    section.reviewed_on = desk.today
    desk.session.add(section)
    desk.session.flush()
    _record(desk, "plan.filled", plan, section=number, version=section.version)
    return _planned(desk, plan, "filled")


def submit(desk: Desk, accounts: Sequence[int]) -> list[Planned]:
    """Hand plans in for approval; says which sections are missing.

    Raises:
        NotAllowed, NotFound: not in the team, nor was it handed over; no plan. Nothing is handed in then.
    """

    def one(account: int) -> Planned:
        plan = _own(desk, account, "submit its plan", (PlanState.DRAFT, PlanState.RETURNED))
        if plan.state in (PlanState.SUBMITTED, PlanState.APPROVED):
            return _planned(desk, plan, f"already {plan.state}")
        plan.state, plan.submitted_at = PlanState.SUBMITTED.value, desk.now
        _record(desk, "plan.submitted", plan)
        return _planned(desk, plan, "submitted")

    return _each(accounts, one)


def approve(desk: Desk, accounts: Sequence[int]) -> list[Planned]:
    """Approve submitted plans, all of them or none.

    Raises:
        InputError: one has not been submitted.
        NotAllowed, NotFound: not the approver; no plan.
    """
    return _each(accounts, lambda account: _decide(desk, account, PlanState.APPROVED, None))


def give_back(desk: Desk, accounts: Sequence[int], comment: str) -> list[Planned]:
    """Return submitted plans to their authors with what to change; raises as `approve` does."""
    if not comment.strip():
        raise InputError("say what to change: a plan is returned with a comment (--comment TEXT)")
    return _each(accounts, lambda account: _decide(desk, account, PlanState.RETURNED, comment))


def _decide(desk: Desk, account: int, state: PlanState, comment: str | None) -> Planned:
    verb = "approve the plan" if state == PlanState.APPROVED else "return the plan"
    person = rights.person(desk.session, desk.actor, verb, desk.today)
    plan = _plan(desk, account, (PlanState.SUBMITTED,))
    rights.for_decision(desk.session, person, plan, verb, desk.today)
    if plan.state == state:
        return _planned(desk, plan, f"already {state.value}")
    if plan.state != PlanState.SUBMITTED:
        raise InputError(
            f"the plan of {_name(desk, account)} is {plan.state}, not submitted: nothing to decide"
        )
    plan.state, plan.comment = state.value, comment
    plan.decided_at, plan.decided_by_id = desk.now, person
    _record(desk, f"plan.{state.value}", plan)
    return _planned(desk, plan, state.value)


def _own(desk: Desk, account: int, act: str, states: Sequence[PlanState]) -> AccountPlan:
    """The plan, for its author, the account's team, the head, or to whom a step of it was handed over."""
    person = rights.person(desk.session, desk.actor, act, desk.today)
    plan = _plan(desk, account, states)
    if person != plan.author_id and not rights.given(desk.session, person, plan, WRITING):
        row = desk.session.get_one(Account, account)
        rights.for_account(desk.session, person, row, act, desk.today)
    return plan


def _plan(desk: Desk, account: int, states: Sequence[PlanState]) -> AccountPlan:
    """The plan in one of these states, else the newest: it is so already, or the act says what is wrong."""
    lock(desk.session, f"plan:{account}")
    plans = plan_rows.running(desk.session, account, desk.today)
    if desk.year is not None:
        plans = [plan for plan in plans if plan.year_first.year == desk.year]
    fitting = [plan for plan in plans if plan.state in states]
    if len(fitting) > 1:
        years = ", ".join(str(plan.year_first.year) for plan in fitting)
        raise InputError(f"{_name(desk, account)} has plans for {years}: say which one (--year YEAR)")
    if not plans:
        year = f" for {desk.year}" if desk.year else ""
        raise NotFound(
            f"{_name(desk, account)} has no plan{year}: `kamflow run plan_creation` drafts it once it is time"
        )
    return fitting[0] if fitting else plans[-1]


def _each(accounts: Sequence[int], one: Callable[[int], Planned]) -> list[Planned]:
    # In one order for everybody: two people deciding about the same plans do not wait for each other.
    return [one(account) for account in sorted(set(accounts))]


def _sections(desk: Desk, plan: AccountPlan) -> tuple[int, ...]:
    policy = own_policy.of_account(desk.session, desk.policy, plan.account_id, desk.today)
    return plan_progress.sections("key" if plan.form == "key" else "short", policy.plan_creation)


def _planned(desk: Desk, plan: AccountPlan, state: str) -> Planned:
    filled = plan_rows.filled(desk.session, plan.id or 0)
    missing = () if plan.imported else plan_progress.missing(filled, _sections(desk, plan))
    return Planned(plan.account_id, plan.id or 0, plan.year_first.year, state, missing)


def _record(desk: Desk, name: str, plan: AccountPlan, **payload: int) -> None:
    events.record(
        desk.session, name, desk.now, actor=desk.actor, account=plan.account_id, plan=plan.id, **payload
    )


def _name(desk: Desk, account: int) -> str:
    return desk.session.get_one(Account, account).name
