"""Negotiations: aim, limit, give and take, of the annual meeting of a year."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import Scope, tool
from kamflow.models.meeting import AnnualMeeting
from kamflow.periods import Period, label


def _further(session: Session, scope: Scope, rows: list[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    wanted = {row["meeting_id"] for row in rows if row["meeting_id"] is not None}
    query = select(AnnualMeeting).where(col(AnnualMeeting.id).in_(wanted))
    years = {
        each.id: label(Period(each.year_first, each.year_last), *scope.fiscal_years)
        for each in session.execute(query).scalars()
    }
    return {row["id"]: {"year": years.get(row["meeting_id"])} for row in rows}


TOOL = tool(
    "negotiations",
    Title("Verhandlungen", "Negotiations"),
    ("account", "Kunde", "Account", 26),
    ("year", "Jahr", "Year", 10),
    ("topic", "Thema", "Topic", 28),
    ("aim", "Ziel", "Aim", 40),
    ("limit", "Grenze", "Limit", 40),
    ("give", "Geben", "Give", 40),
    ("take", "Nehmen", "Take", 40),
    further=_further,
)
