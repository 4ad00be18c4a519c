"""The weighted criteria behind a position."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "criteria",
    Title("Positionskriterien", "Position criteria"),
    ("account", "Kunde", "Account", 26),
    ("rated_on", "Bewertet am", "Rated on", 12),
    ("axis", "Achse", "Axis", 22),
    ("name", "Kriterium", "Criterion", 36),
    ("weight", "Gewicht", "Weight", 10),
    ("points", "Punkte (0–100)", "Points (0–100)", 12),
)
