"""Complaints: while one is open, the account's contacts are not surveyed."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "complaints",
    Title("Reklamationen", "Complaints"),
    ("account", "Kunde", "Account", 26),
    ("contact", "Ansprechpartner", "Contact", 24),
    ("subject", "Betreff", "Subject", 40),
    ("opened_on", "Eröffnet am", "Opened on", 12),
    ("closed_on", "Erledigt am", "Closed on", 12),
    ("resolution", "Lösung", "Resolution", 50),
)
