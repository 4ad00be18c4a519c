"""The Excel forms that `kamflow export` writes, each to be filled in and imported again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select
from sqlmodel import Session, col

from flows.runtime import Home
from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError
from kamflow.intake.forms import briefing_form, labels, matrix, matrix_workbook, tools, workbook
from kamflow.intake.forms.plan_export import Export
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.intake.periods import period as parse_period
from kamflow.models.account import Account
from kamflow.periods import Changes, fiscal_year
from kamflow.store import lookup, teams


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line, and where to find it."""

    session: Session
    home: Home
    account: str | None = None
    person: str | None = None
    period: str | None = None
    language: str | None = None
    out: Path | None = None
    year: int | None = None
    actor: int | None = None

    @property
    def years(self) -> tuple[int, Changes]:
        company = self.home.settings.company
        return company.fiscal_year_start, company.fiscal_year_changes

    @property
    def spoken(self) -> str:
        """The language of the form: the one asked for, else the company's."""
        if self.language not in (None, "de", "en"):
            raise InputError(f"{self.language!r}: forms exist in de and en")
        return self.language or self.home.settings.company.language[:2]

    def the_account(self, form: str) -> Account:
        """The account of a form that is about one."""
        if self.account is None:
            raise InputError(f"a {form} is about one account: --account KEY")
        return lookup.account(self.session, self.account)

    def path(self, *words: str) -> Path:
        """Where to write: as asked, else a file called after these words."""
        return self.out or Path("-".join(safe(each) for each in words) + ".xlsx")


def contact_matrix(asked: Asked) -> Path:
    """Draw the contact matrix of an account."""
    account, today = asked.the_account("contact matrix"), asked.home.today()
    _may_read(asked, account, "read its contact matrix")
    span = parse_period(asked.period, *asked.years) if asked.period else fiscal_year(today, *asked.years)
    if span is None:
        raise InputError(f"{asked.period!r} is no period: 2026, 2026/27 or 2026-Q3")
    path = asked.path("contact-matrix", account.key)
    drawn = matrix.load(asked.session, account, span, today)
    drawn.lagging = seen_late(asked)
    matrix_workbook.write(drawn, path, today, asked.spoken, *asked.years)
    return path


def all_tools(asked: Asked) -> Path:
    """Write the tools of KAM training: of one account, or of all."""
    account = lookup.account(asked.session, asked.account) if asked.account else None
    if account is not None:
        _may_read(asked, account, "read its tools")
    elif asked.actor is not None:
        rights.for_head(asked.session, asked.actor, "read the tools of all accounts", asked.home.today())
    path = asked.path("tools", *([account.key] if account else []))
    scope = Scope([account.id or 0] if account else None, asked.years)
    tools.write(asked.session, path, scope, asked.spoken, asked.home.today())
    return path


def plan(asked: Asked) -> Path:
    """Write the form of an account's plan."""
    account = asked.the_account("plan")
    _may_read(asked, account, "read its plan")
    path = asked.path("plan", account.key)
    workbook.write_plan(plan_forms(asked), path, account, asked.year)
    return path


def whole_workbook(asked: Asked) -> Path:
    """Write one file with all accounts of a KAM."""
    if asked.person is None:
        raise InputError("a workbook is about the accounts of a person: --person KEY")
    person, today = lookup.person(asked.session, asked.person), asked.home.today()
    path = asked.path("workbook", person.key)
    held = teams.accounts_of_kams(asked.session, [person.id or 0], today)
    query = select(Account).where(col(Account.id).in_(held)).order_by(col(Account.name), col(Account.id))
    accounts = asked.session.execute(query).scalars()
    there = [each for each in accounts if each.closed_on is None or each.closed_on > today]
    for each in there:
        _may_read(asked, each, "read its plan")
    workbook.write_workbook(plan_forms(asked), path, there)
    return path


def briefing(asked: Asked) -> Path:
    """Write the form of the next briefing of an account."""
    account, home = asked.the_account("briefing"), asked.home
    path = asked.path("briefing", account.key)
    desk = Acting(asked.session, asked.actor, home.now(), home.settings.company)
    _may_read(asked, account, "read its briefing")
    briefing_form.write(desk, path, account, asked.spoken)
    return path


def _may_read(asked: Asked, account: Account, act: str) -> None:
    """Let the team and the head pass. Operations prepare forms for whoever fills them in."""
    if asked.actor is not None:
        rights.for_account(asked.session, asked.actor, account, act, asked.home.today())


def plan_forms(asked: Asked) -> Export:
    home, names = asked.home, labels.load(asked.session)
    company, own = home.settings.company, seen_late(asked)
    return Export(asked.session, home.today(), company, home.policy, asked.spoken, names, own)


def seen_late(asked: Asked) -> frozenset[int] | None:
    """Of whom who asks may see that they lag behind: with a works council of themselves and whom they stand
    in for; None: of all."""
    if not asked.home.settings.works_council:
        return None
    if asked.actor is None:
        return frozenset()
    return frozenset({asked.actor, *teams.covered_by(asked.session, asked.actor)})


def safe(key: str) -> str:
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in key)


FORMS: Mapping[str, Callable[[Asked], Path]] = MappingProxyType(
    {
        "contact-matrix": contact_matrix,
        "tools": all_tools,
        "plan": plan,
        "workbook": whole_workbook,
        "briefing": briefing,
    }
)
