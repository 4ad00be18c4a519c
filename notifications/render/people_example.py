"""Made-up facts of what is told around the rules: the ladder, the welcome, an account handed over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from notifications.render import quarter_example as made
from notifications.render.training_example import DAY, KRUSE, WITT, plan
from notifications.render.view import NudgeView


def climbed(account: int = 1, overdue: int = 10) -> NudgeView:
    """A plan that the head of KAM is told of."""
    why = {"threshold": "hand_in", "days": 62, "closes": "submitted", "next": "head", "next_after": 10}
    one = plan(account, due_on=date(2026, 8, 24), hand_in="2026-08-24")
    return replace(one, reason="ladder", overdue=overdue, rung=1, why=why)


def asked_of_the_lead() -> NudgeView:
    """A request that a department's lead is told of before its date."""
    return replace(made.request(), reason="ladder", overdue=-2, rung=1, due_on=date(2026, 9, 9))


def welcome(**more: Any) -> Mapping[str, Any]:
    facts = {
        "day": DAY.isoformat(),
        "told_from": "2026-09-21",
        "rhythm": "daily",
        "most": 3,
        "ramp": 10,
        "council": True,
    }
    return facts | more


def page(account: int = 1, rows: int = 1) -> Mapping[str, Any]:
    """The classic matrix handed over; `rows` repeats everything."""
    return {
        "day": DAY.isoformat(),
        "account": account,
        "person": KRUSE,
        "on": DAY.isoformat(),
        "matrix": [_cell(1, 1, 0, 5, None), _cell(2, 4, 2, 8, "2026-03-12"), _cell(3, 7, 4, 8, "2026-06-24")]
        * rows,
        "promises": [
            {"measure": 1, "due": "2026-09-02", "side": "ours", "person": WITT},
            {"measure": 2, "due": None, "side": "joint", "person": None},
        ]
        * rows,
        "questions": [{"question": 1, "due": "2026-10-01", "contact": 1}] * rows,
        "dates": [
            {"day": "2026-09-18", "kind": "visit"},
            {"day": "2026-10-23", "kind": "hand_in"},
            {"day": "2026-11-24", "kind": "meeting"},
        ]
        * rows,
    }


def council_page() -> Mapping[str, Any]:
    """Of colleagues it says who is in charge, not how they are doing."""
    colleagues = [
        {name: value for name, value in cell.items() if name not in ("soll", "held", "booked")}
        for cell in page()["matrix"][1:]
    ]
    promises = [{"measure": 1, "side": "ours", "person": WITT}]
    return {**page(), "matrix": [page()["matrix"][0], *colleagues], "promises": promises}


def bare_page() -> Mapping[str, Any]:
    """Nothing is known of the account, and nobody looked after it."""
    return {**page(3), "person": None, "matrix": [], "promises": [], "questions": [], "dates": []}


def _cell(contact: int, soll: int, held: int, influence: int, last: str | None) -> dict[str, Any]:
    return {
        "target": contact,
        "person": WITT,
        "contact": contact,
        "soll": soll,
        "held": held,
        "booked": int(contact == 2),
        "influence": influence,
        "last": last,
    }
