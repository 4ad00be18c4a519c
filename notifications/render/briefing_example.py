"""Made-up briefings: Muster AG of the training example, a customer nobody knows, and far too much."""

from collections.abc import Mapping
from typing import Any

from notifications.render import quarter_example as made
from notifications.render import training_example as training
from notifications.render.briefing_page import page
from notifications.render.house import House
from notifications.render.training_example import DAY, HEAD, KRUSE, WITT

# Thousands a month; the quarter of the scorecard is their sum, the goal of the year that of the targets.
_REVENUE = (186, 178, 221, 214, 206, 192, 203, 171)
_TARGET = (330, 330, 340) * 4
_YEAR_AGO = (221, 230, 238, 243, 247, 250, 236, 201, 252, 259, 248, 215)
_SPRING = slice(3, 6)
_LONGEST = {
    "contact": 5,
    "measure": 3,
    "question": 3,
    "complaint": 3,
    "service": 2,
    "goal": 3,
    "gap": 3,
    "place": 3,
}


def briefing(paper: str = "briefing", *, account: int = 1, **changes: Any) -> dict[str, Any]:
    """The page of the training example: Muster AG on 22 September."""
    sold, goal, past = (1000 * sum(each[_SPRING]) for each in (_REVENUE, _TARGET, _YEAR_AGO))
    figures = [line | {"note": None} for line in made.figures(sold, goal, past, "red")]
    return {
        "paper": paper,
        "person": WITT if paper == "draft" else KRUSE,
        "account": account,
        "meeting": 1,
        "round": 1,
        "number": 1,
        "kind": "strategic",
        "day": "2026-09-22",
        "starts_at": "2026-09-22T08:30:00+00:00",
        "zone": "Europe/Berlin",
        "revision": 0,
        "reviewed": paper == "briefing",
        "released_on": "2026-09-15" if paper == "briefing" else None,
        "as_of": DAY.isoformat(),
        "currency": "EUR",
        "persons": [WITT, KRUSE],
        "meets": [
            _met(2, 8, "2026-06-24", WITT),
            _met(1, 5, None, None, board=True, note=1 if paper == "briefing" else None),
        ],
        "scorecard": {
            "quarter": made.QUARTER,
            "state": "complete",
            "light": "red",
            "kept_on": "2026-07-14",
        },
        "figures": figures,
        "measures": [
            {"measure": 1, "side": "ours", "person": KRUSE, "due": "2026-09-02", "note": None},
            {"measure": 2, "side": "joint", "person": None, "due": None, "note": None},
        ],
        "questions": [{"question": 1, "contact": 1, "due": "2026-10-01", "note": None}],
        "complaints": [{"complaint": 1, "contact": 2, "opened": "2026-08-20", "note": None}],
        "services": [
            given(1, "2026-05-05", "4200.00", hours="36.00", in_return=True),
            given(2, "2026-02-11", "1350.00", charge="charged"),
        ],
        **_aims(),
        "points": {"raise": [{"note": 2}], "ask": [{"note": 3}], "avoid": [{"note": 4}]},
        "left_out": [],
        "again": False,
        "compared": {"contacts": [1, 2], "measures": [1, 2]},
        "document": 1,
        "for_person": None,
    } | changes


def _aims() -> dict[str, Any]:
    """The year in figures, what the customer says, and what we want there."""
    rated = {"rated": "2026-05-12", "measure": None, "note": None}
    return {
        "series": [_series()],
        "satisfaction": [
            {
                "survey": "nps", "score": 33, "answers": 3, "raw": [],
                "points": 21, "of_points": 30, "people": 3, "of_people": 5, "unweighed": 1,
                "as_of": "2026-07-21", "source": "kamflow", "note": None,
            }
        ],
        "matrix": [
            {
                "matrix": "contacts",
                "as_of": "2026-09-04",
                "source": "Salesforce",
                "note": None,
                "cells": [
                    _cell(2, WITT, 6, 2),
                    _cell(2, HEAD, 4, 2),
                    _cell(3, WITT, 12, 5, booked=1),
                    _cell(3, HEAD, 3, 2),
                    _cell(1, KRUSE, 1, 0),
                    _cell(4, WITT, 3, 2),
                ],
                "last": [
                    _last(2, WITT, "2026-06-24"),
                    _last(3, HEAD, "2026-09-04"),
                    _last(4, WITT, "2026-05-11"),
                ],
            }
        ],
        "gaps": [
            rated | {"gap": 1, "need": "-", "competitor": "-", "chance": True},
            rated | {"gap": 2, "need": "+", "competitor": "0", "chance": False},
        ],
        "goals": [
            {"goal": 1, "figure": "revenue", "amount": f"{1000 * sum(_TARGET)}.00", "due": "2026-12-31",
             "note": None},
            {"goal": 2, "figure": None, "amount": None, "due": "2027-03-31", "note": None},
        ],
    }  # fmt: skip


