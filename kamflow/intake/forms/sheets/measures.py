"""Measures: whose side, who owns it, until when."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "measures",
    Title("Maßnahmen", "Measures"),
    ("account", "Kunde", "Account", 26),
    ("title", "Maßnahme", "Measure", 44),
    ("topic", "Thema", "Topic", 20),
    ("side", "Seite", "Side", 12),
    ("owner", "Verantwortlich", "Owner", 22),
    ("due_on", "Bis", "Due on", 12),
    ("done_on", "Erledigt am", "Done on", 12),
    ("moved_reason", "Grund der Verschiebung", "Why it was moved", 34),
)
