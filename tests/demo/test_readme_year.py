"""The dates in the README's year are those of the rules."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kamflow.figures import meeting_dates, plan_dates, quarter_dates, summer_holidays, survey_dates
from kamflow.figures.deadline import Asked, days_before
from kamflow.figures.meeting_facts import MeetingFacts, Need, Round
from kamflow.figures.survey_facts import SurveyFacts
from kamflow.figures.survey_governor import Candidate
from kamflow.periods import Period
from kamflow.policy import Policy
from kamflow.workdays import Quiet, calendar

README = Path(__file__).parents[2] / "README.md"
POLICY, NRW, QUIET = Policy(), calendar("DE", "NW"), Quiet("12-20", "01-06")
THIS, NEXT = (Period(date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2027))
MEETING = date(2026, 11, 24)
KAM, SPONSOR = Asked(1, NRW), Asked(2, NRW)


def quarter(first: date, last: date) -> list[date]:
    """Opened, commented, reported."""
    rule, period = POLICY.quarterly_controlling, Period(first, last)
    opened = quarter_dates.opens_on(period, THIS, None, NRW, rule)
    in_season = rule.season_from <= opened.month <= rule.season_until
    days = rule.comment_in_season if in_season else rule.comment
    return [opened, NRW.add(opened, days), NRW.add(opened, rule.report_after)]


def plan() -> list[date]:
    rule = POLICY.plan_creation
    return [plan_dates.start(NEXT, rule), plan_dates.limit(NEXT, MEETING, NRW, rule)[1]]


def survey() -> list[date]:
    """The list is shown, the mails go out."""
    rule = POLICY.survey_dispatch
    fact = SurveyFacts(account=1, year=THIS, calendar=NRW, quiet=QUIET, kam=KAM, meeting=MEETING)
    holidays = summer_holidays.spans("DE", "NW", (THIS.first.year,))
    who = Candidate(1, NRW, consent="given", holidays=holidays)
    window = survey_dates.window(fact, MEETING, rule)
    sent = survey_dates.invite_on(fact, who, window, None, rule)
    assert isinstance(sent, date)
    return [survey_dates.list_on(fact, sent, rule), sent]


def meeting() -> list[date]:
    rule = POLICY.annual_meeting
    fact = MeetingFacts(
        account=1, year=THIS, calendar=NRW, quiet=QUIET, kam=KAM, account_class="key", month=11, board=True,
        sponsor=SPONSOR, needs=(Need(1, "delivery", 10, NRW),),
    )  # fmt: skip
    planned = meeting_dates.planned(fact)
    assert planned is not None
    found = meeting_dates.dates(fact, Round(1, MEETING, people=(KAM,)), MEETING, rule)
    before = [meeting_dates.arrange_on(fact, planned.day, rule), found.agenda, found.draft, found.goes_out]
    after = [meeting_dates.due_after(fact, MEETING, days) for days in (rule.minutes, rule.follow_up)]
    return [*before, found.requests[0].on, *after, days_before(MEETING, rule.agenda, NRW, QUIET)]


def quarters() -> list[date]:
    second = quarter(date(2026, 4, 1), date(2026, 6, 30))
    third = quarter(date(2026, 7, 1), date(2026, 9, 30))[:2]
    return [*second, *third, quarter(date(2026, 10, 1), date(2026, 12, 31))[0]]


@pytest.mark.parametrize("dates", [plan, survey, meeting, quarters])
def test_the_readme_gives_the_dates_of_the_rules(dates: Callable[[], list[date]]) -> None:
    table = README.read_text(encoding="utf-8").partition("## One year")[2].partition("\n## ")[0]

    assert not [day for day in dates() if f"{day.day} {day:%B}" not in table]
