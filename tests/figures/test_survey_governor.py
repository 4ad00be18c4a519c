"""Who may be asked on Tuesday 7 July 2026, as a table. Monday to Friday, no holidays."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.survey_dates import moment
from kamflow.figures.survey_facts import SurveyFacts
from kamflow.figures.survey_governor import Candidate, Refusal, Talks, refusal, warnings
from kamflow.periods import Period
from kamflow.policy import Policy
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy().survey_dispatch
TUESDAY = date(2026, 7, 7)
WAVE = 33
SUMMER = ((date(2026, 7, 20), date(2026, 9, 1)),)


def who(**more: Any) -> Candidate:
    return Candidate(**{"contact": 3, "calendar": WEEK, "consent": "given", "influence": 5} | more)


def may(day: date = TUESDAY, wave: int | None = WAVE, quiet: Quiet | None = None, **more: Any) -> Any:
    found = refusal(who(**more), day, wave, quiet or Quiet(), POLICY)
    return found and (found.reason, found.until)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # consent, or the relationship with the notice that one may object
        ({"consent": "given"}, None),
        ({"consent": "relationship", "notice": True}, None),
        ({"consent": "relationship"}, ("no_notice", None)),
        ({"consent": None}, ("no_consent", None)),
        ({"consent": "objected"}, ("objected", None)),
        ({"consent": "objected", "notice": True}, ("objected", None)),
        # half a year between two surveys by anybody: 180 days before 7 July is 8 January
        ({"last_asked": date(2026, 1, 7)}, None),
        ({"last_asked": date(2026, 1, 8)}, None),
        ({"last_asked": date(2026, 1, 9)}, ("asked_lately", date(2026, 7, 8))),
        ({"last_asked": date(2026, 7, 6)}, ("asked_lately", date(2027, 1, 2))),
        # a negotiation: twenty working days before the first round of 4 August is 7 July
        ({"talks": [Talks(date(2026, 8, 5), None)]}, None),
        ({"talks": [Talks(date(2026, 8, 4), None)]}, ("talks", None)),
        ({"talks": [Talks(date(2026, 5, 4), None)]}, ("talks", None)),
        ({"talks": [Talks(date(2026, 5, 4), date(2026, 7, 7))]}, ("talks", date(2026, 7, 8))),
        ({"talks": [Talks(date(2026, 5, 4), date(2026, 7, 6))]}, None),
        # two at once: only when both have ended
        (
            {"talks": [Talks(date(2026, 5, 4), TUESDAY), Talks(date(2026, 7, 1), date(2026, 7, 20))]},
            ("talks", date(2026, 7, 21)),
        ),
        ({"talks": [Talks(date(2026, 5, 4), TUESDAY), Talks(date(2026, 7, 1), None)]}, ("talks", None)),
        # what stops it whatever the date
        ({"complaint": True}, ("complaint", None)),
        ({"struck": True}, ("struck", None)),
        ({"gone": True}, ("gone", None)),
        ({"reachable": False}, ("no_address", None)),
        ({"closed": True}, ("account_closed", None)),
        ({"paused": True}, ("paused", None)),
        # two accounts, one contact: the wave that was put together first asks
        ({"other_wave": 32}, ("other_wave", None)),
        ({"other_wave": 34}, None),
        # the lasting reason is said, not the one that passes
        ({"complaint": True, "holidays": [(TUESDAY, TUESDAY)]}, ("complaint", None)),
        ({"consent": "objected", "last_asked": date(2026, 7, 6)}, ("objected", None)),
        # what is not known warns and does not stop
        ({"holidays": None}, None),
        ({"influence": None}, None),
    ],
)  # fmt: skip
def test_who_may_be_asked_on_a_tuesday(more: dict[str, Any], expected: Any) -> None:
    assert may(**more) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 6), ("weekday", None)),  # Monday
        (date(2026, 7, 7), None),
        (date(2026, 7, 8), None),
        (date(2026, 7, 9), None),
        (date(2026, 7, 10), ("weekday", None)),  # Friday
        (date(2026, 7, 11), ("not_working", None)),
        (date(2026, 7, 16), None),
        (date(2026, 7, 21), ("school_holidays", date(2026, 9, 2))),
        (date(2026, 9, 1), ("school_holidays", date(2026, 9, 2))),
        (date(2026, 9, 2), None),
        (date(2026, 12, 9), None),
        (date(2026, 12, 10), ("season", date(2027, 1, 11))),
        (date(2027, 1, 7), ("season", date(2027, 1, 11))),
        (date(2027, 1, 12), None),
        (date(2026, 12, 22), ("quiet", date(2027, 1, 7))),
        (date(2028, 2, 29), None),  # a Tuesday
    ],
)
def test_on_which_days_somebody_may_be_asked(day: date, expected: Any) -> None:
    assert may(day, holidays=SUMMER) == expected


def test_nobody_is_asked_while_the_customer_is_closed() -> None:
    closed = with_absences(WEEK, [(date(2026, 8, 3), date(2026, 8, 21))])

    assert may(date(2026, 8, 18), calendar=closed) == ("not_working", None)
    assert may(date(2026, 8, 25), calendar=closed) is None


def test_a_wave_that_is_not_put_together_yet_leaves_a_contact_to_another_one() -> None:
    assert may(wave=None, other_wave=34) == ("other_wave", None)


def test_what_is_not_known_is_said() -> None:
    assert warnings(who(holidays=None, influence=None)) == ("school_holidays_unknown", "influence_unknown")
    assert warnings(who()) == ()


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        # Tuesday in July: Berlin is two hours ahead of UTC, New York four behind, Tokyo nine ahead
        ("2026-07-07T03:15", "Europe/Berlin", "2026-07-07T07:00"),
        ("2026-07-07T07:00", "Europe/Berlin", "2026-07-07T07:00"),
        ("2026-07-07T08:59", "Europe/Berlin", "2026-07-07T08:59"),
        ("2026-07-07T09:00", "Europe/Berlin", "2026-07-08T07:00"),
        ("2026-07-09T09:00", "Europe/Berlin", "2026-07-14T07:00"),  # after Thursday comes Tuesday
        ("2026-07-07T03:15", "America/New_York", "2026-07-07T13:00"),
        ("2026-07-07T03:15", "Asia/Tokyo", "2026-07-08T00:00"),
        ("2026-07-16T10:00", "Europe/Berlin", "2026-09-02T07:00"),  # after the school holidays
        ("2026-03-26T10:00", "Europe/Berlin", "2026-03-31T07:00"),  # summer time began on 29 March
    ],
)
def test_a_mail_reaches_the_contact_between_nine_and_eleven_of_its_own_time(
    now: str, zone: str, expected: str
) -> None:
    fact = SurveyFacts(17, Period(date(2026, 1, 1), date(2026, 12, 31)), WEEK, Quiet())
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert moment(fact, who(holidays=SUMMER), zone, at, POLICY).isoformat()[:16] == expected


@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    last=st.none() | st.dates(date(2025, 1, 1), date(2028, 12, 31)),
)
def test_a_refusal_that_has_an_end_names_a_later_day(day: date, last: date | None) -> None:
    found = refusal(who(last_asked=last, holidays=SUMMER), day, WAVE, Quiet(), POLICY)

    assert found is None or isinstance(found, Refusal)
    assert found is None or found.until is None or found.until > day
