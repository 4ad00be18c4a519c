"""Green, amber, red: what a figure says against its goal, and a share of revenue about dependence.

Percentages that people read beside a light are rounded towards it: 94.96 % of goal is amber and shown as
94.9, a share of 50.04 % is dangerous and shown as 50.1. All others are rounded commercially (half up).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from kamflow.thresholds import QuarterlyControlling

# "none": there is nothing to judge (no goal, a small difference); "no_data": there is nothing to see.
Light = Literal["green", "amber", "red", "none", "no_data"]
_TENTH = Decimal("0.1")


class Verdict(NamedTuple):
    """A light and the code of what decided it."""

    light: Light
    reason: str


class Pair(NamedTuple):
    """What was reached and what was to be reached; None is unknown."""

    actual: Decimal | None
    goal: Decimal | None


def goal_light(now: Pair, previous: Pair, policy: QuarterlyControlling) -> Verdict:
    """Judge a figure against its goal, `previous` being the same of the quarter before."""
    if now.actual is None:
        return Verdict("no_data", "no_data")
    if now.goal is None or now.goal <= 0:
        return Verdict("none", "no_goal")
    if not _below(now, policy.green_from):
        return Verdict("green", "reached")
    if now.goal - now.actual < policy.min_difference:
        return Verdict("none", "small_difference")
    if _below(now, policy.red_below):
        return Verdict("red", "below_red")
    if _below(now, policy.red_twice_below) and _below(previous, policy.red_twice_below):
        return Verdict("red", "twice_below")
    return Verdict("amber", "below_green")


def share_light(part: Decimal | None, whole: Decimal | None, policy: QuarterlyControlling) -> Verdict:
    """Judge how much of the company's revenue hangs on one account; exactly the limit is not above it."""
    if part is None or whole is None or whole <= 0:
        return Verdict("no_data", "no_data")
    if part * 100 > whole * policy.share_dangerous:
        return Verdict("red", "dangerous")
    return Verdict("amber", "watch") if part * 100 > whole * policy.share_watch else Verdict("none", "ok")


def worst(*lights: Light) -> Light:
    """Red before amber; else the first light, which is what the account is judged by."""
    if "red" in lights:
        return "red"
    return "amber" if "amber" in lights else lights[0]


def percent_of_goal(pair: Pair) -> float | None:
    """Reached in % where a light hangs on it, one decimal, rounded down."""
    return _percent(pair.actual, pair.goal, ROUND_FLOOR)


def percent(part: Decimal | None, whole: Decimal | None) -> float | None:
    """Reached in % where no light hangs on it, one decimal, half up."""
    return _percent(part, whole, ROUND_HALF_UP)


def percent_of_whole(part: Decimal | None, whole: Decimal | None) -> float | None:
    """Share in %, one decimal, rounded up."""
    return _percent(part, whole, ROUND_CEILING)


def change(now: Decimal | None, before: Decimal | None) -> float | None:
    """Growth in %, one decimal, half up (away from zero); None where there is nothing to grow from."""
    return _percent(None if now is None or before is None else now - before, before, ROUND_HALF_UP)


def _below(pair: Pair, percent: int) -> bool:
    if pair.actual is None or pair.goal is None or pair.goal <= 0:
        return False
    return pair.actual * 100 < pair.goal * percent


def _percent(part: Decimal | None, whole: Decimal | None, rounding: str) -> float | None:
    if part is None or whole is None or whole <= 0:
        return None
    return float((part * 100 / whole).quantize(_TENTH, rounding))
