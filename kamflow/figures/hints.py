"""What is also said with the figures of a quarter: chances, unused services, classes to review."""

from typing import Any, Literal

from kamflow.figures import lights
from kamflow.figures.account_figures import AccountFigures
from kamflow.figures.lights import Light
from kamflow.figures.quarter_dates import number
from kamflow.thresholds import QuarterlyControlling

ClassReview = Literal["up", "down", "confirm"]
TOP_CLASS = "key"


def said(facts: AccountFigures, share: Light, light: Light, policy: QuarterlyControlling) -> dict[str, Any]:
    """What is said beside the lights, in JSON types.

    `better_package`: growth of the volume in 12 months in %, where it is enough to ask for a better
    package. `unused`: ids of services. `not_bought`: the first product groups and how many there are.
    `class_review`: in one quarter of the year, whether the class still fits.
    """
    grown = _grown(facts, policy)
    return {
        "better_package": _growth(facts) if grown else None,
        "unused": list(facts.unused),
        "not_bought": {
            "groups": list(facts.not_bought[: policy.groups_named]),
            "count": len(facts.not_bought),
        },
        "class_review": _class_review(facts, grown, share, light, policy),
    }


def _class_review(
    facts: AccountFigures, grown: bool, share: Light, light: Light, policy: QuarterlyControlling
) -> ClassReview | None:
    if number(facts.quarter, facts.year) != policy.class_review_quarter:
        return None
    if facts.account_class != TOP_CLASS and (grown or share in ("amber", "red")):
        return "up"
    return "down" if light == "red" and share not in ("amber", "red") else "confirm"


def _grown(facts: AccountFigures, policy: QuarterlyControlling) -> bool:
    if facts.last_year is None or facts.year_before is None or facts.year_before.amount <= 0:
        return False
    return facts.last_year.amount * 100 >= facts.year_before.amount * (100 + policy.volume_growth)


def _growth(facts: AccountFigures) -> float | None:
    if facts.last_year is None or facts.year_before is None:
        return None
    return lights.change(facts.last_year.amount, facts.year_before.amount)
