"""Rules of collaboration [Spielregeln]: how long a department needs for a kind of request."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "collaboration",
    Title("Spielregeln", "Rules of collaboration"),
    ("department", "Abteilung", "Department", 24),
    ("kind", "Anforderung", "Kind of request", 30),
    ("lead_time", "Vorlauf (Arbeitstage)", "Lead time (working days)", 14),
    ("for_meeting", "Vor jedem Jahresgespräch", "Before every annual meeting", 16),
)
