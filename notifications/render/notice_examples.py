"""Messages that no nudge is behind, and documents: template and made-up facts, for the preview."""

from collections.abc import Mapping
from typing import Any

from notifications.render import briefing_example
from notifications.render import entry_example as entry
from notifications.render import incident_example as incident
from notifications.render import mailbox_example as mailbox
from notifications.render import meeting_example as meeting
from notifications.render import people_example as around
from notifications.render import report_example as quarterly
from notifications.render import survey_example as survey

_SIGNED = "WzMsODIsMTc5MTI3MTgwMCwxXQ.x1cKp0fC1Zq0cYw8mVb2uXh5sTj7rLd4gEo6aQi9kM"
OPENED = {"opens": f"https://kamflow.example.com/d/{_SIGNED}"}

NOTICES: Mapping[tuple[str, str], tuple[str, Mapping[str, Any]]] = {
    ("rejects", "one"): ("rejects", {"source": "Salesforce", "file_id": 12, "rejected": 1, "rows": 140}),
    ("rejects", "many"): ("rejects", {"source": "SAP", "file_id": 13, "rejected": 1425, "rows": 8800}),
    ("held_file", "held"): (
        "held_file",
        {"source": "SAP", "file_id": 14, "state": "held", "rows": 120, "last": 8800, "day": "2026-09-07"},
    ),
    ("held_file", "refused"): (
        "held_file",
        {"source": "SAP", "file_id": 15, "state": "refused", "day": "2026-09-07"},
    ),
    ("alert", "run"): (
        "alert",
        {
            "flow": "contact_shortfall",
            "day": "2026-09-07",
            "cause": "crashed",
            "error": None,
            "run": "0a1b2c3d",
        },
    ),
    ("alert", "error"): (
        "alert",
        {
            "flow": "intake",
            "day": "2026-09-07",
            "cause": "failed",
            "error": "OperationalError",
            "run": "0a1b",
        },
    ),
    **mailbox.CASES,
    **incident.CASES,
    ("survey_guessed", "one"): ("survey_guessed", {"day": "2026-09-07"}),
    **{("quarterly_report", case): ("quarterly_report", quarterly.report(case)) for case in quarterly.CASES},
    ("welcome", "shadow"): ("welcome", around.welcome()),
    ("welcome", "later"): (
        "welcome",
        around.welcome(told_from="2026-01-15", rhythm="first-tuesday", council=False),
    ),
    ("sign_in_link", "one"): (
        "sign_in_link",
        {
            "sign_in": 7,
            "until": "2026-09-07T06:45:00+00:00",
            "url": "https://kamflow.example.com/sign-in/WzYsNywxNzg4NzYwNTAwLDFd.c2lnbmF0dXJl",
            "zone": "Europe/Berlin",
            "minutes": 15,
        },
    ),
    ("survey_invitation", "one"): ("survey_invitation", survey.invitation()),
    ("survey_invitation", "reminder"): (
        "survey_invitation",
        survey.invitation(first=False, address="", consent=False, privacy="", legal=""),
    ),
    **{("briefing", case): ("briefing", facts() | OPENED) for case, facts in briefing_example.CASES.items()},
    ("briefing_change", "many"): ("briefing_change", meeting.morning()),
    ("meeting_replanned", "nearer"): ("meeting_replanned", meeting.replanned()),
    ("calendar_entry", "invitation"): ("calendar_entry", meeting.entry()),
    ("calendar_entry", "moved"): ("calendar_entry", meeting.entry(change="date", starts_at=None, round=3)),
    ("calendar_entry", "elsewhere"): ("calendar_entry", meeting.entry(change="place", round=3)),
    ("calendar_entry", "cancelled"): ("calendar_entry", meeting.entry("cancel")),
    ("calendar_entry", "long"): ("calendar_entry", meeting.entry(account=4, change="place")),
    ("hand_in_entry", "fixed"): ("hand_in_entry", entry.hand_in()),
    ("hand_in_entry", "moved"): ("hand_in_entry", entry.hand_in(day="2026-10-23", change="date")),
    ("hand_in_entry", "dropped"): ("hand_in_entry", entry.hand_in("cancel")),
    ("hand_in_entry", "long"): ("hand_in_entry", entry.hand_in(account=4, change="date")),
    ("account_handover", "one"): ("account_handover", around.page()),
    ("account_handover", "bare"): ("account_handover", around.bare_page()),
    ("account_handover", "council"): ("account_handover", around.council_page()),
    ("account_handover", "long"): ("account_handover", around.page(4, 6)),
}
