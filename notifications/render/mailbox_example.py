"""What is written because of kamflow's mailbox, with made-up facts, for the preview."""

from collections.abc import Mapping
from typing import Any

_DAY = {"day": "2026-09-07"}
_ABOUT = {"nudge": 7, "rule": "annual_meeting", "account": 1}
_LISTED = [
    {**_ABOUT, "due_on": "2026-09-11"},
    {"nudge": 8, "rule": "contact_shortfall", "account": 2, "due_on": "2026-09-18"},
]
_REPLIES: Mapping[str, Mapping[str, Any]] = {
    "closed": {**_ABOUT, "until": None},
    "quiet": {**_ABOUT, "until": "2026-09-14"},
    "snoozed": {**_ABOUT, "until": "2026-09-10"},
    "already": {**_ABOUT, "until": None},
    "no_done": {**_ABOUT, "rule": "contact_shortfall"},
    "too_far": {**_ABOUT, "until": "2026-09-25"},
    "too_late": {**_ABOUT, "until": "2026-09-04"},
    "past": _ABOUT,
    "over": _ABOUT,
    "not_yours": _ABOUT,
    "expired": {},
    "undecided": {},
    "unknown": {},
    "which": {"items": _LISTED},
}
CASES: Mapping[tuple[str, str], tuple[str, Mapping[str, Any]]] = {
    **{
        ("mail_reply", result): ("mail_reply", {"result": result, **facts, **_DAY})
        for result, facts in _REPLIES.items()
    },
    ("address_dead", "one"): ("address_dead", {"contact": 1, "account": 1, **_DAY}),
    ("meeting_uncounted", "unknown"): ("meeting_uncounted", {"why": "unknown", **_DAY}),
    ("meeting_uncounted", "private"): ("meeting_uncounted", {"why": "private", **_DAY}),
    ("mailbox_alert", "away"): ("mailbox_alert", {"what": "away", "cause": "login-refused", **_DAY}),
    ("mailbox_alert", "bounced"): (
        "mailbox_alert",
        {"what": "bounced", "person": 1, "message": 4711, "status": "5.1.1", **_DAY},
    ),
    ("mail_forwarded", "whole"): (
        "mail_forwarded",
        {"subject": "Termin verschieben?", "whole": True, **_DAY},
    ),
    ("mail_forwarded", "large"): ("mail_forwarded", {"subject": "", "whole": False, **_DAY}),
}
