"""The forms with an account plan in them: that of one account, and all accounts of a KAM for the plane.

Behind the plans stand the tools of KAM training that are no part of the plan's own sheet.
"""

from collections.abc import Sequence
from pathlib import Path

from kamflow.errors import InputError
from kamflow.intake.context import Context
from kamflow.intake.forms import matrix, matrix_workbook, overview, plan_export, plan_form, tools
from kamflow.intake.forms.contact_matrix import take_in
from kamflow.intake.forms.matrix_sheet import read_marked
from kamflow.intake.forms.plan_export import Export, sheet_name
from kamflow.intake.forms.sheet import Form
from kamflow.intake.forms.sheet_workbook import Workbook, opened
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.intake.mapping import MatrixForm
from kamflow.intake.readers.workbook import open_book
from kamflow.models.account import Account
from kamflow.periods import fiscal_year, label

PLAN, WORKBOOK = "plan", "workbook"
# What the plan's own sheet has already; the catalogue and the rules of collaboration are the company's.
_ELSEWHERE = ("goals", "measures", "questions", "competitors", "services", "collaboration")
_TOOLS = tuple(each for each in tools.TOOLS if each.sheet.code not in _ELSEWHERE)


def write_plan(export: Export, path: Path, account: Account, year: int | None = None) -> None:
    """Write the form of one account's plan.

    Raises:
        InputError: no fiscal year begins in that year.
    """
    form = plan_export.load(export, account, year)
    with opened(path, PLAN, export.language, export.today, export.names) as workbook:
        plan_export.draw(export, workbook, sheet_name(account.name, "Plan", set()), 1, form)
        _add_tools(export, workbook, [account])


def write_workbook(export: Export, path: Path, accounts: Sequence[Account]) -> None:
    """Write one file with all of these accounts: contact matrix and plan of each, then the tools.

    Raises:
        InputError: there are none.
    """
    if not accounts:
        raise InputError("no account to write: the person is KAM of none today")
    taken = {"kamflow", "kamflow-lists", "history", overview.name(export.language).casefold()}
    lines = [
        overview.Line(
            plan_export.load(export, each),
            sheet_name(each.name, "Plan", taken),
            sheet_name(each.name, "Matrix", taken),
        )
        for each in accounts
    ]
    with opened(path, WORKBOOK, export.language, export.today, export.names) as workbook:
        overview.draw(workbook, lines, export.fiscal_years)
        for number, line in enumerate(lines, 1):
            plan_export.draw(export, workbook, line.plan, number, line.form)
            _matrix(export, workbook, line, number)
        _add_tools(export, workbook, accounts)


def _matrix(export: Export, workbook: Workbook, line: overview.Line, number: int) -> None:
    span = fiscal_year(export.today, *export.fiscal_years)
    drawn = matrix.load(export.session, line.form.account, span, export.today)
    drawn.lagging = export.lagging
    sheet, mark = workbook.book.add_worksheet(line.matrix), f"{matrix.MARK} {number}"
    called = label(span, *export.fiscal_years)
    workbook.memory += matrix_workbook.draw(
        workbook.book, sheet, mark, drawn, export.today, export.language, called
    )


def _add_tools(export: Export, workbook: Workbook, accounts: Sequence[Account]) -> None:
    scope = Scope([each.id or 0 for each in accounts], export.fiscal_years)
    tools.add(export.session, workbook, scope, _TOOLS)


def read_in(ctx: Context, path: Path, form: Form) -> None:
    """Read plans, contact matrices and tools back.

    Raises:
        Refused: what the file remembers is gone, or an account is.
        NotAllowed: the actor may not write in one of the plans.
    """
    plan_form.read_in(ctx, path)
    if form.kind == WORKBOOK:
        for sheet in read_marked(open_book(path)):
            take_in(ctx, MatrixForm(), path, sheet)
    codes = {each.sheet.code for each in _TOOLS}
    if any(each.code in codes for each in form.sheets):
        tools.read_in(ctx, path, form)
