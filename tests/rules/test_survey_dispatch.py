"""Worked examples for surveys. Monday to Friday, no holidays, unless a test says otherwise.

M is Tuesday 10 November 2026: 90 working days before it are 18 weeks (Tuesday 7 July), 40 are 8 weeks
(Tuesday 15 September). The list is shown on Thursday 2 July, the wave put together on Tuesday 30 June.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.deadline import Asked
from kamflow.figures.survey_facts import Invitation, SurveyFacts, Wave
from kamflow.figures.survey_governor import Candidate, Talks
from kamflow.nudge import Effect, Nudge
from kamflow.periods import Period, fiscal_year
from kamflow.policy import Policy
from kamflow.rules.survey_dispatch import decide, silent
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy()
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
M = date(2026, 11, 10)
DAY = timedelta(days=1)


def d(text: str) -> date:
    """Day.month of 2026, or with a year."""
    day, month, year = (*text.split("."), "2026")[:3]
    return date(int(year), int(month), int(day))


def who(contact: int = 3, influence: int | None = 5, **more: Any) -> Candidate:
    return Candidate(
        **{"contact": contact, "influence": influence, "calendar": WEEK, "consent": "given"} | more
    )


def fact(*candidates: Candidate, **more: Any) -> SurveyFacts:
    base = SurveyFacts(
        account=17, year=YEAR, calendar=WEEK, quiet=Quiet(), account_class="key", kam=Asked(4, WEEK),
        meeting=M, candidates=candidates,
    )  # fmt: skip
    return replace(base, **more)


def waved(*invitations: Invitation, send_on: date = date(2026, 7, 7), **more: Any) -> SurveyFacts:
    known = {name: more.pop(name) for name in ("listed_on", "stopped") if name in more}
    return fact(wave=Wave(33, send_on, invitations, **known), **more)


def effects(day: date, *facts: SurveyFacts) -> list[Effect]:
    return list(decide(facts, day, POLICY).effects)


def mails(day: date, *facts: SurveyFacts) -> list[tuple[str, int]]:
    return [(e.name, e.facts["contact"]) for e in effects(day, *facts) if e.name != "create_wave"]


def nudges(day: date, *facts: SurveyFacts) -> list[Nudge]:
    return list(decide(facts, day, POLICY).nudges)


def why_silent(day: date, one: SurveyFacts, step: str) -> list[tuple[str, date | None]]:
    return [(s.reason, s.until) for s in silent([one], day, POLICY) if s.figures["step"] == step]


# --- the wave ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meeting", "put_together", "list_on", "send_on"),
    [
        (M, d("30.6"), d("2.7"), d("7.7")),
        # M on a Friday: 90 days before it is Friday 10 July, so the Tuesday after is taken
        (d("13.11"), d("7.7"), d("9.7"), d("14.7")),
        # 29 February 2028 is a Tuesday: 18 weeks before it is 26 October 2027
        (date(2028, 2, 29), d("19.10.2027"), d("21.10.2027"), d("26.10.2027")),
        # 18 weeks before 20 April 2027 is 15 December, in the season, which ends on 10 January
        (d("20.4.2027"), d("5.1.2027"), d("7.1.2027"), d("12.1.2027")),
    ],
)
def test_a_wave_is_sent_ninety_working_days_before_the_meeting(
    meeting: date, put_together: date, list_on: date, send_on: date
) -> None:
    one = fact(who(), meeting=meeting)

    assert why_silent(put_together - DAY, one, "wave") == [("not_due", put_together)]
    [effect] = effects(put_together, one)
    assert effect.key == "create_wave:account.17:2026-01-01..2026-12-31:wave"
    assert (effect.facts["list_on"], effect.facts["send_on"]) == (list_on.isoformat(), send_on.isoformat())


def test_a_part_time_kam_on_holiday_sees_the_list_before_it() -> None:
    # At work Monday to Wednesday, away from 22 June to 5 July; three days at work before 7 July are 6 July,
    # 17 and 16 June; two more are 15 and 10 June.
    part_time = with_absences(Calendar(frozenset({1, 2, 3}), half_days="work"), [(d("22.6"), d("5.7"))])
    one = fact(who(), kam=Asked(4, part_time))

    assert why_silent(d("9.6"), one, "wave") == [("not_due", d("10.6"))]
    assert effects(d("10.6"), one)[0].facts["list_on"] == "2026-06-16"


def test_a_customer_closed_for_three_weeks_in_august_is_asked_earlier() -> None:
    # The three weeks are no working days: 90 days before M are 21 weeks, 16 June.
    closed = with_absences(WEEK, [(d("3.8"), d("21.8"))])

    assert why_silent(d("1.6"), fact(who(), calendar=closed), "wave") == [("not_due", d("9.6"))]


def test_a_fiscal_year_from_october_has_one_wave_too() -> None:
    year = fiscal_year(d("10.11"), 10)
    [effect] = effects(d("30.6"), fact(who(), year=year))

    assert effect.key == "create_wave:account.17:2026-10-01..2027-09-30:wave"


@pytest.mark.parametrize(
    ("today", "send_on"),
    [
        ("1.7", "7.7"),  # the list comes on 2 July still
        ("2.7", "8.7"),  # the list of 8 July on 3 July
        ("7.7", "14.7"),  # three days before it is 9 July
        ("8.9", "15.9"),  # the last day of the window
        ("10.9", None),
        ("16.9", None),
    ],
)
def test_a_meeting_that_became_known_late_has_its_wave_as_soon_as_possible(
    today: str, send_on: str | None
) -> None:
    found = [e.facts["send_on"] for e in effects(d(today), fact(who()))]

    assert found == ([d(send_on).isoformat()] if send_on else [])
    assert send_on or why_silent(d(today), fact(who()), "wave") == [("window_passed", None)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"meeting": None}, "no_meeting"),
        ({"account_class": "B"}, "no_survey_for_class"),
        ({"account_class": None}, "no_survey_for_class"),
        ({"begins": d("16.9")}, "before_go_live"),
        ({"calendar": with_absences(WEEK, [(d("1.5"), d("30.10"))])}, "not_due"),
        ({"candidates": ()}, "nobody_may_be_asked"),
        ({"candidates": (who(consent="objected"),)}, "nobody_may_be_asked"),
    ],
)
def test_an_account_without_a_wave_says_why(more: dict[str, Any], reason: str) -> None:
    one = fact(**{"candidates": (who(),)} | more)
    day = d("1.1") if reason == "not_due" else d("1.7")

    assert effects(day, one) == []
    assert reason in [found for found, _ in why_silent(day, one, "wave")]


def test_the_five_most_influential_are_asked() -> None:
    people = [who(n, influence) for n, influence in enumerate((4, 8, None, 9, 6, 5, 8, 1))]
    [effect] = effects(d("30.6"), fact(*people))

    # unknown weighs 5, and is listed as unknown
    assert [(each["contact"], each["influence"]) for each in effect.facts["contacts"]] == [
        (3, 9), (1, 8), (6, 8), (4, 6), (2, None),
    ]  # fmt: skip
    assert [(each["contact"], each["reason"]) for each in effect.facts["refused"]] == [
        (5, "wave_full"), (0, "wave_full"), (7, "wave_full"),
    ]  # fmt: skip
    assert effect.facts["contacts"][4]["warnings"] == ["influence_unknown"]


def test_everybody_has_the_first_day_on_which_they_may_be_asked() -> None:
    people = (
        who(1, 9),
        who(2, 8, holidays=[(d("29.6"), d("11.8"))]),  # 12 August is a Wednesday
        who(3, 7, last_asked=d("20.1")),  # 180 days later is Sunday 19 July
        who(4, 6, holidays=[(d("29.6"), d("15.9"))]),
        who(5, 5, talks=[Talks(d("20.4"), d("22.7"))]),  # agreed on 22 July
    )
    [effect] = effects(d("30.6"), fact(*people))

    assert [(each["contact"], each["day"]) for each in effect.facts["contacts"]] == [
        (1, "2026-07-07"), (2, "2026-08-12"), (3, "2026-07-21"), (5, "2026-07-23"),
    ]  # fmt: skip
    assert [(each["contact"], each["reason"]) for each in effect.facts["refused"]] == [(4, "school_holidays")]


# --- the list ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "open_list", "invited"),
    [
        ("1.7", False, []),
        ("2.7", True, []),
        ("6.7", True, []),
        ("7.7", False, [3]),
        ("10.7", False, []),  # a Friday: nobody is asked, whatever was missed
        ("14.7", False, [3]),  # the next Tuesday
        ("15.9", False, [3]),
        ("16.9", False, []),
    ],
)
def test_the_kam_sees_the_list_three_days_before(day: str, open_list: bool, invited: list[int]) -> None:
    one = waved(Invitation(who()))

    assert [n.step for n in nudges(d(day), one)] == (["list"] if open_list else [])
    assert [contact for _, contact in mails(d(day), one)] == invited


def test_the_list_names_who_is_asked_when_and_who_is_not_and_why() -> None:
    one = waved(
        Invitation(who(3, 5)), Invitation(who(4, 8, holidays=None)), Invitation(who(5, 9, struck=True))
    )
    [nudge] = nudges(d("2.7"), one)

    assert (nudge.identity, nudge.since, nudge.due_on) == (
        "survey_dispatch:account.17:33:list", d("2.7"), d("6.7"),
    )  # fmt: skip
    assert [(each["contact"], each["warnings"]) for each in nudge.facts["contacts"]] == [
        (4, ["school_holidays_unknown"]), (3, []),
    ]  # fmt: skip
    assert nudge.facts["refused"] == [{"contact": 5, "reason": "struck", "until": None}]
    assert mails(d("7.7"), one) == [("invite", 3), ("invite", 4)]


def test_a_list_that_was_looked_through_is_not_asked_for_again() -> None:
    assert nudges(d("3.7"), waved(Invitation(who()), listed_on=d("2.7"))) == []


def test_an_invitation_has_a_key_of_the_wave_and_the_contact_and_the_hours_of_the_day() -> None:
    [effect] = effects(d("7.7"), waved(Invitation(who())))

    assert effect.key == "invite:account.17+contact.3:33:invitation"
    assert (effect.facts["from"], effect.facts["until"], effect.facts["weekdays"]) == (
        "09:00",
        "11:00",
        [2, 3, 4],
    )


@pytest.mark.parametrize(
    ("meeting", "send_on", "reason"),
    [
        (M, d("7.7"), None),
        (d("20.10"), d("7.7"), None),  # three weeks nearer: 7 July is inside of its 90 to 40 days
        (d("1.9"), d("8.7"), "window_passed"),  # ten weeks nearer: 40 days before it is 7 July
        (d("1.12"), d("28.7"), None),  # three weeks away: 90 days before it is 28 July
        (None, d("7.7"), "no_meeting"),  # cancelled
    ],
)
def test_a_meeting_that_moves_moves_the_wave_that_was_not_sent(
    meeting: date | None, send_on: date, reason: str | None
) -> None:
    one = waved(Invitation(who()), meeting=meeting)

    assert mails(send_on, one) == ([] if reason else [("invite", 3)])
    assert mails(send_on - DAY, one) == ([("invite", 3)] if meeting == d("1.9") else [])
    assert why_silent(send_on, one, "invite") == ([(reason, None)] if reason else [])


def test_nobody_is_invited_before_the_days_of_a_meeting_that_moved_away() -> None:
    one = waved(Invitation(who()), meeting=d("1.12"))

    assert why_silent(d("14.7"), one, "invite") == [("not_due", d("28.7"))]


def test_a_meeting_cancelled_on_the_day_stops_the_list_but_not_an_answer() -> None:
    unhappy = Invitation(who(4), invited_on=d("7.7"), answered_on=M, score=2)

    assert [n.step for n in nudges(M, waved(unhappy, Invitation(who()), meeting=None))] == ["answer"]
    assert mails(d("7.7"), waved(Invitation(who()), meeting=None)) == []


def test_contacts_are_left_alone_during_a_negotiation_of_three_rounds() -> None:
    # Rounds on 4 and 25 August and 15 September, agreed on 16 September: from 7 July on nobody is asked.
    one = waved(Invitation(who(talks=[Talks(d("4.8"), None)])))
    assert why_silent(d("7.7"), one, "invite") == [("talks", None)]

    agreed = waved(Invitation(who(talks=[Talks(d("4.8"), d("1.9"))])))
    assert why_silent(d("7.7"), agreed, "invite") == [("not_due", d("2.9"))]
    assert mails(d("2.9"), agreed) == [("invite", 3)]


def test_a_wave_that_was_called_off_asks_nobody() -> None:
    one = waved(Invitation(who()), stopped=True)

    assert decide([one], d("7.7"), POLICY).effects == ()
    assert why_silent(d("2.7"), one, "list") == [("stopped", None)]


def test_two_accounts_ask_one_contact_once() -> None:
    earlier = waved(Invitation(who(other_wave=40)))
    later = replace(earlier, account=18, wave=Wave(40, d("7.7"), (Invitation(who(other_wave=33)),)))

    assert [(e.account, e.facts["wave"]) for e in effects(d("7.7"), earlier, later)] == [(17, 33)]


def test_of_two_with_one_address_the_one_who_was_asked_or_has_more_influence_is_asked() -> None:
    pair = (Invitation(who(3, 5, address=3)), Invitation(who(4, 8, address=3)))
    gone = Invitation(who(4, 8, address=3, gone=True))
    asked = Invitation(who(3, 5, address=3), invited_on=d("7.7"))

    assert mails(d("7.7"), waved(*pair)) == [("invite", 4)]
    assert why_silent(d("7.7"), waved(*pair), "invite") == [("same_address", None)]
    assert mails(d("7.7"), waved(pair[0], gone)) == [("invite", 3)]
    assert mails(d("8.7"), waved(asked, pair[1])) == []
    [effect] = effects(d("30.6"), fact(*(each.who for each in pair)))
    assert [each["contact"] for each in effect.facts["contacts"]] == [4]


def test_an_invitation_that_was_called_back_is_due_again_once_a_day() -> None:
    one = waved(Invitation(who(), again=True))
    keys = [effects(d(day), one)[0].key for day in ("7.7", "8.7", "9.7")]

    assert keys == [f"invite:account.17+contact.3:33:invitation:{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize("reason", ["mail_failed", "mail_cancelled", "redirected"])
def test_an_invitation_that_never_left_says_why_it_is_not_repeated(reason: str) -> None:
    one = waved(Invitation(who(), unsent=reason))

    assert mails(d("7.7"), one) == []
    assert why_silent(d("7.7"), one, "invite") == [(reason, None)]
    assert why_silent(d("16.9"), one, "invite") == [(reason, None)]


# --- reminders, calls ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("influence", "day", "mailed", "called"),
    [
        (7, "13.7", [], False),
        (7, "14.7", [("remind", 3)], False),  # 5 days after 7 July
        (7, "17.7", [], False),  # a Friday
        (7, "21.7", [("remind", 3)], False),  # the same effect: it is done once
        (7, "28.7", [], False),  # 15 days: closed
        (None, "14.7", [("remind", 3)], False),
        (8, "13.7", [], False),
        (8, "14.7", [], True),
        (8, "28.7", [], True),
        (8, "29.7", [], False),
    ],
)
def test_who_stays_silent_is_reminded_once_or_called_by_the_kam(
    influence: int | None, day: str, mailed: list[tuple[str, int]], called: bool
) -> None:
    one = waved(Invitation(who(3, influence), invited_on=d("7.7")))

    assert mails(d(day), one) == mailed
    assert [n.step for n in nudges(d(day), one)] == (["call"] if called else [])


def test_a_call_is_due_a_week_later_and_ends_with_an_answer() -> None:
    silent_one = Invitation(who(3, 9), invited_on=d("7.7"))
    [call] = nudges(d("14.7"), waved(silent_one))

    assert (call.since, call.due_on, call.facts["closes_on"]) == (d("14.7"), d("21.7"), "2026-07-28")
    assert nudges(d("15.7"), waved(replace(silent_one, called_on=d("15.7")))) == []
    answered = waved(replace(silent_one, answered_on=d("15.7"), score=9))
    assert [n.step for n in nudges(d("15.7"), answered)] == ["answer"]


def test_during_a_negotiation_no_mail_goes_out_but_the_kam_may_call() -> None:
    one = waved(Invitation(who(3, 9, talks=[Talks(d("4.8"), None)]), invited_on=d("7.7")))

    assert [n.step for n in nudges(d("14.7"), one)] == ["call"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"consent": "objected"}, "objected"),
        ({"complaint": True}, "complaint"),
        ({"gone": True}, "gone"),
        ({"talks": [Talks(d("4.8"), None)]}, "talks"),
        ({"holidays": [(d("13.7"), d("30.8"))]}, "no_day_in_window"),
    ],
)
def test_nobody_is_reminded_where_something_came_between(more: dict[str, Any], reason: str) -> None:
    one = waved(Invitation(who(**more), invited_on=d("7.7")))

    assert mails(d("14.7"), one) == []
    assert [found for found, _ in why_silent(d("14.7"), one, "remind")] == [reason]


def test_a_reminder_counts_days_on_which_the_customer_works() -> None:
    # Invited on Wednesday 29 July; closed from 3 to 21 August: 30, 31 July, 24, 25, 26 August.
    closed = with_absences(WEEK, [(d("3.8"), d("21.8"))])
    one = waved(Invitation(who(calendar=closed), invited_on=d("29.7")), calendar=closed)

    assert why_silent(d("30.7"), one, "remind") == [("not_due", d("26.8"))]


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "kind", "due_on", "urgency"),
    [
        # answered on Thursday 9 July
        (0, "detractor", d("10.7"), "now"),
        (6, "detractor", d("10.7"), "now"),
        (7, "passive", d("16.7"), "daily"),
        (8, "passive", d("16.7"), "daily"),
        (9, "promoter", d("16.7"), "daily"),
        (10, "promoter", d("16.7"), "daily"),
    ],
)
def test_an_answer_is_answered(score: int, kind: str, due_on: date, urgency: str) -> None:
    one = waved(Invitation(who(), invited_on=d("7.7"), answered_on=d("9.7"), score=score))
    [nudge] = nudges(d("9.7"), one)

    assert (nudge.identity, nudge.owner) == ("survey_dispatch:account.17+contact.3:33:answer", 4)
    assert (nudge.stage, nudge.since, nudge.due_on, nudge.urgency) == (kind, d("9.7"), due_on, urgency)
    assert mails(d("14.7"), one) == []


def test_an_unhappy_customer_is_no_part_of_a_group() -> None:
    unhappy = Invitation(who(1), invited_on=d("7.7"), answered_on=d("9.7"), score=3)
    happy = Invitation(who(2), invited_on=d("7.7"), answered_on=d("9.7"), score=9)
    first, second = nudges(d("9.7"), waved(unhappy, happy))

    assert (first.group, second.group) == ("", "survey_dispatch:person.4")
    assert (first.why["next"], first.why["next_after"], second.why["next"]) == ("head", 2, "nobody")


def test_a_reply_to_an_earlier_answer_does_not_count_for_a_changed_one() -> None:
    given = Invitation(who(), invited_on=d("7.7"), answered_on=d("9.7"), score=8, replied_on=d("10.7"))

    assert nudges(d("10.7"), waved(given)) == []
    [nudge] = nudges(d("13.7"), waved(replace(given, answered_on=d("13.7"), score=4)))
    assert (nudge.stage, nudge.since) == ("detractor", d("13.7"))


def test_an_answer_without_a_score_is_no_zero() -> None:
    one = waved(Invitation(who(), invited_on=d("7.7"), answered_on=d("9.7"), score=None))

    assert nudges(d("9.7"), one) == []
    assert why_silent(d("9.7"), one, "answer") == [("no_score", None)]


def test_a_kam_on_holiday_answers_an_unhappy_customer_on_the_first_day_back() -> None:
    away = Asked(4, with_absences(WEEK, [(d("9.7"), d("24.7"))]))
    one = waved(Invitation(who(), invited_on=d("7.7"), answered_on=d("9.7"), score=3), kam=away)

    assert nudges(d("9.7"), one)[0].due_on == d("27.7")


def test_a_wave_that_is_called_off_reminds_nobody_and_asks_for_no_call() -> None:
    one = waved(Invitation(who(3, 9), d("7.7")), Invitation(who(4), d("7.7")), stopped=True)

    assert (effects(d("14.7"), one), nudges(d("14.7"), one)) == ([], [])
    assert why_silent(d("14.7"), one, "call") == [("stopped", None)] * 2


def test_a_wave_may_go_out_on_29_february() -> None:
    # M is Tuesday 4 July 2028, eighteen weeks after Tuesday 29 February. The list is shown on Thursday 24
    # February, the wave put together on Tuesday 22 February.
    one = fact(who(), meeting=d("4.7.2028"), year=Period(d("1.1.2028"), d("31.12.2028")))

    assert why_silent(d("21.2.2028"), one, "wave") == [("not_due", d("22.2.2028"))]
    [effect] = effects(d("22.2.2028"), one)
    assert (effect.facts["send_on"], effect.facts["list_on"]) == ("2028-02-29", "2028-02-24")


# --- properties ----------------------------------------------------------------------------------

days = st.dates(d("1.5"), d("31.12"))
people = st.builds(
    who, influence=st.none() | st.integers(1, 10),
    consent=st.sampled_from(["given", "given", "relationship", "objected", None]), notice=st.booleans(),
    complaint=st.booleans(), gone=st.booleans(), struck=st.booleans(), last_asked=st.none() | days,
    holidays=st.sampled_from([None, (), ((d("20.7"), d("1.9")),)]),
    other_wave=st.sampled_from([None, 20, 40]),
    talks=st.lists(st.builds(Talks, days, st.none() | days), max_size=2).map(tuple),
)  # fmt: skip
invitations = st.builds(
    Invitation, people, invited_on=st.none() | days, answered_on=st.none() | days,
    score=st.none() | st.integers(0, 10), replied_on=st.none() | days, called_on=st.none() | days,
)  # fmt: skip


def numbered(found: list[Any], send_on: date, **more: Any) -> SurveyFacts:
    asked = tuple(replace(each, who=replace(each.who, contact=n)) for n, each in enumerate(found))
    return waved(*asked, send_on=send_on, **more)


known = {
    "meeting": st.none() | days, "kam": st.sampled_from([None, Asked(4, WEEK)]), "begins": st.none() | days,
    "account_class": st.sampled_from(["key", "B"]),
}  # fmt: skip
sent_waves = st.builds(numbered, st.lists(invitations, max_size=4), days, listed_on=st.none() | days, **known)
candidates = st.lists(people, max_size=7).map(
    lambda found: [replace(p, contact=n) for n, p in enumerate(found)]
)
unsent = st.builds(lambda found, **more: fact(*found, **more), candidates, **known)


@given(one=sent_waves | unsent, day=days)
def test_mails_go_out_on_permitted_days_only(one: SurveyFacts, day: date) -> None:
    asked = [e for e in effects(day, one) if e.name in ("invite", "remind")]

    assert not asked or day.isoweekday() in (2, 3, 4)
    assert not asked or not date(day.year, 12, 10) <= day
    assert len([e for e in effects(day, one) if e.name == "create_wave"]) <= 1


@given(one=sent_waves, day=days, later=st.integers(0, 60))
def test_a_delay_never_closes_a_nudge_before_it_lapses(one: SurveyFacts, day: date, later: int) -> None:
    then = day + later * DAY
    still = {n.identity: n.fingerprint for n in nudges(then, one)}

    for nudge in nudges(day, one):
        if nudge.facts["lapses"] is None or then.isoformat() < nudge.facts["lapses"]:
            assert still[nudge.identity] == nudge.fingerprint
