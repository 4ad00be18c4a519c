"""Which plan a form is about, and its sheet in a workbook."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from kamflow.errors import InputError
from kamflow.figures import plan_dates, plan_progress
from kamflow.intake.forms import labels, plan_sheet
from kamflow.intake.forms.plan_page import Page
from kamflow.intake.forms.sheet_cells import Labels
from kamflow.intake.forms.sheet_workbook import Workbook
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, PlanState
from kamflow.periods import Period, fiscal_year, label, next_year
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import approvers, own_policy, plan_form, plan_rows
from kamflow.store.plan_form import PlanForm

IN_WORK = (PlanState.DRAFT, PlanState.RETURNED, PlanState.SUBMITTED)
LONGEST = 31  # characters of a sheet's name
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "()-----")


@dataclass(frozen=True, slots=True)
class Export:
    """What forms are written with."""

    session: Session
    today: date
    company: Company
    policy: Policy
    language: str
    names: Labels
    lagging: frozenset[int] | None = None  # of whom a matrix marks that they lag behind; None: of all

    @property
    def fiscal_years(self) -> tuple[int, Any]:
        return self.company.fiscal_year_start, self.company.fiscal_year_changes


def load(export: Export, account: Account, year: int | None = None) -> PlanForm:
    """The plan of a year (by its first calendar year), else of the one in work.

    Raises:
        InputError: no fiscal year begins in that year.
    """
    session, number = export.session, account.id or 0
    span = _year(export, account, year)
    plan = plan_form.plan_of(session, number, span)
    policy = own_policy.of_account(session, export.policy, number, export.today).plan_creation
    kind = plan.form if plan else plan_rows.form(session, number, policy)
    numbers = plan_progress.sections("key" if kind == "key" else "short", policy)
    deciding = approvers.load(session, [number], export.today).of(number, span.first)
    return plan_form.load(session, account, span, export.today, numbers, export.names, deciding)


def draw(export: Export, workbook: Workbook, name: str, number: int, form: PlanForm) -> None:
    """Add a plan's sheet to a workbook; `number` tells it from the other plans there."""
    contacts = labels.offered(export.session, [form.account.id or 0])["contact"]
    known = {"person": form.people, "contact": {row: form.contacts_by_id[row] for row in contacts}}

    def offers(kind: str) -> str | None:
        names = sorted(known.get(kind, {}).values(), key=str.casefold)
        return workbook.range_of(names) if names else None

    token = next(value for what, one, _, value in workbook.memory if (what, one) == ("meta", "id"))
    created = plan_form.created(export.session, form.plan, export.company.zone)
    called = label(form.year, *export.fiscal_years)
    about = Page(export.language, export.company.currency, called, token, created, offers)
    workbook.memory += plan_sheet.draw(workbook.book, name, number, form, about)


def _year(export: Export, account: Account, year: int | None) -> Period:
    rules = export.fiscal_years
    if year is not None:
        for month in range(1, 13):
            found = fiscal_year(date(year, month, 1), *rules)
            if found.first.year == year:
                return found
        raise InputError(f"no fiscal year begins in {year}")
    plans = plan_rows.running(export.session, account.id or 0, export.today)
    chosen = next((each for each in plans if each.state in IN_WORK), None) or _newest(plans)
    if chosen is not None:
        return Period(chosen.year_first, chosen.year_last)
    this = fiscal_year(export.today, *rules)
    following = next_year(this, export.company.fiscal_year_changes)
    begun = export.today >= plan_dates.start(following, export.policy.plan_creation)
    return following if begun else this


def _newest(plans: list[AccountPlan]) -> AccountPlan | None:
    return plans[-1] if plans else None


def sheet_name(called: str, what: str, taken: set[str]) -> str:
    """A name for a sheet as Excel takes it: at most 31 characters, none of []:*?/\\, no other one's.

    "Muster AG · Plan", "Muster AG · Plan 2", "Name that is much too… · Plan".
    """
    clean = " ".join("".join(c if c.isprintable() else " " for c in called).translate(_NOT_IN_NAMES).split())
    for number in range(1, 10_000):
        tail = f" · {what}" if number == 1 else f" · {what} {number}"
        name = _cut(clean.strip("'") or "?", LONGEST - len(tail)) + tail
        if name.casefold() not in taken:
            taken.add(name.casefold())
            return name
    raise InputError(f"{called}: no name left for its sheet")


def _cut(name: str, room: int) -> str:
    """Excel counts UTF-16 units."""
    cut = name
    while len(cut.encode("utf-16-le")) // 2 > room:
        cut = f"{cut.removesuffix('…')[:-1].rstrip(' (,-&')}…"
    return cut
