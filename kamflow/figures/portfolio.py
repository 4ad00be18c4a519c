"""The portfolio: how attractive a customer is for us, against how strong we are there.

Each axis is the mean of its criteria (0-100 points) by weight, unless a figure was entered. What is not
known stays unknown: a customer without an axis stands in no field. From 50 on an axis counts as high.

| | weak with us | strong with us |
|---|---|---|
| attractive | build up: invest in chosen points, win share | star: defend and grow, the best services |
| less attractive | limit: serve well at little cost | harvest: hold the share, take the yield |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

HIGH = 50


class Field(StrEnum):
    STAR = "star"
    BUILD = "build"
    HARVEST = "harvest"
    LIMIT = "limit"


class Strategy(StrEnum):
    GROW = "grow"
    INVEST = "invest"
    HOLD = "hold"
    REDUCE = "reduce"


_FIELDS = {
    (True, True): Field.STAR,
    (True, False): Field.BUILD,
    (False, True): Field.HARVEST,
    (False, False): Field.LIMIT,
}
STRATEGIES = {
    Field.STAR: Strategy.GROW,
    Field.BUILD: Strategy.INVEST,
    Field.HARVEST: Strategy.HOLD,
    Field.LIMIT: Strategy.REDUCE,
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of an axis: its weight, its points from 0 to 100, or None where nobody knows."""

    weight: int
    points: int | None


def axis(entered: int | None, criteria: Iterable[Criterion] = ()) -> int | None:
    """A whole number from 0 to 100: what was entered, else the mean of the known criteria by weight."""
    if entered is not None:
        return entered
    known = [(each.weight, each.points) for each in criteria if each.points is not None and each.weight > 0]
    if not known:
        return None
    mean = Decimal(sum(weight * points for weight, points in known)) / sum(weight for weight, _ in known)
    return int(mean.quantize(Decimal(1), ROUND_HALF_UP))


def field(attractiveness: int | None, competitive: int | None) -> Field | None:
    """Where a customer stands; None while an axis is unknown."""
    if attractiveness is None or competitive is None:
        return None
    return _FIELDS[attractiveness >= HIGH, competitive >= HIGH]


def strategy(found: Field | None) -> Strategy | None:
    """The one strategy of a field."""
    return None if found is None else STRATEGIES[found]
