"""All tools of KAM training in one workbook, out and in again."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session

from kamflow.errors import Refused
from kamflow.intake.context import Context
from kamflow.intake.entities import tools as entities
from kamflow.intake.forms import labels
from kamflow.intake.forms.sheet import Form
from kamflow.intake.forms.sheet_records import Reading
from kamflow.intake.forms.sheet_workbook import Workbook, opened
from kamflow.intake.forms.sheets import (
    business_cases,
    collaboration,
    competitors,
    complaints,
    criteria,
    gaps,
    goals,
    measures,
    negotiations,
    positions,
    questions,
    services,
    services_given,
)
from kamflow.intake.forms.tool_sheet import Scope, Tool

KIND = "tools"
# In the order in which they are read: what is pointed at comes first.
TOOLS = (
    goals.TOOL, positions.TOOL, criteria.TOOL, gaps.TOOL, competitors.TOOL, measures.TOOL, questions.TOOL,
    services.TOOL, services_given.TOOL, complaints.TOOL, business_cases.TOOL, negotiations.TOOL,
    collaboration.TOOL,
)  # fmt: skip
BY_CODE = {each.sheet.code: each for each in TOOLS}


def write(session: Session, path: Path, scope: Scope, language: str, today: date) -> None:
    """Write a workbook with a sheet per tool."""
    with opened(path, KIND, language, today, labels.load(session)) as workbook:
        add(session, workbook, scope)


def add(session: Session, workbook: Workbook, scope: Scope, tools: Sequence[Tool] = TOOLS) -> None:
    """Add the sheets to a form; where it is about one account, new rows name it already."""
    workbook.offered = labels.offered(session, scope.accounts)
    only = next(iter(scope.accounts)) if scope.accounts is not None and len(scope.accounts) == 1 else None
    for each in tools:
        defaults = [("account", only)] if only is not None and each.sheet.column("account") else []
        workbook.add(each.sheet, each.lines(session, scope), defaults)


def read_in(ctx: Context, path: Path, form: Form, accounts: Sequence[int] | None = None) -> None:
    """Write what the sheets of a form say; those that are no tool's are left to who knows them.

    Raises:
        Refused: the workbook has none of these sheets.
    """
    found = {each.code: each for each in form.sheets if each.code in BY_CODE}
    if not found:
        raise Refused(f"{path.name}: no sheet of a tool in it; export it again (`kamflow export tools`)")
    scope = Scope(accounts, ctx.fiscal_years)
    for tool in TOOLS:
        for each in form.sheets:
            if each.code == tool.sheet.code:
                stored = {line.key: line for line in tool.lines(ctx.session, scope, locked=True)}
                records = Reading(ctx, path, form, tool.sheet, each, stored).records()
                entities.write(ctx, tool.sheet.entity, records)
