"""Figures of a quarter, measures and requests as facts, with what a test wants changed."""

from dataclasses import replace
from datetime import date
from typing import Any

from notifications.render.training_example import HEAD, WITT
from notifications.render.view import NudgeView

QUARTER = {"first": "2026-04-01", "last": "2026-06-30"}


def nudge(rule: str, step: str, account: int, **changes: Any) -> NudgeView:
    made = NudgeView(
        id=30 + account,
        rule=rule,
        step=step,
        stage="",
        account=account,
        owner=WITT,
        since=date(2026, 9, 1),
        due_on=date(2026, 9, 15),
        urgency="daily",
        weight=40,
        facts={},
        why={},
        reason="opened",
    )
    return replace(made, **changes)


def figure(name: str, unit: str = "money", **changes: Any) -> dict[str, Any]:
    """One line of a scorecard; unknown unless a value is given."""
    unknown = {"value": None, "against": None, "percent": None, "as_of": None, "source": None}
    return {"name": name, "unit": unit, "light": "none", "reason": "", "more": {}} | unknown | changes


def figures(revenue: int, goal: int, before: int | None, light: str) -> list[dict[str, Any]]:
    """Revenue against goal and the year before; everything else that a full scorecard has."""
    known = {"as_of": "2026-06-30", "source": "sap"}
    percent = int(1000 * revenue / goal) / 10
    year_ago: dict[str, Any] = {"value": f"{revenue}.00"}
    if before is not None:
        year_ago |= {"against": f"{before}.00", "percent": round(100 * (revenue / before - 1), 1)}
    return [
        figure("revenue", value=f"{revenue}.00", against=f"{goal}.00", percent=percent, light=light, **known),
        figure("year_ago", **year_ago, **known | {"as_of": "2025-06-30"}),
        figure("margin", value="184000.00", against="210000.00", percent=87.6, **known),
        figure("share", "percent", value=12.4, light="amber", **known),
        figure("measures", "count", value=1, against=3, as_of="2026-06-30", source="kamflow"),
        figure("contacts", "count", value=13, against=29, as_of="2026-06-24", source="Salesforce"),
        figure("nps", "points"),
        figure("projects", "count", value=2, more={"won": 1, "lost": 0}, **known | {"source": "kamflow"}),
    ]


HINTS = {
    "better_package": 23.4,
    "unused": [1],
    "not_bought": {"groups": ["Filter", "Ventile"], "count": 2},
    "class_review": "up",
}
NO_HINTS = {
    "better_package": None,
    "unused": [],
    "not_bought": {"groups": [], "count": 0},
    "class_review": None,
}


def quarter(account: int = 1, light: str = "red", **changes: Any) -> NudgeView:
    """One customer that is red or amber; `changes` are of its facts."""
    known = figures(612_000, 1_000_000, 740_000, light)
    facts = {"quarter": QUARTER, "state": "complete", "light": light, "figures": known, "hints": HINTS}
    why = {
        "threshold": "below_red",
        "figure": "revenue",
        "green_from": 95,
        "red_below": 70,
        "red_twice_below": 85,
        "min_difference": "50000.00",
        "days": 15,
        "closes": "commented",
        "next": "head",
        "next_after": 10,
    }
    return nudge(
        "quarterly_controlling",
        "comment",
        account,
        stage=light,
        weight={"red": 60, "amber": 40}[light],
        facts=facts | {"decided_by": "revenue", "group": None} | changes,
        why=why,
    )


def no_revenue(account: int = 3, source: str | None = "sap", kam: int | None = WITT) -> NudgeView:
    """A customer without revenue in the data."""
    facts = {"quarter": QUARTER, "state": "preliminary", "source": source, "kam": kam}
    why = {"threshold": "no_data", "days": 5, "closes": "revenue", "next": "head", "next_after": 10}
    return nudge("quarterly_controlling", "no_data", account, facts=facts, why=why)


def measure(number: int = 1, account: int = 1, stage: str = "soon", **changes: Any) -> NudgeView:
    """One measure; `changes` are of its facts."""
    due = {"soon": date(2026, 9, 11), "due": date(2026, 9, 7), "overdue": date(2026, 9, 1)}[stage]
    facts = {"measure": number, "side": "ours", "owner": WITT, "kam": WITT, "due": due.isoformat()}
    why = {"threshold": stage, "days": 5, "closes": "done_or_moved", "next": "head", "next_after": 10}
    return nudge(
        "measure_followup",
        "followup",
        account,
        id=100 + number,
        stage=stage,
        due_on=due,
        facts=facts | {"moved": False} | changes,
        why=why,
    )


def request(number: int = 1, account: int = 1, step: str = "deliver", **changes: Any) -> NudgeView:
    """One request; `changes` are of its facts, a refusal has the cause `capacity` unless changed."""
    facts = {
        "request": number,
        "kind": "Lieferzeiten",
        "department": 1,
        "specialist": HEAD,
        "lead": HEAD,
        "kam": WITT,
        "customer_date": "2026-11-27",
        "due": "2026-11-06",
        "lead_time": 15,
        "agreed": True,
        "short": False,
    } | changes
    delivers = {"threshold": "agreed", "days": 15, "closes": "delivered_or_refused", "next": "lead",
                "next_after": -2, "then": "head", "then_after": 1}  # fmt: skip
    refused = {"threshold": "refused", "days": 5, "closes": "read", "next": "nobody"}
    if step != "deliver":
        facts = {"cause": "capacity", "refused_on": "2026-09-04"} | facts
    return nudge(
        "department_requests",
        step,
        account,
        id=200 + number,
        stage="assigned" if step == "deliver" else facts["cause"] if step == "refused" else "",
        due_on=date.fromisoformat(facts["due"]) if step == "deliver" else date(2026, 9, 11),
        facts=facts,
        why=delivers if step == "deliver" else refused,
    )
