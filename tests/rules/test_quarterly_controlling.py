"""Worked examples for the quarter July to September 2026. Monday to Friday, no holidays; money in thousands.

Wednesday 30 September is its last day; ten working days later it is Wednesday 14 October, and fifteen
after that Wednesday 4 November.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.account_figures import AccountFigures, Known
from kamflow.figures.deadline import Asked
from kamflow.figures.quarter_facts import AccountQuarter, Controlling, Quarter
from kamflow.figures.scorecard import scorecard
from kamflow.nudge import Decision, Effect
from kamflow.periods import Period, fiscal_year, quarter
from kamflow.policy import Policy, differing
from kamflow.rules.quarterly_controlling import decide, silent
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy()
KAM, OTHER_KAM, OWNER, HEAD = Asked(4, WEEK), Asked(5, WEEK), Asked(7, WEEK), 2
OPENS, REPORT, LAST_DAY = date(2026, 10, 14), date(2026, 11, 4), date(2026, 12, 31)
COMPLETE = date(2026, 10, 7)
THIRD = "2026-07-01..2026-09-30"


def ended(last: date = date(2026, 9, 30), start_month: int = 1, **more: Any) -> Quarter:
    following = quarter(last + timedelta(days=1), start_month)
    base = Quarter(
        quarter(last, start_month),
        fiscal_year(last, start_month),
        following.last,
        None,
        WEEK,
        Quiet(),
        (HEAD,),
    )
    return replace(base, **more)


def known(amount: float | None) -> Known | None:
    return None if amount is None else Known(Decimal(str(amount)) * 1000, date(2026, 10, 5), "sap")


def fact(
    revenue: float | None = 900, goal: float | None = 1000, account: int = 17, kind: str = "key", **more: Any
) -> AccountQuarter:
    period = Period.parse(THIRD)
    figures = AccountFigures(
        account, period, fiscal_year(period.first), kind, revenue=known(revenue), goal=known(goal)
    )
    return replace(AccountQuarter(figures, KAM, source="sap", source_owner=OWNER), **more)


def on(day: date, *facts: AccountQuarter, at: Quarter | None = None) -> Decision:
    return decide(Controlling(at or ended(), facts), day, POLICY)


def asked(decision: Decision) -> list[tuple[str, int, str, date, date]]:
    return [(n.step, n.owner, n.stage, n.since, n.due_on) for n in decision.nudges]


def cards(decision: Decision) -> list[Effect]:
    return [effect for effect in decision.effects if effect.name == "keep_scorecard"]


def reports(decision: Decision) -> list[Effect]:
    return [effect for effect in decision.effects if effect.name == "send_document"]


def why_silent(day: date, *facts: AccountQuarter, at: Quarter | None = None) -> list[tuple[str, date | None]]:
    quarter_facts = Controlling(at or ended(), facts)
    return [(each.reason, each.until) for each in silent(quarter_facts, day, POLICY)]


@pytest.mark.parametrize(
    ("complete_on", "day", "opened", "state", "due"),
    [
        # not called complete: opens on 14 October with preliminary figures, 15 days to comment
        (None, date(2026, 10, 13), None, "", None),
        (None, date(2026, 10, 14), OPENS, "preliminary", date(2026, 11, 4)),
        # complete on 7 October: opens that day
        (COMPLETE, date(2026, 10, 6), None, "", None),
        (COMPLETE, date(2026, 10, 7), COMPLETE, "complete", date(2026, 10, 28)),
        (COMPLETE, date(2026, 12, 1), COMPLETE, "complete", date(2026, 10, 28)),
        # complete on 20 October: opened on the 14th all the same, but the days to comment count anew
        (date(2026, 10, 20), date(2026, 10, 19), OPENS, "preliminary", date(2026, 11, 4)),
        (date(2026, 10, 20), date(2026, 10, 20), OPENS, "complete", date(2026, 11, 10)),
    ],
)
def test_a_quarter_opens_when_its_revenue_is_complete_or_after_ten_days(
    complete_on: date | None, day: date, opened: date | None, state: str, due: date | None
) -> None:
    decision = on(day, fact(), at=ended(complete_on=complete_on))

    assert asked(decision) == ([("comment", 4, "amber", opened, due)] if opened else [])
    assert [card.facts["state"] for card in cards(decision)] == ([state] if opened else [])


@pytest.mark.parametrize(
    ("last", "start_month", "opens", "due"),
    [
        (date(2026, 3, 31), 1, date(2026, 4, 14), date(2026, 4, 28)),  # 10 days to comment
        (date(2026, 6, 30), 1, date(2026, 7, 14), date(2026, 7, 28)),
        (date(2026, 9, 30), 1, date(2026, 10, 14), date(2026, 11, 4)),  # 15 in the season
        (date(2026, 12, 31), 1, date(2027, 1, 28), date(2027, 2, 11)),  # 20 after the fiscal year
        (date(2026, 9, 30), 10, date(2026, 10, 28), date(2026, 11, 18)),  # a year that starts in October
        (date(2028, 2, 29), 3, date(2028, 3, 28), date(2028, 4, 11)),  # one that ends on 29 February
    ],
)
def test_each_quarter_has_its_days(last: date, start_month: int, opens: date, due: date) -> None:
    at = ended(last, start_month)

    assert why_silent(opens - timedelta(days=1), fact(), at=at) == [("not_open", opens)]
    assert asked(on(opens, fact(), at=at)) == [("comment", 4, "amber", opens, due)]


@pytest.mark.parametrize(
    ("revenue", "goal", "more", "said"),
    [
        (950, 1000, {}, "reached"),
        (949, 1000, {}, "amber"),
        (699, 1000, {}, "red"),
        (60, 100, {}, "small_difference"),  # 60 %, but only 40 are missing
        (300, None, {}, "no_goal"),
        (949, 1000, {"kam": None}, "no_kam"),
        (949, 1000, {"commented_on": date(2026, 10, 16)}, "commented"),
        (949, 1000, {"kind": "B"}, "no_controlling_for_class"),
        (949, None, {"group": 3}, "counted_in_group"),
        (949, 1000, {"group": 3}, "amber"),  # a site with a goal of its own
        (None, 1000, {}, "no_data"),
        (None, None, {"source": None}, "no_source"),
        (None, 1000, {"source_owner": None, "kam": None}, "no_data_and_nobody"),
    ],
)
def test_amber_and_red_are_asked_for_everything_else_says_why_not(
    revenue: float | None, goal: float | None, more: dict[str, Any], said: str
) -> None:
    one = fact(revenue, goal, **more)

    told = [nudge.stage or nudge.step for nudge in on(OPENS, one).nudges]
    assert told + [reason for reason, _ in why_silent(OPENS, one)] == [said]


def test_one_item_per_kam_lists_all_amber_and_red_accounts() -> None:
    decision = on(OPENS, fact(600, account=1), fact(900, account=2), fact(900, account=3, kam=OTHER_KAM))

    assert [(n.account, n.group, n.weight) for n in decision.nudges] == [
        (1, "quarterly_controlling:person.4", 60.0),
        (2, "quarterly_controlling:person.4", 40.0),
        (3, "quarterly_controlling:person.5", 40.0),
    ]


def test_a_nudge_names_the_figures_and_the_threshold() -> None:
    [nudge] = on(OPENS, fact(600)).nudges

    assert nudge.identity == f"quarterly_controlling:account.17:{THIRD}:comment"
    assert (nudge.facts["light"], nudge.facts["decided_by"], nudge.closes_by) == ("red", "revenue", "facts")
    assert nudge.facts["figures"][0]["percent"] == 60.0
    assert (nudge.why["threshold"], nudge.why["closes"], nudge.why["next"]) == (
        "below_red",
        "commented",
        "head",
    )


def test_no_revenue_imported_is_told_to_whom_the_source_belongs_and_not_to_the_kam() -> None:
    decision = on(OPENS, fact(None, account=1), fact(None, account=2))

    assert asked(decision) == [("no_data", 7, "", OPENS, date(2026, 10, 21))] * 2
    assert {nudge.group for nudge in decision.nudges} == {"quarterly_controlling:no_data:person.7"}
    assert [card.facts["light"] for card in cards(decision)] == ["no_data", "no_data"]


def test_where_nobody_owns_the_source_the_kam_is_asked_for_the_data() -> None:
    assert asked(on(OPENS, fact(None, source_owner=None))) == [("no_data", 4, "", OPENS, date(2026, 10, 21))]


def test_revenue_that_arrives_late_leaves_the_whole_time_to_comment() -> None:
    arrived = fact(900, arrived=date(2026, 11, 9))

    assert asked(on(date(2026, 11, 9), arrived)) == [
        ("comment", 4, "amber", date(2026, 11, 9), date(2026, 11, 30))
    ]


def test_a_comment_is_not_due_in_quiet_weeks() -> None:
    late = ended(complete_on=date(2026, 12, 1))

    assert asked(on(date(2026, 12, 1), fact(), at=late))[0][-1] == date(2026, 12, 18)


def test_a_kam_on_holiday_is_given_the_days_after_it() -> None:
    away = Asked(4, with_absences(WEEK, [(date(2026, 10, 12), date(2026, 10, 23))]))

    # The first of fifteen days is Monday 26 October.
    assert asked(on(OPENS, fact(kam=away)))[0][-1] == date(2026, 11, 13)


def test_a_quarter_nobody_commented_ends_with_the_next_one() -> None:
    assert len(on(LAST_DAY, fact()).nudges) == 1
    assert on(LAST_DAY + timedelta(days=1), fact()) == Decision()
    assert why_silent(LAST_DAY + timedelta(days=1), fact()) == [("lapsed", None)]


@pytest.mark.parametrize(
    ("kept", "complete_on", "key"),
    [
        (None, None, f"keep_scorecard:account.17:{THIRD}:scorecard"),
        ("preliminary", None, None),  # kept, and the figures are the same
        ("preliminary of other figures", None, f"keep_scorecard:account.17:{THIRD}:scorecard:16"),
        ("preliminary", date(2026, 10, 14), f"keep_scorecard:account.17:{THIRD}:scorecard:1"),
        (None, date(2026, 10, 14), f"keep_scorecard:account.17:{THIRD}:scorecard:1"),
        ("no_data of other figures", date(2026, 10, 14), f"keep_scorecard:account.17:{THIRD}:scorecard:16"),
        ("complete", date(2026, 10, 14), None),
        ("complete", None, None),
    ],
)
def test_a_scorecard_is_kept_preliminary_anew_when_it_changes_and_complete(
    kept: Any, complete_on: date | None, key: str | None
) -> None:
    before = fact(1000 if kept == "preliminary" else 900).figures
    digest = scorecard(before, "preliminary", POLICY.quarterly_controlling).digest()
    known = {"kept": kept.partition(" ")[0] if kept else None, "kept_digest": digest if kept else None}
    decision = on(OPENS, fact(1000, **known), at=ended(complete_on=complete_on))

    assert [effect.key for effect in cards(decision)] == ([key] if key else [])


def test_who_never_bought_anything_and_has_no_goal_is_not_asked_about() -> None:
    prospect = fact(None, None)

    assert asked(on(OPENS, prospect)) == []
    assert why_silent(OPENS, prospect) == [("no_revenue_yet", None)]


def test_green_accounts_and_those_without_a_kam_have_a_scorecard_too() -> None:
    decision = on(OPENS, fact(1000, account=1), fact(600, account=2, kam=None), fact(account=3, kind="C"))

    assert [(card.account, card.facts["light"]) for card in cards(decision)] == [(1, "green"), (2, "red")]


@pytest.mark.parametrize(
    ("complete_on", "day", "sent"),
    [
        (None, REPORT - timedelta(days=1), False),
        (None, REPORT, True),
        (None, REPORT + timedelta(days=9), True),  # a run that was missed is made up for
        (COMPLETE, date(2026, 10, 27), False),
        (COMPLETE, date(2026, 10, 28), True),
        (None, LAST_DAY + timedelta(days=1), False),
    ],
)
def test_the_head_gets_a_report_fifteen_days_after_opening(
    complete_on: date | None, day: date, sent: bool
) -> None:
    found = reports(on(day, at=ended(complete_on=complete_on)))

    assert [effect.key for effect in found] == ([f"send_document:person.2:{THIRD}:report"] if sent else [])
    assert [effect.account for effect in found] == ([None] if sent else [])


def test_the_report_says_when_the_quarter_was_opened() -> None:
    [report] = reports(on(LAST_DAY))

    assert report.facts == {
        "document": "report", "person": 2, "quarter": {"first": "2026-07-01", "last": "2026-09-30"},
        "opened": "2026-10-14", "on": "2026-11-04",
    }  # fmt: skip


def test_an_account_may_have_thresholds_of_its_own() -> None:
    one, own = fact(900), differing(POLICY, {"quarterly_controlling.green_from": 85}, "here")
    policy = POLICY.for_accounts({one.figures.account: own})

    [silence] = silent(Controlling(ended(), [one]), OPENS, policy)
    assert silence.reason == "reached"


@pytest.mark.parametrize(
    ("bought", "light", "reason"),
    [
        (100, "none", "ok"),
        (101, "amber", "watch"),
        (500, "amber", "watch"),  # exactly 50 % is not above it
        (501, "red", "dangerous"),
    ],
)
def test_a_share_of_exactly_50_percent_is_watched_and_asks_nobody(
    bought: float, light: str, reason: str
) -> None:
    one = fact(1000)
    figures = replace(one.figures, last_year=known(bought), company=known(1000))
    decision = on(OPENS, replace(one, figures=figures))

    [share] = [line for line in cards(decision)[0].facts["figures"] if line["name"] == "share"]
    assert (share["light"], share["reason"]) == (light, reason)
    assert asked(decision) == []


def test_a_part_time_kam_on_holiday_has_fifteen_own_days() -> None:
    # Monday to Wednesday, away from 19 to 30 October: 2-4, 9-11, 16-18, 23-25, 30 November, 1-2 December.
    part_time = with_absences(
        Calendar(frozenset({1, 2, 3}), half_days="work"), [(date(2026, 10, 19), date(2026, 10, 30))]
    )

    decision = on(date(2026, 10, 20), fact(kam=Asked(4, part_time)))

    assert asked(decision) == [("comment", 4, "amber", OPENS, date(2026, 12, 2))]


facts = st.builds(
    fact,
    revenue=st.none() | st.integers(0, 1200),
    goal=st.none() | st.integers(0, 1200),
    kind=st.sampled_from(["key", "major", "A"]),
    kam=st.sampled_from([None, KAM, OTHER_KAM]),
    group=st.none() | st.just(3),
    source=st.none() | st.just("sap"),
    source_owner=st.none() | st.just(OWNER),
    commented_on=st.none() | st.none() | st.just(date(2026, 10, 16)),
    kept=st.sampled_from([None, "preliminary", "complete"]),
)
quarters = st.builds(ended, complete_on=st.none() | st.dates(date(2026, 9, 25), date(2026, 11, 5)))
days = st.dates(date(2026, 10, 1), date(2027, 1, 5))


def numbered(some: list[AccountQuarter]) -> list[AccountQuarter]:
    return [replace(one, figures=replace(one.figures, account=n)) for n, one in enumerate(some, 1)]


@given(some=st.lists(facts, max_size=6), at=quarters, day=days)
def test_every_account_is_either_asked_for_or_silent_with_a_reason(some: Any, at: Quarter, day: date) -> None:
    rows = numbered(some)
    told = [nudge.account for nudge in on(day, *rows, at=at).nudges]
    quiet = [each.account for each in silent(Controlling(at, rows), day, POLICY)]

    assert sorted([*told, *quiet]) == [row.figures.account for row in rows]


@given(one=facts, at=quarters, day=days, later=st.integers(0, 80))
def test_a_day_of_delay_never_closes_a_nudge_before_the_next_quarter_ends(
    one: AccountQuarter, at: Quarter, day: date, later: int
) -> None:
    then = max(day, min(day + timedelta(days=later), LAST_DAY))
    now, delayed = on(day, one, at=at).nudges, on(then, one, at=at).nudges

    assert {nudge.identity for nudge in now} <= {nudge.identity for nudge in delayed}
    assert {nudge.since for nudge in now} <= {nudge.since for nudge in delayed}


@given(one=facts, at=quarters, day=days)
def test_nothing_is_due_before_it_is_asked(one: AccountQuarter, at: Quarter, day: date) -> None:
    assert all(nudge.since < nudge.due_on for nudge in on(day, one, at=at).nudges)
