"""Made-up troubles of each kind, for the preview of what operations and owners of sources receive."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from notifications.render.view import PausedView

OLD_DATA = (PausedView("CRM", date(2026, 3, 14), ("contact_shortfall",)),)
_SINCE, _UNTIL = "2026-09-07T07:03+02:00", "2026-09-07T08:10+02:00"


def _one(kind: str, about: str, number: int = 1, **facts: Any) -> dict[str, Any]:
    times = {"since": _SINCE, "until": None, "minutes": None}
    return {"id": number, "kind": kind, "about": about, **times, **facts}


def _over(kind: str, about: str, number: int = 1, **facts: Any) -> dict[str, Any]:
    return _one(kind, about, number, **facts) | {"until": _UNTIL, "minutes": 67}


_DATA = {"source": "crm", "day": "2026-03-14", "limit": 7, "rules": ["contact_shortfall"]}
_ALL: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("run", "contact_shortfall", {"cause": "failed", "error": "OperationalError"}),
    ("long", "intake", {}),
    ("late", "annual_meeting", {}),
    ("missing", "plan_creation", {"day": "2026-09-04"}),
    ("channel", "email", {"cause": "connect-failed"}),
    ("channel", "slack", {"cause": "slack-auth"}),
    ("channel", "mailbox", {"cause": "login-refused"}),
    ("channel", "socket", {"cause": "slack-unreachable"}),
    ("channel", "operations", {"cause": "not_in_channel"}),
    ("channel", "operations-mail", {"cause": "recipient-refused"}),
    ("prefect", "server", {}),
    ("data", "crm", _DATA),
    ("data", "sap", {**_DATA, "source": "sap", "rules": []}),
    ("disk", "home", {"mb": 412}),
    ("database", "kamflow", {"mb": 5210}),
    ("backup", "home", {"day": "2026-08-25"}),
    ("backup", "home", {"day": None}),
    ("clock", "compose", {"cause": "OperationalError"}),
)


def incidents(case: str) -> dict[str, Any]:
    """The facts of a message to operations."""
    made = {
        "one": [_one("channel", "slack", cause="slack-auth")],
        "over": [_over("channel", "email", cause="connect-failed")],
        "all": [_one(kind, about, number, **facts) for number, (kind, about, facts) in enumerate(_ALL)],
        "all_over": [_over(kind, about, number, **facts) for number, (kind, about, facts) in enumerate(_ALL)],
        "both": [_over("prefect", "server"), _one("run", "intake", 2, cause="crashed", error=None)],
    }
    return {"incidents": made[case], "page": "https://kamflow.example.com/operations"}


INCIDENTS = ("one", "over", "all", "all_over", "both")
CASES: Mapping[tuple[str, str], tuple[str, Mapping[str, Any]]] = {
    **{("incidents", case): ("incidents", incidents(case)) for case in INCIDENTS},
    ("data_age", "old"): ("data_age", {**_DATA, "state": "old"}),
    ("data_age", "back"): ("data_age", {**_DATA, "state": "back"}),
    ("data_age", "figures"): ("data_age", {**_DATA, "state": "old", "rules": []}),
}
