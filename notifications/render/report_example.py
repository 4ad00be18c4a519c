"""Quarterly reports of made-up customers: of a few, of many, of next to nothing, of the longest names."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from kamflow.documents.quarterly_report import contents
from kamflow.documents.quarterly_report.contents import Comment, Known, People
from kamflow.documents.quarterly_report.sums import Card, GroupSales, Late, Rating
from kamflow.periods import Period
from kamflow.policy import Policy
from notifications.render import report_document
from notifications.render.house import House
from notifications.render.quarter_example import figure
from notifications.render.training_example import LONG, names

QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
DAY = date(2026, 11, 4)
HOUSE = House("Beispiel Technik GmbH")
LONGEST = 4  # the account with the longest names
_SITES = (20, 33)  # counted into the customer before them
_KNOWN: dict[str, Any] = {"as_of": "2026-09-30", "source": "sap"}
_NO_HINTS = {
    "better_package": None,
    "unused": [],
    "not_bought": {"groups": [], "count": 0},
    "class_review": None,
}
# Revenue, goal and the same quarter a year ago in thousands, share of the year in %, NPS or None.
_FEW = {
    1: (612, 1000, 740, 12.4, 50),
    2: (460, 520, 430, 7.9, -33),
    3: (1240, 1200, 980, 21.3, None),
    5: (388, 380, 402, 6.1, 67),
    6: (205, 240, 0, 3.2, None),
}
_GROUPS = (
    ("Wellendichtungen", 1510, 1640, 1390),
    ("Flachdichtungen", 720, 690, 745),
    ("Filter", 305, 480, 290),
    ("Ventile", 248, 250, 127),
    (None, 122, None, None),
)


def card(account: int, light: str, amounts: tuple[float, float | None, float, float, int | None]) -> Card:
    """One scorecard; an amount of 0 a year ago is none."""
    revenue, goal, before, share, nps = amounts
    value, percent = _money(revenue), None if goal is None else int(1000 * revenue / goal) / 10
    year_ago = (
        {"against": _money(before), "percent": round(100 * (revenue / before - 1), 1)} if before else {}
    )
    told = {"answers": 4, "coverage": 61.5, "raw": []}
    figures = [
        figure("revenue", value=value, against=_money(goal), percent=percent, light=light, **_KNOWN),
        figure("year_ago", **year_ago, **_KNOWN | {"value": value, "as_of": "2025-09-30"})
        if before
        else figure("year_ago"),
        figure("margin", value=_money(revenue * 0.31), **_KNOWN),
        figure("share", "percent", value=share, light=_dependence(share), **_KNOWN),
        figure("measures", "count", value=1, against=3, as_of="2026-09-30", source="kamflow"),
        figure(
            "contacts", "count", value=13, against=29, percent=44.8, as_of="2026-09-24", source="Salesforce"
        ),
        figure("nps", "points", value=nps, more=told, as_of="2026-09-17", source="kamflow")
        if nps is not None
        else figure("nps", "points"),
    ]
    return Card(account, light, "complete", {each["name"]: each for each in figures}, _hints(account, light))


def _dependence(share: float) -> str:
    return "red" if share > 50 else "amber" if share > 10 else "none"


def _hints(account: int, light: str) -> Mapping[str, Any]:
    """Every third customer has some."""
    return _NO_HINTS | {
        "better_package": 23.4 if account % 7 == 3 else None,
        "unused": [1] if account % 3 == 1 else [],
        "not_bought": {"groups": ["Filter", "Ventile"], "count": 2}
        if account % 3 == 2
        else _NO_HINTS["not_bought"],
        "class_review": "down" if light == "red" else "up" if account % 7 == 3 else "confirm",
    }


def blank(account: int) -> Card:
    """A scorecard of a customer of whom nothing is known."""
    lines = ("revenue", "year_ago", "margin", "share", "measures", "contacts", "nps")
    return Card(account, "no_data", "preliminary", {name: figure(name) for name in lines}, _NO_HINTS)


def few() -> Known:
    """Six customers of five key account managers."""
    lights = {1: "red", 2: "amber", 3: "green", 5: "green", 6: "none"}
    cards = [card(account, lights[account], amounts) for account, amounts in _FEW.items()]
    return _known(
        [*cards, blank(7)],
        ratings={
            1: Rating(82, 38, DAY),
            2: Rating(44, 71, DAY),
            3: Rating(77, 84, DAY),
            5: Rating(31, 22, DAY),
        },
        late={1: Late(4, date(2026, 9, 11)), 6: Late(2, date(2026, 10, 16))},
        answers={1: (10, 9, 9, 7), 2: (9, 6, 5, 7), 5: (10, 9, 9, 8)},
        comments={1: Comment(1, date(2026, 10, 27)), 2: Comment(2, date(2026, 10, 28))},
        paused=((7, date(2026, 12, 1), 1),),
    )


def many() -> Known:
    """Sixty customers: more than a page has room for. No works council: what is late is said by customer."""
    return _known(
        [*_many()],
        ratings={number: Rating(17 * number % 97, 31 * number % 89, DAY) for number in range(5, 52)},
        late={number: Late(1 + number % 4, date(2026, 9, 1 + number % 28)) for number in range(5, 30, 2)},
        answers={number: (10, 9, 7, number % 11) for number in range(5, 55, 2)},
        comments={number: Comment(1 + number % 2, date(2026, 10, 27)) for number in range(5, 15)},
        paused=((63, date(2026, 12, 1), 1),),
        council=False,
    )


def _many() -> Iterator[Card]:
    for number in range(5, 64):
        goal = 200 + 37 * number % 900
        reached = (52, 66, 81, 88, 97, 104, 118)[number % 7]
        light = "red" if reached < 70 else "amber" if reached < 95 else "green"
        sold = round(goal * reached / 100)
        before, share = round(sold * (0.7 + number % 6 / 10)), 0.4 + number % 5 / 2
        made = card(number, light, (sold, goal, before, share, number % 90))
        yield replace(made, group=number - 1) if number in _SITES else made
    yield blank(64)


def missing() -> Known:
    """A company that has just begun: customers, and nothing known of any."""
    return _known([blank(1), blank(2), blank(3)], groups=(), services_noted=None, people=People())


def longest() -> Known:
    """The longest names everywhere."""
    cards = [card(LONGEST, "red", (1_234_567, 3_456_789, 2_345_678, 61.2, -100))] * 12
    return _known(
        [*cards, blank(LONGEST)],
        groups=[GroupSales(LONG, Decimal(9), Decimal(10), Decimal(8), date(2026, 9, 30), LONG)] * 4,
        ratings={LONGEST: Rating(99, 1, DAY)},
        late={LONGEST: Late(99, date(2025, 1, 1))},
        answers={LONGEST: (0, 1, 2, 3)},
        comments={LONGEST: Comment(3, DAY)},
        paused=((LONGEST, date(2026, 12, 31), 2),) * 3,
        council=False,
    )


CASES = {"head": few, "many": many, "missing": missing, "long": longest}


def report(case: str = "head", room: int | None = contents.ROOM) -> dict[str, Any]:
    """The facts of a case, as they stay with the document."""
    return contents.facts(CASES[case](), room) | {"page": "attached"}


def pdf(case: str, language: str) -> bytes:
    return report_document.paper(report(case), language, names(language), HOUSE)


def files(case: str, language: str) -> Iterator[tuple[str, bytes]]:
    """The workbook has every customer."""
    yield ".xlsx", report_document.book(report(case, None), language, names(language), HOUSE)


def _known(cards: list[Card], **more: Any) -> Known:
    known: dict[str, Any] = {
        "quarter": QUARTER,
        "day": DAY,
        "currency": "EUR",
        "limits": contents.limits(Policy()),
        "cards": cards,
        "groups": [_group(*each) for each in _GROUPS],
        "before_known": True,
        "services_noted": date(2026, 9, 22),
        "people": People(late=5, planners=6, asked=5),
        **_bought(cards),
    }
    return Known(**known | more)


def _bought(cards: list[Card]) -> dict[str, Any]:
    """Who of those that bought anything bought which product group, as their hints say it."""
    buying = [card for card in cards if card.figure("share")["value"] is not None]
    lacking = Counter(group for card in buying for group in card.hints["not_bought"]["groups"])
    sold = {name: len(buying) - lacking[name] for name, *_ in _GROUPS if name is not None}
    return {"buyers": {name: count for name, count in sold.items() if count}, "buying": len(buying)}


def _group(name: str | None, actual: int, target: int | None, before: int | None) -> GroupSales:
    amounts = (None if each is None else Decimal(each * 1000) for each in (actual, target, before))
    now, goal, then = amounts
    return GroupSales(name, now, goal, then, date(2026, 9, 30), "sap")


def _money(thousands: float | None) -> str | None:
    return None if thousands is None else f"{thousands * 1000:.2f}"
