"""Open questions: what the plan does not know yet, who finds it out, from whom, until when."""

from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import tool

TOOL = tool(
    "questions",
    Title("Offene Fragen", "Open questions"),
    ("account", "Kunde", "Account", 26),
    ("section", "Kategorie (1–10)", "Category (1–10)", 12),
    ("question", "Frage", "Question", 50),
    ("owner", "Verantwortlich", "Owner", 22),
    ("due_on", "Bis", "Due on", 12),
    ("ask_contact", "Wen fragen", "Whom to ask", 24),
    ("answer", "Antwort", "Answer", 50),
    ("answered_on", "Beantwortet am", "Answered on", 12),
)
