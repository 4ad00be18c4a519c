"""Worked examples for the annual meeting. Monday to Friday, no holidays, unless a test says otherwise.

M is Tuesday 10 November 2026. Then 20 working days before it are four weeks (13 October), 10 are two weeks
(27 October), 3 are Thursday 5 November, and 90 calendar days before it is 12 August.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.deadline import Asked
from kamflow.figures.meeting_facts import Entry, MeetingFacts, Need, Round
from kamflow.nudge import Nudge
from kamflow.periods import Period, fiscal_year
from kamflow.policy import Policy
from kamflow.rules.annual_meeting import decide, silent
from kamflow.thresholds import AnnualMeeting
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy()
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
M = date(2026, 11, 10)
KAM, BOSS, EXPERT = Asked(4, WEEK), Asked(9, WEEK), Asked(12, WEEK)
DAY = timedelta(days=1)


def d(text: str) -> date:
    """Day.month of 2026, or with a year."""
    day, month, year = (*text.split("."), "2026")[:3]
    return date(int(year), int(month), int(day))


def talk(day: date = M, **more: Any) -> Round:
    return replace(Round(id=51, day=day, people=(KAM, BOSS, EXPERT)), **more)


def fact(*rounds: Round, **more: Any) -> MeetingFacts:
    base = MeetingFacts(
        account=17, year=YEAR, calendar=WEEK, quiet=Quiet(), kam=KAM, account_class="key",
        meeting=7 if rounds else None, rounds=rounds,
    )  # fmt: skip
    return replace(base, **more)


def asked(day: date, *facts: MeetingFacts) -> dict[str, Nudge]:
    return {nudge.step: nudge for nudge in decide(facts, day, POLICY).nudges}


def steps(day: date, *facts: MeetingFacts) -> list[tuple[str, date, date]]:
    return sorted((step, n.since, n.due_on) for step, n in asked(day, *facts).items())


def sent(day: date, *facts: MeetingFacts) -> list[tuple[str, int]]:
    """Papers that are due: document and person."""
    effects = decide(facts, day, POLICY).effects
    return sorted((e.step, e.facts["person"]) for e in effects if e.name == "send_document")


def why_silent(day: date, one: MeetingFacts, step: str) -> list[tuple[str, date | None]]:
    found = silent([one], day, POLICY)
    return [(each.reason, each.until) for each in found if each.figures["step"] == step]


# --- arranging -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "since", "due_on", "day"),
    [
        # November: its first working day is Monday 2 November, 90 days before it is 4 August
        ({"month": 11}, d("4.8"), d("18.8"), d("2.11")),
        ({"last_month": 11}, d("4.8"), d("18.8"), d("2.11")),
        ({"month": 11, "last_month": 3}, d("4.8"), d("18.8"), d("2.11")),
        # with the board 120 days: 5 July is a Sunday
        ({"month": 11, "board": True}, d("3.7"), d("17.7"), d("2.11")),
        # the month was set on 1 September only
        ({"month": 11, "month_on": d("1.9")}, d("1.9"), d("15.9"), d("2.11")),
        # January of the next year: 90 days before 1 January is 3 October, a Saturday
        ({"month": 1, "year": fiscal_year(date(2027, 1, 1))}, d("2.10"), d("16.10"), d("1.1.2027")),
        # a year that begins in October holds March 2027
        ({"month": 3, "year": fiscal_year(date(2026, 10, 1), 10)}, d("1.12"), d("15.12"), d("1.3.2027")),
        # February 2028 has a 29th; the first is a Tuesday, 90 days before it is 3 November
        (
            {"month": 2, "year": fiscal_year(date(2028, 1, 1))},
            d("3.11.2027"), d("17.11.2027"), d("1.2.2028"),
        ),
        # 90 days before 1 April is 1 January, in the quiet weeks: the last day before them is Friday
        # 19 December, and ten working days after that, without the quiet ones, is 20 January
        ({"month": 4}, d("19.12.2025"), d("20.1"), d("1.4")),
    ],
)  # fmt: skip
def test_a_planned_meeting_is_arranged_three_months_ahead_four_with_the_board(
    more: dict[str, Any], since: date, due_on: date, day: date
) -> None:
    one = fact(**more)

    assert why_silent(since - DAY, one, "arrange") == [("not_due", since)]
    nudge = asked(since, one)["arrange"]
    assert (nudge.since, nudge.due_on, nudge.facts["day"]) == (since, due_on, day.isoformat())


def test_a_customer_closed_for_three_weeks_in_august_is_met_after_them() -> None:
    closed = with_absences(WEEK, [(d("3.8"), d("21.8"))])
    nudge = asked(d("1.6"), fact(month=8, calendar=closed))["arrange"]

    # the first day on which both work is 24 August; 90 days before it is 26 May
    assert (nudge.facts["day"], nudge.since) == ("2026-08-24", d("26.5"))


def test_dates_before_a_meeting_count_days_on_which_the_part_time_kam_is_there() -> None:
    # Monday to Wednesday, and away from 19 to 30 October; nobody else is asked, whoever the deputy is.
    part_time = with_absences(Calendar(frozenset({1, 2, 3}), half_days="work"), [(d("19.10"), d("30.10"))])
    one = fact(talk(), kam=Asked(4, part_time))

    # Days at work before M: 9, 4, 3, 2 November, 14, 13, 12, 7, 6, 5 October are ten; 30, 29, 28, 23, 22, 21,
    # 16, 15, 14 and 9 September ten more. Five days after that: 14, 15, 16, 21, 22 September.
    assert steps(d("5.10"), one) == [
        ("agenda", d("9.9"), d("22.9")),
        ("release", d("5.10"), d("4.11")),
    ]
    # The others have their papers three working days of their own before M.
    assert sent(d("5.11"), one) == [("briefing", 9), ("briefing", 12), ("draft", 4)]


def test_a_month_nobody_knows_is_asked_for_in_june() -> None:
    assert why_silent(d("31.5"), fact(), "month") == [("not_due", d("1.6"))]
    assert steps(d("1.6"), fact()) == [("month", d("1.6"), d("15.6"))]
    assert steps(d("31.12"), fact()) == [("month", d("1.6"), d("15.6"))]
    assert why_silent(d("31.12") + DAY, fact(), "month") == [("passed", None)]
    assert why_silent(d("1.6"), fact(account_class="B"), "month") == [("no_meeting_for_class", None)]


def test_a_year_from_october_asks_in_the_june_it_holds() -> None:
    year = fiscal_year(date(2026, 10, 1), 10)

    assert why_silent(d("1.6"), fact(year=year), "month") == [("not_due", d("1.6.2027"))]


def test_a_meeting_that_was_not_booked_in_its_month_stays_open_with_another_stage() -> None:
    assert asked(d("30.11"), fact(month=11))["arrange"].stage == ""
    assert asked(d("1.12"), fact(month=11))["arrange"].stage == "month_passed"


def test_a_month_that_was_over_when_it_was_set_counts_from_the_next_year_on() -> None:
    one = fact(month=3, month_on=d("20.6"))

    assert decide([one], d("21.6"), POLICY).nudges == ()
    assert why_silent(d("21.6"), one, "arrange") == [("month_was_over", None)]


# --- preparing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "steps_open", "papers"),
    [
        ("12.10", [], []),
        ("13.10", ["agenda"], []),
        ("26.10", ["agenda"], []),
        ("27.10", ["agenda", "release"], [("draft", 4)]),
        ("4.11", ["agenda", "release"], [("draft", 4)]),
        ("5.11", ["agenda"], [("briefing", 9), ("briefing", 12), ("draft", 4)]),
        ("9.11", ["agenda"], [("briefing", 9), ("briefing", 12), ("draft", 4)]),
        ("10.11", [], [("briefing", 9), ("briefing", 12), ("draft", 4)]),
        ("11.11", ["follow_up", "minutes"], []),
    ],
)
def test_the_days_before_a_meeting(day: str, steps_open: list[str], papers: list[tuple[str, int]]) -> None:
    assert sorted(asked(d(day), fact(talk()))) == steps_open
    assert sent(d(day), fact(talk())) == papers


def test_the_dates_of_each_step() -> None:
    assert steps(d("27.10"), fact(talk())) == [
        ("agenda", d("13.10"), d("20.10")), ("release", d("27.10"), d("4.11")),
    ]  # fmt: skip
    assert steps(d("11.11"), fact(talk())) == [
        ("follow_up", d("11.11"), d("1.12")), ("minutes", d("11.11"), d("17.11")),
    ]  # fmt: skip


def test_a_briefing_that_was_not_released_says_so() -> None:
    def reviewed(one: MeetingFacts) -> list[bool]:
        effects = decide([one], d("5.11"), POLICY).effects
        return [e.facts["reviewed"] for e in effects if e.step == "briefing"]

    assert reviewed(fact(talk())) == [False, False]
    released = fact(talk(), released_on=d("2.11"), released_revision=0)
    assert reviewed(released) == [True, True]
    assert "release" not in asked(d("3.11"), released)


def test_a_release_from_before_the_meeting_moved_away_is_too_old() -> None:
    moved = talk(d("15.12"), revision=1, fixed_on=d("4.11"), moved_from=M)
    one = fact(moved, released_on=d("2.11"), released_revision=0)

    # ten working days before 15 December is 1 December
    assert "release" in asked(d("1.12"), one)
    # moved by one day only, the release of 2 November still holds
    near = talk(d("11.11"), revision=1, fixed_on=d("4.11"), moved_from=M)
    assert "release" not in asked(d("4.11"), fact(near, released_on=d("2.11"), released_revision=0))


def test_an_attendee_who_is_away_gets_the_paper_before_that_and_the_kam_the_draft_earlier() -> None:
    away = Asked(9, with_absences(WEEK, [(d("26.10"), d("9.11"))]))
    one = fact(talk(people=(KAM, away)))

    # Three days at work before M: 23, 22, 21 October; five working days before that: 14 October.
    assert ("briefing", 9) not in sent(d("20.10"), one)
    assert ("briefing", 9) in sent(d("21.10"), one)
    assert asked(d("14.10"), one)["release"].due_on == d("20.10")


@pytest.mark.parametrize(
    ("account_class", "people", "to"),
    [
        ("key", (KAM, EXPERT), [9, 12]),
        ("major", (KAM, EXPERT), [12]),  # sponsors are spared where the account is no key account
        ("major", (KAM, BOSS), [9]),  # but who attends is briefed
        ("key", (), [9]),
    ],
)
def test_papers_go_to_those_who_attend_and_to_the_sponsor_of_a_key_account(
    account_class: str, people: tuple[Asked, ...], to: list[int]
) -> None:
    one = fact(talk(people=people), sponsor=BOSS, account_class=account_class)

    assert [person for document, person in sent(d("6.11"), one) if document == "briefing"] == to


def test_on_the_morning_only_those_hear_for_whom_something_changed() -> None:
    one = fact(talk(changed={9: ("time", "figure"), 12: ()}))

    assert ("morning", 9) not in sent(d("9.11"), one)
    [effect] = [e for e in decide([one], M, POLICY).effects if e.step == "morning"]
    assert effect.facts["changed"] == ["figure", "time"]
    assert ("nothing_changed", None) in why_silent(M, one, "morning")


@pytest.mark.parametrize(
    ("lead_time", "on"),
    [
        (15, "6.10"),  # 15 + 10 working days are five weeks
        (5, "20.10"),
        (0, "27.10"),
    ],
)
def test_departments_are_asked_by_their_agreed_lead_times(lead_time: int, on: str) -> None:
    one = fact(talk(), needs=(Need(3, "figures", lead_time, WEEK),))

    assert why_silent(d(on) - DAY, one, "request") == [("not_due", d(on))]
    [effect] = [e for e in decide([one], d(on), POLICY).effects if e.name == "ask_department"]
    assert effect.key == "ask_department:account.17+department.3:2026-01-01..2026-12-31:figures"
    assert effect.facts["customer_date"] == "2026-11-10"
    # On 5 November there are three working days left, on 6 November it is too late.
    assert why_silent(d("5.11"), one, "request") == []
    assert why_silent(d("6.11"), one, "request") == [("passed", None)]


def test_what_a_department_was_asked_for_is_not_asked_again() -> None:
    one = fact(talk(), needs=(Need(3, "figures", 15, WEEK, asked=True),))

    assert why_silent(d("27.10"), one, "request") == [("asked", None)]


def test_dates_inside_quiet_weeks_move_before_them() -> None:
    one = fact(talk(d("11.1.2027")))

    # Three working days before 11 January is 6 January: papers go out on 18 December; the draft is there a
    # week earlier, and with it the agenda of 14 December.
    assert ("briefing", 9) in sent(d("18.12"), one)
    assert steps(d("14.12"), one) == [
        ("agenda", d("11.12"), d("18.12")), ("release", d("11.12"), d("17.12")),
    ]  # fmt: skip


# --- moved, cancelled ----------------------------------------------------------------------------


def replanned(day: date, one: MeetingFacts) -> dict[str, Any]:
    [effect] = [e for e in decide([one], day, POLICY).effects if e.step == "replanned"]
    return dict(effect.facts)


NEEDS = (Need(3, "figures", 15, WEEK), Need(5, "samples", 2, WEEK))


def test_a_meeting_moved_away_says_so_once() -> None:
    # On 2 November it goes from 10 November to 8 December, four weeks later.
    one = fact(talk(d("8.12"), revision=1, fixed_on=d("2.11"), moved_from=M), needs=NEEDS)
    said = replanned(d("2.11"), one)

    assert (said["moved"], said["due"], said["dropped"]) == (6, 0, 0)
    assert [(each["step"], each["was"], each["on"]) for each in said["dates"]] == [
        ("request", "2026-10-06", "2026-11-03"),
        ("agenda", "2026-10-13", "2026-11-10"),
        ("request", "2026-10-23", "2026-11-20"),
        ("draft", "2026-10-27", "2026-11-24"),
        ("briefing", "2026-11-05", "2026-12-03"),
        ("minutes", "2026-11-17", "2026-12-15"),
    ]
    assert decide([one], d("2.11"), POLICY).nudges == ()
    assert sent(d("24.11"), one) == [("draft", 4), ("replanned", 4)]


def test_a_meeting_moved_nearer_loses_none_of_its_reminders() -> None:
    # On 30 September it goes from 10 November to 14 October: agenda and draft are due at once.
    one = fact(talk(d("14.10"), revision=1, fixed_on=d("30.9"), moved_from=M), needs=NEEDS)
    said = replanned(d("30.9"), one)

    assert (said["moved"], said["due"], said["dropped"]) == (2, 4, 0)
    # They count from the day of the move, so nobody is late at once.
    assert steps(d("30.9"), one) == [
        ("agenda", d("30.9"), d("7.10")), ("release", d("30.9"), d("8.10")),
    ]  # fmt: skip
    keys = [e.key for e in decide([one], d("30.9"), POLICY).effects if e.step == "draft"]
    assert keys == ["send_document:account.17+person.4:2026-01-01..2026-12-31:draft:1"]


def test_a_meeting_moved_to_the_day_after_tomorrow_drops_what_cannot_be_done_any_more() -> None:
    one = fact(talk(d("2.10"), revision=1, fixed_on=d("30.9"), moved_from=M), needs=NEEDS)
    said = replanned(d("30.9"), one)

    # Both requests and the review are dropped; agenda and papers are due, only the minutes moved.
    assert (said["moved"], said["due"], said["dropped"]) == (1, 2, 3)
    assert steps(d("30.9"), one) == [("agenda", d("30.9"), d("1.10"))]
    assert sent(d("30.9"), one) == [("briefing", 9), ("briefing", 12), ("draft", 4), ("replanned", 4)]


def test_what_is_done_is_not_counted_as_moved() -> None:
    asked_for = tuple(need._replace(asked=True) for need in NEEDS)
    moved = talk(d("8.12"), revision=1, fixed_on=d("2.11"), moved_from=M)

    assert replanned(d("2.11"), fact(moved, needs=asked_for, agenda_on=d("14.10")))["moved"] == 3


def test_a_meeting_cancelled_on_the_day_closes_everything() -> None:
    cancelled = fact(talk(state="cancelled", entries=entries(4, 9, 12)), month=11, needs=NEEDS)
    decision = decide([cancelled], M, POLICY)

    assert decision.nudges == ()
    assert [(e.step, e.facts["person"], e.facts["method"]) for e in decision.effects] == [
        ("cancel", 4, "cancel"), ("cancel", 9, "cancel"), ("cancel", 12, "cancel"),
    ]  # fmt: skip
    assert why_silent(M, cancelled, "arrange") == [("cancelled", None)]
    assert decide([cancelled], M + DAY, POLICY).effects == ()


def test_a_meeting_booked_again_after_it_was_cancelled_is_prepared() -> None:
    again = talk(d("8.12"), id=52, number=2, fixed_on=d("12.11"))

    assert steps(d("12.11"), fact(talk(state="cancelled"), again)) == [("agenda", d("12.11"), d("19.11"))]


# --- calendar ------------------------------------------------------------------------------------


def entries(*people: int) -> dict[int, Entry]:
    """An invitation each, as it is."""
    return {person: Entry(made=1, told=0, invited=True) for person in people}


def invited(day: date, one: MeetingFacts) -> list[tuple[str, int, int]]:
    effects = decide([one], day, POLICY).effects
    return [(e.step, e.facts["person"], e.revision) for e in effects if e.name == "calendar"]


def test_our_own_people_are_invited_and_told_of_a_move() -> None:
    assert invited(d("1.7"), fact(talk())) == [("invite", 4, 0), ("invite", 9, 0), ("invite", 12, 0)]
    here = talk(people=(KAM,), entries=entries(4, 9))
    assert invited(d("1.7"), fact(replace(here, entry_revision=1))) == [("invite", 4, 1), ("cancel", 9, 1)]
    # who has the entry as it is gets no other one; who does not come any more is told so
    assert invited(d("1.7"), fact(here)) == [("cancel", 9, 1)]
    assert why_silent(d("1.7"), fact(here), "calendar") == [("has_entry", None)]


def test_who_is_taken_off_and_added_again_is_invited_again() -> None:
    taken_back = talk(people=(KAM,), entries={4: Entry(made=2, told=None, invited=False)})
    assert invited(d("1.7"), fact(taken_back)) == [("invite", 4, 2)]


def test_a_briefing_released_after_it_went_out_goes_once_more_to_who_read_it() -> None:
    one = fact(talk(unreviewed=frozenset({9})))
    assert why_silent(d("6.11"), one, "released") == [("not_released", None)]

    released = replace(one, released_on=d("6.11"), released_revision=0)
    assert ("released", 9) in sent(d("6.11"), released)
    assert ("released", 12) not in sent(d("6.11"), released)
    assert sent(M + DAY, released) == []


def test_nobody_is_invited_to_a_meeting_that_came_from_a_calendar_or_is_over() -> None:
    from_calendar = fact(talk(from_calendar=True, state="cancelled", entries=entries(4)))

    assert invited(d("1.7"), from_calendar) == []
    assert why_silent(d("1.7"), from_calendar, "calendar") == [("from_calendar", None)]
    assert invited(M + DAY, fact(talk())) == []
    assert invited(M, fact(talk(state="held"))) == []


# --- afterwards ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "agreed_on", "open_steps"),
    [
        ("5.10", None, []),
        ("6.10", None, [("minutes", "round.51"), ]),
        ("27.10", None, [("minutes", "round.51"), ]),
        ("28.10", None, [("minutes", "round.51"), ("minutes", "round.52")]),
        ("25.11", None, [("minutes", "round.51"), ("minutes", "round.52"), ("minutes", "round.53")]),
        (
            "26.11", "25.11",
            [("follow_up", "account.17"), *(("minutes", f"round.{number}") for number in (51, 52, 53))],
        ),
    ],
)  # fmt: skip
def test_a_negotiation_of_three_rounds_has_three_minutes_and_ends_with_the_agreement(
    day: str, agreed_on: str | None, open_steps: list[tuple[str, str]]
) -> None:
    rounds = [talk(d(on), id=51 + n, number=n + 1) for n, on in enumerate(("5.10", "27.10", "24.11"))]
    one = fact(*rounds, kind="negotiation", agreed_on=d(agreed_on) if agreed_on else None)
    found = [(n.step, n.subject.split("+")[-1]) for n in decide([one], d(day), POLICY).nudges]

    assert sorted(found) == open_steps


def test_only_the_first_round_of_a_negotiation_is_prepared() -> None:
    one = fact(talk(d("5.10")), talk(d("27.10"), id=52, number=2), kind="negotiation")

    assert sorted(asked(d("14.9"), one)) == ["agenda"]
    assert sorted(asked(d("26.10"), one)) == ["minutes"]
    assert asked(d("26.10"), one)["minutes"].facts["next_round"] == "2026-10-27"


def test_measures_are_due_three_weeks_after_the_agreement() -> None:
    one = fact(talk(d("5.10"), minutes_on=d("7.10")), kind="negotiation", agreed_on=d("12.10"))

    assert steps(d("13.10"), one) == [("follow_up", d("13.10"), d("2.11"))]
    assert steps(d("13.10"), replace(one, followed_up_on=d("13.10"))) == []
    assert why_silent(d("13.10"), replace(one, agreed_on=None), "follow_up") == [("not_agreed", None)]


@pytest.mark.parametrize(
    ("kind", "agreed_on", "silent_steps"),
    [
        ("strategic", None, ["follow_up", "minutes"]),
        ("negotiation", d("9.3"), ["follow_up", "minutes"]),
        ("negotiation", d("8.9"), ["minutes"]),  # agreed after that became known
    ],
)
def test_of_a_meeting_that_was_over_when_it_became_known_nothing_is_asked(
    kind: Any, agreed_on: date | None, silent_steps: list[str]
) -> None:
    one = fact(talk(d("9.3"), fixed_on=d("7.9")), kind=kind, agreed_on=agreed_on)
    known = [step for step in ("follow_up", "minutes") if why_silent(d("10.9"), one, step)]
    assert known == silent_steps
    assert why_silent(d("10.9"), one, "minutes") == [("known_later", None)]
    in_time = replace(one, rounds=(talk(d("9.3"), fixed_on=d("9.3")),))
    assert sorted(asked(d("10.9"), in_time)) == ["follow_up", "minutes"]


def test_minutes_of_a_meeting_in_december_do_not_lapse_with_the_year() -> None:
    one = fact(talk(d("17.12")))
    minutes = asked(d("7.1.2027"), one)["minutes"]

    # Five days on is 24 December, in the quiet weeks; but one of them is left before: 18 December, then 7, 8,
    # 11 and 12 January.
    assert (minutes.period, minutes.since, minutes.due_on) == ("51", d("18.12"), d("12.1.2027"))


@pytest.mark.parametrize("held", [d("9.11"), M])
def test_a_meeting_that_was_held_is_not_prepared_any_more(held: date) -> None:
    one = fact(talk(held, state="held"))

    assert decide([one], held, POLICY).nudges == ()
    assert sent(held, one) == []


def test_29_february_is_a_day_like_any_other() -> None:
    year = Period(date(2028, 1, 1), date(2028, 12, 31))
    one = fact(talk(date(2028, 2, 29)), year=year)

    # Tuesday 29 February: two weeks before it is 15 February, five working days after it 7 March
    assert asked(date(2028, 2, 15), one)["release"].since == date(2028, 2, 15)
    assert asked(date(2028, 3, 1), one)["minutes"].due_on == date(2028, 3, 7)


@pytest.mark.parametrize(
    ("begins", "open_steps"),
    [(None, ["agenda", "release"]), (d("20.10"), ["agenda", "release"]), (d("21.10"), ["release"])],
)
def test_what_was_due_before_go_live_opens_nothing(begins: date | None, open_steps: list[str]) -> None:
    assert sorted(asked(d("27.10"), fact(talk(), begins=begins))) == open_steps


def test_without_a_kam_papers_still_reach_who_attends() -> None:
    one = fact(talk(), kam=None)

    assert sent(d("6.11"), one) == [("briefing", 4), ("briefing", 9), ("briefing", 12)]
    assert decide([one], d("6.11"), POLICY).nudges == ()
    assert why_silent(d("6.11"), one, "agenda") == [("no_kam", None)]


def test_an_account_may_have_thresholds_of_its_own() -> None:
    one, own = fact(talk()), Policy(annual_meeting=AnnualMeeting(agenda=30))
    policy = POLICY.for_accounts({one.account: own})

    assert "agenda" in {nudge.step for nudge in decide([one], d("29.9"), policy).nudges}
    assert "agenda" not in asked(d("29.9"), one)


# --- properties ----------------------------------------------------------------------------------

days = st.dates(d("1.1"), d("28.2.2027"))
people = st.lists(st.sampled_from([KAM, BOSS, EXPERT]), unique=True, max_size=3).map(tuple)
rounds = st.builds(
    talk, day=days, state=st.sampled_from(["booked", "held", "cancelled"]), revision=st.integers(0, 2),
    fixed_on=st.none() | days, moved_from=st.none() | days, from_calendar=st.booleans(), people=people,
    entries=st.dictionaries(
        st.sampled_from([4, 9, 12]),
        st.builds(Entry, st.integers(1, 3), st.none() | st.integers(0, 2), st.booleans()),
    ),
    entry_revision=st.integers(0, 2), unreviewed=st.frozensets(st.sampled_from([9, 12])),
    minutes_on=st.none() | days,
    changed=st.dictionaries(st.sampled_from([9, 12]), st.sampled_from([(), ("time",)]), max_size=2),
)  # fmt: skip
absent = st.tuples(days, st.integers(0, 30)).map(lambda pair: (pair[0], pair[0] + pair[1] * DAY))
kams = st.none() | st.builds(
    lambda week, away: Asked(4, with_absences(Calendar(frozenset(week), half_days="work"), away)),
    st.sampled_from([(1, 2, 3, 4, 5), (1, 2, 3), (5,)]),
    st.lists(absent, max_size=2),
)
facts = st.builds(
    lambda found, **more: fact(*(replace(r, id=51 + n, number=n + 1) for n, r in enumerate(found)), **more),
    st.lists(rounds, max_size=3), kam=kams, kind=st.sampled_from(["strategic", "negotiation"]),
    month=st.none() | st.integers(1, 12), last_month=st.none() | st.integers(1, 12),
    account_class=st.sampled_from(["key", "major", "B", None]), board=st.booleans(),
    sponsor=st.sampled_from([None, BOSS]), needs=st.sampled_from([(), NEEDS]), agreed_on=st.none() | days,
    agenda_on=st.none() | days, released_on=st.none() | days, followed_up_on=st.none() | days,
    begins=st.none() | days, month_on=st.none() | days,
)  # fmt: skip


@given(one=facts, day=days)
def test_no_date_is_asked_for_before_it_begins(one: MeetingFacts, day: date) -> None:
    assert all(n.since <= min(day, n.due_on) for n in decide([one], day, POLICY).nudges)


@given(one=facts, day=days, later=st.integers(0, 90))
def test_a_delay_never_closes_a_nudge_before_it_lapses(one: MeetingFacts, day: date, later: int) -> None:
    then = day + later * DAY
    still = {n.identity: n for n in decide([one], then, POLICY).nudges}

    for nudge in decide([one], day, POLICY).nudges:
        if nudge.facts["lapses"] is None or then.isoformat() < nudge.facts["lapses"]:
            assert (still[nudge.identity].since, still[nudge.identity].due_on) == (nudge.since, nudge.due_on)
