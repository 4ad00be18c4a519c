"""Business cases: a benefit for the customer as a figure with its basis."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "business_cases",
    Title("Nutzenrechnung", "Business cases"),
    ("account", "Kunde", "Account", 26),
    ("benefit", "Nutzen", "Benefit", 40),
    ("amount", "Betrag", "Amount", 14),
    ("unit", "Einheit", "Unit", 12),
    ("basis", "Grundlage", "Basis", 60),
    ("made_on", "Erstellt am", "Made on", 12),
)
