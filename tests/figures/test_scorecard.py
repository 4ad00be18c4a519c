"""Worked examples for the figures of a quarter. Money in thousands: 400 is 400,000."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.errors import ConfigError
from kamflow.figures.account_figures import AccountFigures, Counted, Known, Nps, Projects
from kamflow.figures.lights import Pair, change, goal_light, percent, percent_of_goal, share_light
from kamflow.figures.scorecard import Figure, Scorecard, scorecard
from kamflow.periods import Period
from kamflow.policy import Policy, parse
from kamflow.thresholds import QuarterlyControlling

POLICY = Policy().quarterly_controlling
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
Q2 = Period(date(2026, 4, 1), date(2026, 6, 30))
Q3 = Period(date(2026, 7, 1), date(2026, 9, 30))
AS_OF = date(2026, 10, 5)


def thousand(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount)) * 1000


def known(amount: float | None, source: str = "sap") -> Known | None:
    money = thousand(amount)
    return None if money is None else Known(money, AS_OF, source)


def card(policy: QuarterlyControlling = POLICY, **more: Any) -> Scorecard:
    amounts = {
        name: known(value) if isinstance(value, int | float) else value for name, value in more.items()
    }
    base: dict[str, Any] = {"account": 17, "quarter": Q3, "year": YEAR, "account_class": "key"}
    return scorecard(AccountFigures(**base | amounts), "complete", policy)


def line(name: str, **more: Any) -> Figure:
    return next(figure for figure in card(**more).figures if figure.name == name)


@pytest.mark.parametrize(
    ("actual", "goal", "previous", "light", "reason"),
    [
        # goal 1,000: green from 950, amber below, red below 700, or below 850 twice in a row
        (1000, 1000, (None, None), "green", "reached"),
        (950, 1000, (None, None), "green", "reached"),
        (949.99, 1000, (None, None), "amber", "below_green"),
        (850, 1000, (800, 1000), "amber", "below_green"),
        (849.99, 1000, (850, 1000), "amber", "below_green"),
        (849.99, 1000, (849.99, 1000), "red", "twice_below"),
        (849.99, 1000, (None, 1000), "amber", "below_green"),  # the quarter before is not known
        (849.99, 1000, (800, None), "amber", "below_green"),
        (700, 1000, (1000, 1000), "amber", "below_green"),
        (699.99, 1000, (1000, 1000), "red", "below_red"),
        (0, 1000, (1000, 1000), "red", "below_red"),
        (-20, 1000, (1000, 1000), "red", "below_red"),  # credit notes
        # 50 missing is enough for a light, a cent less is not
        (110, 160, (None, None), "red", "below_red"),
        (110.01, 160, (None, None), "none", "small_difference"),
        (0, 40, (0, 40), "none", "small_difference"),
        # without data there is no light; no goal and a goal of 0 compare with nothing
        (None, 1000, (None, None), "no_data", "no_data"),
        (None, None, (None, None), "no_data", "no_data"),
        (300, None, (None, None), "none", "no_goal"),
        (300, 0, (None, None), "none", "no_goal"),
    ],
)
def test_a_goal_is_green_amber_or_red(
    actual: float | None, goal: float | None, previous: tuple[Any, Any], light: str, reason: str
) -> None:
    now, before = Pair(thousand(actual), thousand(goal)), Pair(thousand(previous[0]), thousand(previous[1]))

    assert goal_light(now, before, POLICY) == (light, reason)


@pytest.mark.parametrize(
    ("part", "whole", "light", "reason"),
    [
        (100, 1000, "none", "ok"),  # exactly 10 % is not above it
        (100.01, 1000, "amber", "watch"),
        (500, 1000, "amber", "watch"),  # exactly 50 % is not above it
        (500.01, 1000, "red", "dangerous"),
        (1000, 1000, "red", "dangerous"),
        (0, 1000, "none", "ok"),
        (None, 1000, "no_data", "no_data"),
        (500, None, "no_data", "no_data"),
        (500, 0, "no_data", "no_data"),
    ],
)
def test_a_share_of_company_revenue_is_watched_above_ten_and_dangerous_above_fifty_percent(
    part: float | None, whole: float | None, light: str, reason: str
) -> None:
    assert share_light(thousand(part), thousand(whole), POLICY) == (light, reason)


@pytest.mark.parametrize(
    ("figures", "light", "decided_by"),
    [
        ({"revenue": 1000, "goal": 1000}, "green", "revenue"),
        ({"revenue": 900, "goal": 1000}, "amber", "revenue"),
        ({"revenue": 900, "goal": 1000, "margin": 100, "margin_goal": 300}, "red", "margin"),
        ({"revenue": 1000, "goal": 1000, "margin": 240, "margin_goal": 300}, "amber", "margin"),
        ({"revenue": 300, "margin": 240, "margin_goal": 300}, "amber", "margin"),
        ({"revenue": 300}, "none", "revenue"),
        # a dangerous share is said, but there is nothing to comment each quarter
        ({"revenue": 1000, "goal": 1000, "last_year": 4000, "company": 5000}, "green", "revenue"),
        ({"goal": 1000}, "no_data", "revenue"),
        ({"goal": 1000, "margin": 100, "margin_goal": 300}, "no_data", "revenue"),
    ],
)
def test_the_light_of_an_account_is_the_worst_of_revenue_and_margin(
    figures: dict[str, Any], light: str, decided_by: str
) -> None:
    made = card(**figures)

    assert (made.light, made.decided_by.name) == (light, decided_by)


def test_what_is_not_known_is_no_zero() -> None:
    made = card()

    assert len(made.figures) == 8
    assert {(figure.value, figure.light) for figure in made.figures} == {(None, "no_data")}


def test_a_revenue_of_zero_is_known() -> None:
    revenue = line("revenue", revenue=0, goal=1000)

    assert (revenue.value, revenue.light, revenue.percent) == (0, "red", 0.0)


def test_every_known_figure_has_its_date_and_source() -> None:
    made = card(
        revenue=400, year_ago=380, margin=90, last_year=1600, company=20_000,
        measures=Counted(3, 4, AS_OF, "kamflow"), contacts=Counted(13, 29, AS_OF, "crm"),
        nps=Nps(50, 4, 71.4, date(2026, 5, 4), "kamflow"),
        projects=Projects(2, thousand(300), 1, thousand(120), 0, None, AS_OF, "crm"),
    )  # fmt: skip

    origins = {figure.name: (figure.as_of, figure.source) for figure in made.figures}
    assert origins["nps"] == (date(2026, 5, 4), "kamflow")
    assert origins["contacts"] == (AS_OF, "crm")
    assert all(all(origin) for origin in origins.values())


def test_the_same_quarter_a_year_ago_shows_growth_and_has_no_light() -> None:
    grown, fallen, unknown = (line("year_ago", revenue=440, year_ago=ago) for ago in (400, 480, None))

    assert (grown.percent, fallen.percent, unknown.percent) == (10.0, -8.3, None)
    assert (grown.light, unknown.light) == ("none", "no_data")


@pytest.mark.parametrize(
    ("margin", "services", "after", "rate"),
    [(90, 10, 80, 20.0), (90, None, 90, 22.5), (90, 100, -10, -2.5), (None, 10, None, None)],
)
def test_margin_is_what_is_left_after_services_given(
    margin: float | None, services: float | None, after: float | None, rate: float | None
) -> None:
    figure = line("margin", margin=margin, services=services, margin_on=Decimal(400_000))

    assert (figure.value, figure.more["rate"]) == (thousand(after), rate)
    assert figure.more["services"] == thousand(services)  # none recorded stays None


def test_percentages_are_rounded_towards_their_light() -> None:
    amber = line("revenue", revenue=949.6, goal=1000)
    dangerous = line("share", last_year=500.4, company=1000)

    assert (amber.light, amber.percent) == ("amber", 94.9)
    assert (dangerous.light, dangerous.value) == ("red", 50.1)


def test_counts_are_shown_without_a_light() -> None:
    measures = line("measures", measures=Counted(3, 4, AS_OF, "kamflow"))
    nothing_due = line("measures", measures=Counted(0, 0, AS_OF, "kamflow"))

    assert (measures.value, measures.against, measures.percent, measures.light) == (3, 4, 75.0, "none")
    assert (nothing_due.percent, nothing_due.reason) == (None, "none_planned")


def test_an_nps_of_few_answers_is_not_shown() -> None:
    nps = line("nps", nps=Nps(None, 2, 40.0, AS_OF, "kamflow"))

    assert (nps.value, nps.reason, nps.more["answers"]) == (None, "few_answers", 2)


@pytest.mark.parametrize(
    ("now", "before", "package"),
    [(1200, 1000, 20.0), (1199.99, 1000, None), (1500, 1000, 50.0), (1500, None, None), (1500, 0, None)],
)
def test_a_fifth_more_volume_in_twelve_months_asks_for_a_better_package(
    now: float, before: float | None, package: float | None
) -> None:
    assert card(last_year=now, year_before=before).hints["better_package"] == package


def test_unused_services_and_product_groups_not_bought_are_said() -> None:
    hints = card(unused=(3, 8), not_bought=("F1", "F2", "F3", "F4", "F5", "F6", "F7")).hints

    assert hints["unused"] == [3, 8]
    assert hints["not_bought"] == {"groups": ["F1", "F2", "F3", "F4", "F5"], "count": 7}


@pytest.mark.parametrize(
    ("quarter", "figures", "review"),
    [
        (Q2, {"account_class": "major", "last_year": 200, "company": 1000}, None),
        (Q3, {"account_class": "major", "last_year": 200, "company": 1000}, "up"),  # 20 % of revenue
        (Q3, {"account_class": "major", "last_year": 125, "year_before": 100}, "up"),  # 25 % more
        (Q3, {"account_class": "key", "last_year": 200, "company": 1000}, "confirm"),
        (Q3, {"account_class": "key", "revenue": 100, "goal": 1000}, "down"),
        (
            Q3,
            {"account_class": "key", "revenue": 100, "goal": 1000, "last_year": 200, "company": 1000},
            "confirm",
        ),
        (Q3, {"account_class": "target"}, "confirm"),
    ],
)
def test_in_the_third_quarter_classes_are_reviewed(
    quarter: Period, figures: dict[str, Any], review: str | None
) -> None:
    assert card(quarter=quarter, **figures).hints["class_review"] == review


def test_as_facts_are_json_without_decimals() -> None:
    facts = card(revenue=949.6, goal=1000, last_year=10, company=1000).as_facts()

    assert facts["quarter"] == {"first": "2026-07-01", "last": "2026-09-30"}
    assert facts["figures"][0] == {
        "name": "revenue", "unit": "money", "value": "949600.00", "against": "1000000.00", "percent": 94.9,
        "light": "amber", "reason": "below_green", "as_of": "2026-10-05", "source": "sap",
        "more": {"previous_percent": None},
    }  # fmt: skip


def test_the_head_may_set_other_thresholds() -> None:
    strict = POLICY.model_copy(update={"green_from": 100, "min_difference": Decimal(0)})

    assert card(strict, revenue=99, goal=100).light == "amber"


@pytest.mark.parametrize("wrong", [{"red_below": 90}, {"green_from": 80}, {"share_watch": 60}])
def test_thresholds_that_contradict_each_other_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        parse({"quarterly_controlling": wrong})


amounts = st.decimals(-1000, 3_000_000, places=2)
RANK = {"red": 0, "amber": 1, "none": 2, "green": 3}


@given(actual=amounts, more=st.decimals(0, 500_000, places=2), goal=amounts, before=amounts, planned=amounts)
def test_more_revenue_never_makes_a_light_worse(
    actual: Decimal, more: Decimal, goal: Decimal, before: Decimal, planned: Decimal
) -> None:
    previous = Pair(before, planned)
    less, higher = (goal_light(Pair(each, goal), previous, POLICY) for each in (actual, actual + more))

    assert RANK[higher.light] >= RANK[less.light]


@given(actual=amounts, goal=st.decimals(1, 3_000_000, places=2))
def test_the_percentage_shown_never_contradicts_the_light(actual: Decimal, goal: Decimal) -> None:
    light = goal_light(Pair(actual, goal), Pair(None, None), POLICY).light
    shown = percent_of_goal(Pair(actual, goal))

    assert shown is not None
    assert (light == "green") == (shown >= 95)
    assert light != "red" or shown < 70


@given(now=amounts | st.none(), before=amounts | st.none())
def test_growth_is_known_only_from_something(now: Decimal | None, before: Decimal | None) -> None:
    assert (change(now, before) is None) == (now is None or before is None or before <= 0)


@pytest.mark.parametrize(("part", "whole", "shown"), [(4, 15, 26.7), (18, 42, 42.9), (21, 48, 43.8)])
def test_a_percentage_on_which_no_light_hangs_is_rounded_commercially(
    part: int, whole: int, shown: float
) -> None:
    assert percent(Decimal(part), Decimal(whole)) == shown
    assert percent_of_goal(Pair(Decimal("94.96"), Decimal(100))) == 94.9
    assert change(Decimal("108.25"), Decimal(100)) == 8.3
    assert change(Decimal("91.75"), Decimal(100)) == -8.3
