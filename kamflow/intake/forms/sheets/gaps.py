"""Gap analysis [Abweichungsanalyse]; an owner and a date make a measure of a gap."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import Scope, tool
from kamflow.models.plan import Measure
from kamflow.models.training import Gap

_CHANCE = Title("Nur möglich, wo beide Bewertungen + sind.", "Only where both ratings are +.")
_MEASURE = Title(
    "Mit Verantwortlichem und Termin wird daraus eine Maßnahme, einmal.",
    "With an owner and a date a measure is made of it, once.",
)


def _further(session: Session, _scope: Scope, rows: list[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """The measure that was made of a gap."""
    query = select(col(Gap.id), col(Measure.owner_id), col(Measure.due_on)).join(
        Measure, col(Measure.id) == col(Gap.measure_id)
    )
    wanted = {row["id"] for row in rows}
    return {
        gap: {"measure_owner": owner, "measure_due": due}
        for gap, owner, due in session.execute(query)
        if gap in wanted
    }


TOOL = tool(
    "gaps",
    Title("Abweichungsanalyse", "Gap analysis"),
    ("account", "Kunde", "Account", 26),
    ("service", "Leistung", "Service", 30),
    ("need", "Gegen Bedarf", "Against need", 10),
    ("competitor", "Gegen Wettbewerb", "Against competitor", 12),
    ("competitor_name", "Bester Wettbewerber", "Best competitor", 22),
    ("factor", "Was er besser macht", "What it does better", 34),
    ("action", "Was wir tun", "What we do", 44),
    ("chance", "Chance", "Chance", 9),
    ("rated_on", "Bewertet am", "Rated on", 12),
    ("measure_owner", "Maßnahme: verantwortlich", "Measure: owner", 22),
    ("measure_due", "Maßnahme: bis", "Measure: due", 12),
    notes={"chance": _CHANCE, "measure_due": _MEASURE},
    further=_further,
)
