"""What a quarter amounts to: totals of all customers, and plan against actual by product group.

A site that is counted into its group's figures is not counted once more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kamflow.figures import lights

_NOTHING: Mapping[str, Any] = {"value": None, "against": None, "percent": None, "as_of": None, "source": None}


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard as it was kept. `group`: the account into whose figures its own are counted."""

    account: int
    light: str
    state: str
    figures: Mapping[str, Mapping[str, Any]]
    hints: Mapping[str, Any]
    group: int | None = None

    @classmethod
    def of(cls, account: int, light: str | None, facts: Mapping[str, Any], group: int | None) -> "Card":
        """The card from the facts of a scorecard."""
        figures = {figure["name"]: figure for figure in facts["figures"]}
        return cls(account, light or "no_data", facts["state"], figures, facts["hints"], group)

    def figure(self, name: str) -> Mapping[str, Any]:
        return self.figures.get(name, _NOTHING)

    def amount(self, name: str, place: str = "value") -> Decimal | None:
        """A figure in money; None where it is not known."""
        value = self.figure(name)[place]
        return None if value is None else Decimal(str(value))

    def pair(self, name: str) -> tuple[Decimal, Decimal] | None:
        """A figure and what it is held against, where both are known."""
        value, against = self.amount(name), self.amount(name, "against")
        return None if value is None or against is None else (value, against)

    @property
    def missing(self) -> Decimal:
        """What the revenue lacks of its goal."""
        known = self.pair("revenue")
        return known[1] - known[0] if known else Decimal()


class Rating(NamedTuple):
    """Where a customer stands in the portfolio, 0 to 100 each, as rated on a day; None is unknown."""

    attractiveness: int | None
    competitive: int | None
    rated_on: date


class Late(NamedTuple):
    """Open measures of an account past their date, and the oldest of these dates."""

    number: int
    since: date


class GroupSales(NamedTuple):
    """Revenue of a product group (None: without one) in the quarter and a year before, and its target."""

    group: str | None
    actual: Decimal | None
    target: Decimal | None
    before: Decimal | None
    as_of: date | None
    source: str | None


def tops(cards: Iterable[Card]) -> list[Card]:
    """Those that are counted: not the sites, whose figures are in their group's."""
    return [card for card in cards if card.group is None]


def totals(cards: Sequence[Card]) -> dict[str, Any]:
    """Revenue of all counted, against the goals of those who have one, against the same quarter a year ago.

    `known` of `of` customers have the figure; a sum is as old as the newest figure in it.
    """
    revenue = [(card, card.amount("revenue")) for card in cards]
    sold = [(card, amount) for card, amount in revenue if amount is not None]
    return {
        "revenue": _sum([card for card, _ in sold], "revenue", len(cards))
        | {"value": _money(sum((amount for _, amount in sold), Decimal())) if sold else None},
        "goal": _held(cards, "revenue", lights.percent),
        "year_ago": _held(cards, "year_ago", lights.change),
    }


def _held(
    cards: Sequence[Card], name: str, percent: Callable[[Decimal, Decimal], float | None]
) -> dict[str, Any]:
    """The sum of a figure over the customers of whom both sides are known."""
    pairs = [(card, pair) for card in cards if (pair := card.pair(name))]
    value, against = (sum((pair[side] for _, pair in pairs), Decimal()) for side in (0, 1))
    said = _sum([card for card, _ in pairs], "revenue", len(cards))
    if not pairs:
        return said | {"value": None, "against": None, "percent": None}
    return said | {"value": _money(value), "against": _money(against), "percent": percent(value, against)}


def _sum(cards: Sequence[Card], name: str, of: int) -> dict[str, Any]:
    return {"known": len(cards), "of": of} | origin(card.figure(name) for card in cards)


def origin(figures: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The newest day and all sources of some figures."""
    known = [each for each in figures if each["as_of"] is not None]
    sources = {part for each in known for part in (each["source"] or "").split(", ") if part}
    return {
        "as_of": max((each["as_of"] for each in known), default=None),
        "source": ", ".join(sorted(sources)) or None,
    }


def groups(sales: Iterable[GroupSales], room: int | None, *, before: bool) -> dict[str, Any]:
    """Product groups, best sold first, what has none last. `before`: whether data reach back a year."""
    ordered = sorted(sales, key=lambda each: (each.group is None, -(each.actual or 0), each.group or ""))
    lines = [_group(each, before=before) for each in ordered]
    named = [line for line in lines if line["group"] is not None]
    kept = named[:room]
    rest = [line for line in lines if line["group"] is None]
    return {"lines": kept + rest, "more": len(named) - len(kept), "named": len(named)} | origin(lines)


def _group(each: GroupSales, *, before: bool) -> dict[str, Any]:
    earlier = each.before if before else None
    return {
        "group": each.group,
        "value": _money(each.actual),
        "against": _money(each.target),
        "before": _money(earlier),
        "percent": lights.percent(each.actual, each.target),
        "change": lights.change(each.actual, earlier),
        "as_of": each.as_of.isoformat() if each.as_of else None,
        "source": each.source,
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
