"""Take over an account plan that was approved elsewhere, before kamflow: its date, and where it lies."""

from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.acts.plan import Planned
from kamflow.errors import InputError
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, PlanState
from kamflow.periods import Period, fiscal_year
from kamflow.store import plan_rows
from kamflow.store.contacts import accounts_kams
from kamflow.store.engine import lock


def import_approved(
    desk: Acting, account: int, approved_on: date, url: str, form: str, year: int | None = None
) -> Planned:
    """Store a plan of a fiscal year (this one if not given) as approved; nothing is asked about it then.

    Raises:
        InputError: the day is to come, the address is none, or the plan was handed in here.
        NotAllowed: the actor is not in the account's team, nor the head, nor operations.
    """
    _check(desk, account, approved_on, url)
    lock(desk.session, f"plan:{account}")
    period = _year(desk, year)
    known = [
        each
        for each in plan_rows.running(desk.session, account, period.first)
        if each.year_first == period.first
    ]
    plan = known[0] if known else None
    if plan is not None and plan.imported and plan.document_url == url:
        return Planned(account, plan.id or 0, period.first.year, "already imported")
    if plan is not None and not plan.imported and plan.state in (PlanState.SUBMITTED, PlanState.APPROVED):
        raise InputError(f"the plan for {period} is {plan.state} here: nothing to take over")
    plan = plan or AccountPlan(account_id=account, year_first=period.first, year_last=period.last, form=form)
    plan.state, plan.imported, plan.document_url = PlanState.APPROVED.value, True, url
    plan.decided_at = datetime.combine(approved_on, time(12), UTC)
    plan.author_id = plan.author_id or accounts_kams(desk.session, [account], desk.today).get(account)
    desk.session.add(plan)
    desk.session.flush()
    desk.record("plan.imported", account, plan=plan.id, approved_on=approved_on.isoformat())
    return Planned(account, plan.id or 0, period.first.year, "imported")


def _check(desk: Acting, account: int, approved_on: date, url: str) -> None:
    if desk.actor is not None:
        actor = desk.person("take over a plan")
        row = desk.session.get_one(Account, account)
        rights.for_account(desk.session, actor, row, "take over its plan", desk.today)
    if approved_on > desk.today:
        raise InputError(f"{approved_on} is to come: name the day on which the plan was approved")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise InputError(f"{url!r}: expected the address of the document (https://…)")


def _year(desk: Acting, year: int | None) -> Period:
    company = desk.company
    rules = (company.fiscal_year_start, company.fiscal_year_changes)
    if year is None:
        return fiscal_year(desk.today, *rules)
    for month in range(1, 13):
        found = fiscal_year(date(year, month, 1), *rules)
        if found.first.year == year:
            return found
    raise InputError(f"no fiscal year begins in {year}")
