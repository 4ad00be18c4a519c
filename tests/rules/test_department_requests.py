"""Worked examples for requests. Monday to Friday, no holidays. The customer date is Friday 27 November 2026:
ten working days before it is Friday 13 November, fifteen Friday 6 November."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.deadline import Asked
from kamflow.figures.request_dates import RequestFacts
from kamflow.nudge import Nudge
from kamflow.policy import Policy
from kamflow.rules.department_requests import decide, silent
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy()
SPECIALIST, LEAD, KAM, HEAD = Asked(21, WEEK), Asked(20, WEEK), Asked(4, WEEK), Asked(2, WEEK)
ASKED = date(2026, 10, 12)
CUSTOMER = date(2026, 11, 27)
TODAY = date(2026, 10, 19)


def request(**more: Any) -> RequestFacts:
    base = RequestFacts(
        request=51, account=17, kind="delivery_times", asked_on=ASKED, quiet=Quiet(), department=3,
        specialist=SPECIALIST, lead=LEAD, kam=KAM, head=HEAD, customer_date=CUSTOMER, lead_time=15,
    )  # fmt: skip
    return replace(base, **more)


def refused(cause: Any, **more: Any) -> RequestFacts:
    return request(**{"state": "refused", "cause": cause, "decided_on": date(2026, 10, 16)} | more)


def on(day: date, *facts: RequestFacts) -> list[Nudge]:
    return list(decide(facts, day, POLICY).nudges)


def why_silent(day: date, *facts: RequestFacts) -> list[str]:
    return [each.reason for each in silent(facts, day, POLICY)]


@pytest.mark.parametrize("fact", [request(cancelled=True), refused("capacity", cancelled=True)])
def test_what_was_asked_for_a_cancelled_meeting_rests(fact: RequestFacts) -> None:
    assert (on(TODAY, fact), why_silent(TODAY, fact)) == ([], ["meeting_cancelled"])
    assert why_silent(TODAY, replace(fact, state="delivered")) == ["delivered"]


@pytest.mark.parametrize(
    ("more", "due", "short", "threshold"),
    [
        ({}, date(2026, 11, 6), False, "agreed"),
        ({"lead_time": None}, date(2026, 11, 13), False, "default"),  # nothing agreed: 10 days
        ({"lead_time": 0}, date(2026, 11, 27), False, "agreed"),
        # the meeting is moved nearer: the lead time is not kept, three days from Monday 12 October
        ({"customer_date": date(2026, 10, 28)}, date(2026, 10, 15), True, "agreed"),
        # nearer still: the last working day before it
        ({"customer_date": date(2026, 10, 14)}, date(2026, 10, 13), True, "agreed"),
        ({"customer_date": date(2026, 10, 12)}, date(2026, 10, 12), True, "agreed"),
        # moved away, to Friday 18 December
        ({"customer_date": date(2026, 12, 18)}, date(2026, 11, 27), False, "agreed"),
        # 15 days before 20 January is 30 December, in the quiet weeks: before them
        ({"customer_date": date(2027, 1, 20)}, date(2026, 12, 18), False, "agreed"),
        # no customer date: the lead time from the day it was asked
        ({"customer_date": None}, date(2026, 11, 2), False, "agreed"),
        ({"due_on": date(2026, 11, 20)}, date(2026, 11, 20), False, "set_by_kam"),
        # 15 days before Wednesday 8 March 2028, across 29 February, is Wednesday 16 February
        ({"customer_date": date(2028, 3, 8)}, date(2028, 2, 16), False, "agreed"),
    ],
)
def test_a_request_is_due_as_the_rules_of_collaboration_say(
    more: dict[str, Any], due: date, short: bool, threshold: str
) -> None:
    [nudge] = on(ASKED, request(**more))

    assert (nudge.since, nudge.due_on) == (ASKED, due)
    assert (nudge.facts["due"], nudge.facts["short"]) == (due.isoformat(), short)
    assert nudge.why["threshold"] == threshold


def test_days_on_which_the_specialist_is_away_do_not_count() -> None:
    away = Asked(21, with_absences(WEEK, [(date(2026, 11, 2), date(2026, 11, 13))]))

    # 16 to 26 November are nine working days, the other six lie before the holiday.
    assert on(TODAY, request(specialist=away))[0].due_on == date(2026, 10, 23)


@pytest.mark.parametrize(
    ("specialist", "lead", "kam", "asked", "stage"),
    [
        (SPECIALIST, LEAD, KAM, 21, "assigned"),
        (None, LEAD, KAM, 20, "unassigned"),
        (None, None, KAM, 4, "nobody"),
        (SPECIALIST, None, None, 21, "assigned"),
    ],
)
def test_an_unassigned_request_goes_to_the_lead_of_the_department_else_the_kam_is_told(
    specialist: Asked | None, lead: Asked | None, kam: Asked | None, asked: int, stage: str
) -> None:
    [nudge] = on(TODAY, request(specialist=specialist, lead=lead, kam=kam))

    assert (nudge.owner, nudge.stage, nudge.closes_by) == (asked, stage, "facts")
    assert nudge.identity == "department_requests:account.17+request.51:51:deliver"


def test_a_specialist_has_one_list_of_what_several_kams_need() -> None:
    nudges = on(TODAY, request(request=1), request(request=2, account=18, kam=Asked(5, WEEK)))

    assert [nudge.group for nudge in nudges] == ["department_requests:person.21"] * 2
    assert [nudge.facts["customer_date"] for nudge in nudges] == ["2026-11-27"] * 2


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("capacity", [("refused", 4, "capacity")]),
        ("not_ours", [("refused", 4, "not_ours")]),
        ("missing_data", [("refused", 4, "missing_data")]),
        ("conflict", [("refused", 4, "conflict"), ("conflict", 2, "")]),
        (None, [("refused", 4, "")]),
    ],
)
def test_a_refusal_is_told_to_the_kam_and_a_conflict_of_goals_to_the_head(
    cause: str | None, told: list[tuple[str, int, str]]
) -> None:
    nudges = on(TODAY, refused(cause))

    assert [(nudge.step, nudge.owner, nudge.stage) for nudge in nudges] == told
    assert {(n.since, n.due_on) for n in nudges} == {(date(2026, 10, 16), date(2026, 10, 23))}
    assert {nudge.closes_by for nudge in nudges} == {"word"}


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ({}, ["refused", "conflict"]),
        ({"refused": date(2026, 10, 19)}, ["conflict"]),
        ({"conflict": date(2026, 10, 16)}, ["refused"]),
        ({"refused": date(2026, 10, 19), "conflict": date(2026, 10, 19)}, []),
        ({"refused": date(2026, 10, 14)}, ["refused", "conflict"]),  # that was an earlier refusal
    ],
)
def test_a_refusal_that_was_read_is_not_told_again(read: dict[str, date], told: list[str]) -> None:
    conflict = refused("conflict", read=read)

    assert [nudge.step for nudge in on(TODAY, conflict)] == told
    assert why_silent(TODAY, conflict) == ([] if told else ["refusal_read"])


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (request(state="delivered", decided_on=TODAY), "delivered"),
        (request(customer_date=date(2026, 10, 18)), "date_passed"),
        (refused("capacity", customer_date=date(2026, 10, 18)), "date_passed"),
        (request(specialist=None, lead=None, kam=None), "nobody_to_ask"),
        (refused("capacity", kam=None), "nobody_to_tell"),
    ],
)
def test_a_silent_request_says_why(fact: RequestFacts, reason: str) -> None:
    assert on(TODAY, fact) == []
    assert why_silent(TODAY, fact) == [reason]


def test_a_conflict_without_a_kam_still_reaches_the_head() -> None:
    assert [nudge.owner for nudge in on(TODAY, refused("conflict", kam=None))] == [2]


def test_a_request_is_open_until_its_customer_date_inclusive() -> None:
    assert len(on(CUSTOMER, request())) == 1
    assert why_silent(CUSTOMER + timedelta(days=1), request()) == ["date_passed"]


def test_why_names_who_is_told_next_and_when() -> None:
    assert on(TODAY, request())[0].why == {
        "threshold": "agreed", "days": 15, "closes": "delivered_or_refused",
        "next": "lead", "next_after": -2, "then": "head", "then_after": 1,
    }  # fmt: skip


def test_a_request_made_again_after_a_refusal_is_open_again() -> None:
    again = request(read={"refused": TODAY}, decided_on=None)

    assert [nudge.step for nudge in on(TODAY, again)] == ["deliver"]


def test_a_part_time_specialist_on_holiday_delivers_before_it() -> None:
    # Five own days, Monday to Wednesday, before Friday 27 November: 4, 3 and 2 November, 28 and 27 October,
    # for the holiday lasts from 9 to 27 November.
    part_time = Calendar(frozenset({1, 2, 3}), half_days="work")
    away = Asked(21, with_absences(part_time, [(date(2026, 11, 9), date(2026, 11, 27))]))

    [nudge] = on(TODAY, request(specialist=away, lead_time=5))

    assert (nudge.owner, nudge.due_on) == (21, date(2026, 10, 27))


def test_a_customer_date_of_29_february_is_a_day_like_any_other() -> None:
    # Tuesday 29 February 2028: three weeks before it is Tuesday 8 February.
    [nudge] = on(TODAY, request(customer_date=date(2028, 2, 29)))

    assert nudge.due_on == date(2028, 2, 8)


def test_a_meeting_that_is_cancelled_takes_the_customer_date_with_it() -> None:
    # Without a date ten days as agreed count from the day it was asked, 12 October.
    [nudge] = on(TODAY, request(customer_date=None, lead_time=10))

    assert (nudge.due_on, nudge.facts["customer_date"]) == (date(2026, 10, 26), None)


people = st.none() | st.just(SPECIALIST), st.none() | st.just(LEAD), st.none() | st.just(KAM)
dates = st.dates(ASKED, date(2027, 2, 28))
facts = st.builds(
    request,
    specialist=people[0],
    lead=people[1],
    kam=people[2],
    head=st.none() | st.just(HEAD),
    customer_date=st.none() | dates,
    lead_time=st.none() | st.integers(0, 40),
    state=st.sampled_from(["open", "open", "delivered", "refused"]),
    cause=st.sampled_from([None, "capacity", "conflict"]),
    decided_on=st.none() | dates,
    read=st.dictionaries(st.sampled_from(["refused", "conflict"]), dates),
)


def numbered(some: list[RequestFacts]) -> list[RequestFacts]:
    return [replace(one, request=number) for number, one in enumerate(some)]


@given(some=st.lists(facts, max_size=6), day=dates)
def test_every_request_is_either_asked_for_or_silent_with_a_reason(some: Any, day: date) -> None:
    rows = numbered(some)
    told = {nudge.facts["request"] for nudge in on(day, *rows)}
    quiet = [each.figures["request"] for each in silent(rows, day, POLICY)]

    assert sorted([*told, *quiet]) == [row.request for row in rows]


@given(one=facts, day=dates, later=st.integers(0, 200))
def test_a_day_of_delay_never_closes_a_nudge_before_the_customer_date(
    one: RequestFacts, day: date, later: int
) -> None:
    last = one.customer_date or date(2027, 12, 31)
    then = max(day, min(day + timedelta(days=later), last))

    assert [n.fingerprint for n in on(day, one)] == [n.fingerprint for n in on(then, one)]


@given(one=facts)
def test_nothing_is_due_before_it_is_asked_nor_after_the_customer_date(one: RequestFacts) -> None:
    for nudge in on(ASKED, one):
        assert nudge.since <= nudge.due_on
        assert nudge.step != "deliver" or one.customer_date is None or nudge.due_on <= one.customer_date
