"""Position: how attractive a customer is, how strong we are there, and what we do about it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures import portfolio
from kamflow.intake.entities.fields import Field, choices
from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import Scope, shown, tool
from kamflow.models.training import Axis, PositionCriterion

_FIELD = Field(
    "field",
    "choice",
    choices=choices(
        *portfolio.Field, starkunde="star", aufbaukunde="build", ertragskunde="harvest", mitnahmekunde="limit"
    ),
)
_ADVICE = Field(
    "advice",
    "choice",
    choices=choices(
        *portfolio.Strategy, ausbauen="grow", investieren="invest", halten="hold", begrenzen="reduce"
    ),
)
_EMPTY = Title(
    "Leer: der gewichtete Mittelwert der Positionskriterien dieses Tages.",
    "Empty: the mean of that day's position criteria by weight.",
)
_Criteria = Mapping[tuple[Any, ...], list[portfolio.Criterion]]


def _further(session: Session, _scope: Scope, rows: list[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    criteria: dict[tuple[Any, ...], list[portfolio.Criterion]] = {}
    days = {row["rated_on"] for row in rows}
    query = select(PositionCriterion).where(col(PositionCriterion.rated_on).in_(days))
    for each in session.execute(query).scalars():
        about = (each.account_id, each.rated_on, each.axis)
        criteria.setdefault(about, []).append(portfolio.Criterion(each.weight, each.points))
    return {row["id"]: _placed(row, criteria) for row in rows}


def _placed(row: Mapping[str, Any], criteria: _Criteria) -> dict[str, Any]:
    """Both axes as they count, the field and its strategy; empty while an axis is unknown."""
    axes = [
        portfolio.axis(row[axis.value], criteria.get((row["account_id"], row["rated_on"], axis.value), ()))
        for axis in (Axis.ATTRACTIVENESS, Axis.COMPETITIVE)
    ]
    found = portfolio.field(*axes)
    return {"counts_x": axes[0], "counts_y": axes[1], "field": found, "advice": portfolio.strategy(found)}


TOOL = tool(
    "positions",
    Title("Position", "Position"),
    ("account", "Kunde", "Account", 26),
    ("rated_on", "Bewertet am", "Rated on", 12),
    ("attractiveness", "Attraktivität (0–100)", "Attractiveness (0–100)", 14),
    ("competitive", "Wettbewerbsposition (0–100)", "Competitive position (0–100)", 16),
    ("strategy", "Strategie", "Strategy", 60),
    shown(Field("counts_x", "whole"), "Attraktivität gilt", "Attractiveness counted", 12),
    shown(Field("counts_y", "whole"), "Position gilt", "Position counted", 12),
    shown(_FIELD, "Feld im Portfolio", "Field of the portfolio", 18),
    shown(_ADVICE, "Normstrategie", "Strategy of the field", 18),
    notes={"attractiveness": _EMPTY, "competitive": _EMPTY},
    further=_further,
)
