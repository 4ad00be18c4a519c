"""Surveys as facts: the list, answers and calls of a KAM, and the mail to a contact."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from notifications.render.training_example import DAY, HEAD, WITT
from notifications.render.view import NudgeView

SEND_ON, CLOSES_ON = "2026-09-15", "2026-10-06"


def _nudge(step: str, account: int, due_on: date, facts: Mapping[str, Any], **why: Any) -> NudgeView:
    return NudgeView(
        id=200 + account,
        rule="survey_dispatch",
        step=step,
        stage="",
        account=account,
        owner=WITT,
        since=DAY,
        due_on=due_on,
        urgency="daily",
        weight=40,
        facts={"wave": 7} | dict(facts),
        why={"next": "nobody", "next_after": None} | why,
        reason="opened",
    )


def listed(contact: int, influence: int | None = 8, day: str = SEND_ON, *warnings: str) -> dict[str, Any]:
    """One person on a list."""
    return {"contact": contact, "influence": influence, "day": day, "warnings": list(warnings)}


def refused(contact: int, reason: str, until: str | None = None) -> dict[str, Any]:
    """One person who is left out."""
    return {"contact": contact, "reason": reason, "until": until}


def wave(account: int = 1, **changes: Any) -> NudgeView:
    """A list three days before it is sent; `changes` are of its facts."""
    facts = {
        "lapses": SEND_ON,
        "send_on": SEND_ON,
        "contacts": [
            listed(2),
            listed(3, 8, "2026-09-16"),
            listed(6, None, SEND_ON, "school_holidays_unknown", "influence_unknown"),
        ],
        "refused": [refused(1, "no_consent"), refused(4, "asked_lately", "2026-11-02")],
    }
    return _nudge(
        "list",
        account,
        date(2026, 9, 14),
        facts | changes,
        threshold="list",
        days=3,
        closes="looked_through",
    )


def answer(score: int = 3, contact: int = 2, account: int = 1) -> NudgeView:
    """An answer; from 0 to 6 it is told at once and climbs."""
    kind = "promoter" if score > 8 else "passive" if score > 6 else "detractor"
    facts = {"lapses": None, "contact": contact, "influence": 8, "score": score, "kind": kind}
    due_on = date(2026, 9, 8) if kind == "detractor" else date(2026, 9, 14)
    days = 1 if kind == "detractor" else 5
    made = _nudge(
        "answer",
        account,
        due_on,
        facts | {"answered_on": "2026-09-04"},
        threshold=kind,
        days=days,
        closes="replied",
    )
    made = replace(made, stage=kind)
    if kind != "detractor":
        return made
    return replace(made, urgency="now", why={**made.why, "next": "head", "next_after": 2})


def call(contact: int = 2, account: int = 1) -> NudgeView:
    """Somebody of influence who has not answered."""
    facts = {
        "lapses": "2026-09-22",
        "contact": contact,
        "influence": 8,
        "invited_on": "2026-09-01",
        "closes_on": "2026-09-21",
    }
    return _nudge("call", account, date(2026, 9, 14), facts, threshold="call", days=5, closes="answered")


def many() -> tuple[NudgeView, ...]:
    """Everything that one KAM may have in one message, but who is unhappy: that stands alone."""
    return (wave(), wave(2, refused=[]), answer(9), answer(7, 3, 2), call(1, 3))


def longest() -> tuple[NudgeView, ...]:
    """A full list with the longest names, nobody of whom is known well."""
    warnings = ("school_holidays_unknown", "influence_unknown")
    return (
        wave(
            4,
            contacts=[listed(5, None, SEND_ON, *warnings)] * 5,
            refused=[refused(5, "talks", "2026-12-24")] * 9,
        ),
    )


def invitation(**changes: Any) -> Mapping[str, Any]:
    """What the mail to a contact says; `first=False` is the reminder."""
    return {
        "first": True,
        "contact": 2,
        "account": 1,
        "reads": [WITT, HEAD],
        "address": "mr",
        "name": "Paul Lange",
        "last_name": "Lange",
        "consent": True,
        "invited_on": SEND_ON,
        "closes_on": CLOSES_ON,
        "meeting": "2026-11-24",
        "company": "Beispiel Technik GmbH",
        "link": "https://survey.example.com/s/OzOiTgHvfBCnX3bTLSrAxm0dHbQ7fQv0a2HqNcJw0hY",
        "objection": "widerspruch@example.com",
        "legal": "Beispiel Technik GmbH, Musterweg 1, 12345 Musterstadt",
        "privacy": "https://www.example.com/datenschutz",
    } | changes