def bare() -> dict[str, Any]:
    """A customer of whom next to nothing is known."""
    nothing = ("meets", "figures", "measures", "questions", "complaints", "services", "persons", *_aims())
    empty: dict[str, Any] = {name: [] for name in nothing}
    more = {"scorecard": None, "starts_at": None, "reviewed": False, "released_on": None, "round": 3}
    points = {"points": {"raise": [], "ask": [], "avoid": []}}
    compared = {"compared": {"contacts": [], "measures": []}}
    return briefing(account=3) | empty | more | points | compared


def thin() -> dict[str, Any]:
    """As a briefing was kept before it had a chart, a matrix, goals and ratings; nothing noted."""
    newer = _aims()
    before = {name: value for name, value in briefing(reviewed=False).items() if name not in newer}
    return before | {"points": {"raise": [], "ask": [], "avoid": []}}


def many(count: int, paper: str = "briefing", *, long: bool = False) -> dict[str, Any]:
    """So many attendees, measures, questions and all else; with the longest names if `long`."""
    found = briefing(paper, account=4 if long else 1)
    for name in ("meets", "measures", "questions", "complaints", "services", "gaps", "goals"):
        lines = [_lengthened(line) if long else line for line in found[name]]
        found[name] = [lines[at % len(lines)] for at in range(count)]
    found["persons"] = [(WITT, KRUSE, HEAD)[at % 3] for at in range(count)]
    cells = [
        _cell(contact, WITT, 6, 2)
        for contact in ((5, *range(101, 100 + count)) if long else range(1, count + 1))
    ]
    found["matrix"] = [found["matrix"][0] | {"cells": cells}] if count else []
    return found


def longest() -> dict[str, Any]:
    """The longest names, and more lines than fit."""
    return many(28, "draft", long=True)


CASES: Mapping[str, Any] = {
    "draft": lambda: briefing("draft"),
    "released": briefing,
    "again": lambda: briefing(again=True),
    "copy": lambda: briefing(reviewed=False, released_on=None, for_person=KRUSE),
    "data": lambda: briefing(reviewed=False, released_on=None, council=False, points=bare()["points"]),
    "missing": bare,
    "one": lambda: many(1),
    "many": lambda: many(60),
    "long": longest,
}


def pdf(case: str, language: str) -> bytes:
    """The page of a case, from a house without colours of its own."""
    return page(CASES[case](), language, training.names(language), House(company="Beispiel Technik GmbH"))


def _lengthened(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _LONGEST.get(name, value) if value is not None else None for name, value in line.items()}


def _series() -> dict[str, Any]:
    known = {"as_of": "2026-08-31", "source": "sap"}
    parts = [
        {
            "first": f"2026-{month:02d}-01",
            "last": f"2026-{month:02d}-{28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31}",
            "actual": f"{_REVENUE[month - 1]}000.00" if month <= len(_REVENUE) else None,
            "target": f"{_TARGET[month - 1]}000.00",
            "before": f"{_YEAR_AGO[month - 1]}000.00",
            "as_of": f"2026-{month:02d}-28" if month < len(_REVENUE) else known["as_of"],
            "until": None,
        }
        for month in range(1, 13)
    ]
    return {
        "series": "revenue",
        "unit": "month",
        "first": "2026-01-01",
        "last": "2026-12-31",
        "parts": parts,
        "actual": known,
        "target": {"as_of": "2026-12-01", "source": "sap"},
        "before": {"as_of": "2025-12-31", "source": "sap"},
        "note": None,
    }


def _cell(contact: int, person: int, soll: int, held: int, booked: int = 0) -> dict[str, Any]:
    influence = {1: 5, 2: 8, 3: 8, 4: 4, 5: 10}.get(contact)
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    return days | {
        "target": contact,
        "person": person,
        "contact": contact,
        "soll": soll,
        "held": held,
        "booked": booked,
        "influence": influence,
    }


def _last(contact: int, person: int, day: str) -> dict[str, Any]:
    return {"contact": contact, "person": person, "kind": "visit", "day": day, "source": "Salesforce"}


def given(number: int, day: str, value: str, charge: str = "waived", **more: Any) -> dict[str, Any]:
    """A service given."""
    line = {"service_given": number, "service": 1, "day": day, "value": value, "charge": charge}
    return {
        **line,
        "hours": None,
        "co2_kg": None,
        "in_return": False,
        "source": "kamflow",
        "note": None,
    } | more


def _met(
    contact: int, influence: int | None, day: str | None, person: int | None, **more: Any
) -> dict[str, Any]:
    last = {"day": day, "person": person, "kind": "visit", "source": "crm"} if day else None
    said = {"contact": contact, "place": contact, "influence": influence, "board": False, "level": "other"}
    return said | {"last": last, "note": None} | more
