"""Goals: a figure to reach with a date."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "goals",
    Title("Ziele", "Goals"),
    ("account", "Kunde", "Account", 26),
    ("figure", "Kennzahl", "Figure", 18),
    ("amount", "Betrag", "Amount", 14),
    ("unit", "Einheit", "Unit", 10),
    ("due_on", "Termin", "Due on", 12),
    ("text", "Ziel", "Goal", 50),
)
