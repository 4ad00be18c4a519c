"""Services given: what an account received, what it was worth, what was asked in return."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "services_given",
    Title("Erbrachte Leistungen", "Services given"),
    ("account", "Kunde", "Account", 26),
    ("service", "Leistung", "Service", 30),
    ("day", "Am", "Day", 12),
    ("quantity", "Menge", "Quantity", 10),
    ("value", "Wert", "Value", 14),
    ("hours", "Stunden", "Hours", 10),
    ("co2_kg", "kg CO2", "kg CO2", 10),
    ("charge", "Verrechnung", "Charge", 14),
    ("asked_in_return", "Gegenleistung", "Asked in return", 44),
)
