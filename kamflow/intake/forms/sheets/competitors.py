"""Competitors at an account."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "competitors",
    Title("Wettbewerber", "Competitors"),
    ("account", "Kunde", "Account", 26),
    ("name", "Wettbewerber", "Competitor", 28),
    ("rank", "Rang", "Rank", 8),
    ("revenue", "Umsatz dort", "Revenue there", 16),
    ("strengths", "Stärken", "Strengths", 40),
    ("weaknesses", "Schwächen", "Weaknesses", 40),
    ("noted_on", "Stand", "Noted on", 12),
)
