"""Made-up facts around the annual meeting: what is asked, the briefing, a move, a calendar entry."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from notifications.render import quarter_example as made
from notifications.render.briefing_example import briefing
from notifications.render.training_example import DAY, HEAD, KRUSE, WITT
from notifications.render.view import NudgeView

YEAR = {"first": "2026-01-01", "last": "2026-12-31"}
BOOKED = {"round": 1, "day": "2026-09-22", "revision": 0}
# Step -> due date, threshold and its days, what closes it, facts of its own.
_STEPS: Mapping[str, tuple[date, str, int, str, Mapping[str, Any]]] = {
    "month": (date(2026, 9, 14), "june", 6, "month_known", {}),
    "arrange": (
        date(2026, 9, 9),
        "board",
        120,
        "booked",
        {
            "month": {"first": "2026-11-01", "last": "2026-11-30"},
            "day": "2026-11-02",
            "source": "field",
            "ahead": 120,
            "board": True,
        },
    ),
    "agenda": (date(2026, 9, 7), "agenda", 20, "written", BOOKED),
    "release": (
        date(2026, 9, 16),
        "draft",
        10,
        "released",
        BOOKED | {"goes_out": "2026-09-17", "to": [KRUSE, HEAD]},
    ),
    "minutes": (
        date(2026, 9, 4),
        "round",
        5,
        "written",
        {"round": 2, "number": 1, "day": "2026-08-28", "next_round": "2026-09-29", "agreed_on": None},
    ),
    "follow_up": (date(2026, 9, 18), "agreed", 15, "followed_up", {"agreed_on": "2026-08-28"}),
}


def asked(step: str, account: int = 1, stage: str = "", **changes: Any) -> NudgeView:
    """One step of an annual meeting; `changes` are of its facts."""
    due_on, threshold, days, closes, own = _STEPS[step]
    facts = {"year": YEAR, "kind": "strategic", "meeting": 1, "lapses": None, **own}
    why = {"threshold": threshold, "days": days, "closes": closes, "next": "head", "next_after": 2}
    one = made.nudge("annual_meeting", step, account)
    number = 300 + 10 * [*_STEPS].index(step) + account
    return replace(one, id=number, stage=stage, due_on=due_on, facts=facts | changes, why=why)


def season() -> tuple[NudgeView, ...]:
    """A KAM in September: every step at some customer."""
    return (
        asked("minutes", 2, kind="negotiation"),
        asked("agenda"),
        asked("release"),
        asked("arrange", 3, "month_passed"),
        asked("month", 3),
        asked("follow_up", 2, agreed_on="2026-08-31"),
    )


def morning(**changes: Any) -> dict[str, Any]:
    """Everything that can change on the day."""
    changed = [
        {"kind": "time", "was": "2026-09-07", "now": "2026-09-07T08:30:00+00:00"},
        {
            "kind": "attendee",
            "side": "contacts",
            "joined": {"contacts": [3]},
            "gone": {"contacts": [1]},
        },
        {"kind": "figure", "name": "margin", "unit": "money", "was": None, "now": "184000.00",
         "as_of": "2026-09-04"},
        {"kind": "figure", "name": "open_complaints", "opened": 1, "closed": 0},
    ]  # fmt: skip
    page = briefing("morning")
    kept = ("account", "person", "round", "revision", "starts_at", "zone", "as_of", "currency", "for_person")
    return {key: page[key] for key in kept} | {"day": DAY.isoformat(), "changes": changed} | changes


def replanned(**changes: Any) -> dict[str, Any]:
    """A meeting moved nearer."""
    dates = [
        ("request", "2026-09-01", "2026-08-18", "dropped"),
        ("agenda", "2026-09-15", "2026-09-01", "due"),
        ("draft", "2026-09-29", "2026-09-15", "moved"),
        ("briefing", "2026-10-08", "2026-09-24", "moved"),
        ("minutes", "2026-10-20", "2026-10-06", "moved"),
    ]
    return {
        "account": 1,
        "person": WITT,
        "round": 1,
        "revision": 1,
        "was": "2026-10-13",
        "day": "2026-09-29",
        "moved": 3,
        "due": 1,
        "dropped": 1,
        "as_of": DAY.isoformat(),
        "zone": "Europe/Berlin",
        "starts_at": None,
        "dates": [
            {
                "step": step,
                "was": was,
                "on": on,
                "status": status,
                "department": 1 if step == "request" else None,
                "kind": "delivery_times" if step == "request" else None,
            }
            for step, was, on, status in dates
        ],
    } | changes


def entry(method: str = "request", **changes: Any) -> dict[str, Any]:
    """A calendar entry to Kruse."""
    return {
        "account": 1,
        "person": KRUSE,
        "round": 1,
        "day": "2026-09-22",
        "method": method,
        "revision": 0,
        "change": None,
        "starts_at": "2026-09-22T08:30:00+00:00",
        "zone": "Europe/Berlin",
    } | changes
