"""Calendar entries of the training example: invitations as mails carry them, and Witt's own due dates."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from notifications.message import Mailbox
from notifications.render import ics
from notifications.render import meeting_example as meeting
from notifications.render import training_example as made
from notifications.render.feed import Dated, feed

STAMP = datetime(2026, 8, 11, 6, 30, tzinfo=UTC)
KAMFLOW = Mailbox("kamflow", "kamflow@example.com")
_TALK = {"uid": "3f2a9c41d07be856@example.com", "sequence": 0}
_PLAN = {"uid": "b81d4e0f62a97c35@example.com", "sequence": 0}


def hand_in(method: str = "request", **changes: Any) -> dict[str, Any]:
    """The hand-in of Witt's plan for 2027."""
    return {
        "account": 1,
        "person": made.WITT,
        "plan": 1,
        "year": {"first": "2027-01-01", "last": "2027-12-31"},
        "day": "2026-10-30",
        "method": method,
        "change": None,
    } | changes


# What a calendar holds or lets go, by case; the mails around it are examples of their own.
TALKS: Mapping[str, dict[str, Any]] = {
    "invitation": meeting.entry() | _TALK,
    "moved": meeting.entry(starts_at=None, round=3) | _TALK | {"sequence": 1},
    "elsewhere": meeting.entry(round=3) | _TALK | {"sequence": 2},
    "cancelled": meeting.entry("cancel") | _TALK | {"sequence": 3},
    "long": meeting.entry(account=4) | _TALK,
}
PLANS: Mapping[str, dict[str, Any]] = {
    "fixed": hand_in() | _PLAN,
    "moved": hand_in(day="2026-10-23", change="date") | _PLAN | {"sequence": 1},
    "dropped": hand_in("cancel") | _PLAN | {"sequence": 2},
    "long": hand_in(account=4) | _PLAN,
}


def talk(case: str, language: str) -> Iterable[tuple[str, bytes]]:
    """A meeting's entry to Kruse."""
    return [(".ics", _entry(TALKS[case], made.KRUSE, ics.TEMPLATE, language))]


def plan(case: str, language: str) -> Iterable[tuple[str, bytes]]:
    """A hand-in's entry to Witt."""
    return [(".ics", _entry(PLANS[case], made.WITT, "hand_in_entry", language))]


def due_dates(case: str, language: str) -> Iterable[tuple[str, bytes]]:
    """Witt's own calendar: much in it, or nothing."""
    items = () if case == "empty" else ((meeting.asked("agenda"),), (meeting.asked("arrange", 3),))
    dated = [] if case == "empty" else [_dated(TALKS["invitation"], ics.TEMPLATE), _dated(PLANS["fixed"])]
    return [(".ics", feed(made.view(*items, language=language), {}, dated, "example.com"))]


def _dated(facts: Mapping[str, Any], template: str = "hand_in_entry") -> Dated:
    return Dated(template, facts, _begins(facts))


def _entry(facts: Mapping[str, Any], person: int, template: str, language: str) -> bytes:
    name = made.names(language).persons[person]
    attendee = Mailbox("", f"{name.split()[-1].lower()}@example.com")
    parties = ics.Parties(KAMFLOW, attendee, name)
    return ics.entry(facts, _begins(facts), parties, language, made.names(language), STAMP, template)


def _begins(facts: Mapping[str, Any]) -> datetime | None:
    starts_at = facts.get("starts_at")
    return datetime.fromisoformat(starts_at) if starts_at else None
