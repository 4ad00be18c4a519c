"""The thresholds of each rule (design, section 6): days, shares and amounts, with their defaults.

Days are working days (wd) unless a name says otherwise. Every default carries its source in the
comments of the kamflow.toml that `kamflow init` writes.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

MOST = 3660
# What a survey can ask beside the score; figures/survey_dimensions.py has the words.
DIMENSIONS = ("quality", "delivery", "service", "contact", "price", "advice", "paperwork", "innovation")
MOST_DIMENSIONS = 5


def _hour(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("expected a time of day, such as 08:30")
    return text


def _day_of_every_year(text: str) -> str:
    try:
        # 2001 has no 29 February: a day of every year.
        found = date.fromisoformat(f"2001-{text}").isoformat() == f"2001-{text}"
    except ValueError:
        found = False
    if not found:
        raise ValueError("expected month and day, such as 12-20")
    return text


Hour = Annotated[str, AfterValidator(_hour)]
MonthDay = Annotated[str, AfterValidator(_day_of_every_year)]


class Table(BaseModel):
    """One table of knobs: no unknown name, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _can_be_meant(cls, value: Any) -> Any:
        # Ten years of days: with more, dates leave the calendar.
        if isinstance(value, int) and not 0 <= value <= MOST:
            raise ValueError(f"expected a number from 0 to {MOST}")
        if isinstance(value, float | Decimal) and value < 0:
            raise ValueError("expected 0 or more")
        return value


class ContactShortfall(Table):
    """Contacts behind plan. Pace applies from `pace_from_soll`; the latest start to every Soll."""

    pace_from_soll: int = 4
    gap: float = Field(default=1.0, gt=0, description="contacts behind the expected number")
    lead_board: int = Field(default=60, description="wd before the last possible day, board on either side")
    lead_influential: int = Field(default=30, description="wd, from `influential`")
    lead: int = Field(default=20, description="wd, everybody else")
    influential: int = Field(default=8, ge=1, le=10)
    lead_share: float = Field(default=0.8, gt=0, le=1, description="lead is at most this share of wd / Soll")
    unconfirmed: int = Field(default=5, description="wd for which a past booking counts as held")
    closing_days: int = Field(default=15, description="last wd of a period in which nothing new is asked")
    due_after: int = Field(default=10, description="wd from since to due_on")
    min_between: int = Field(default=5, description="wd between two contacts; less cannot fit")
    propose_share: float = Field(default=0.8, gt=0, le=1, description="share of gap x influence to close")


class PlanCreation(Table):
    """Account plans: when they start, when they are handed in, who must tell whom."""

    starts_before: int = Field(default=184, description="calendar days before the fiscal year")
    budget_before: int = Field(default=62, description="calendar days before the fiscal year")
    before_meeting: int = Field(default=20, description="wd before the annual meeting")
    meeting_counts_after: int = Field(default=60, description="wd between start and a meeting that counts")
    stagger: int = Field(default=5, description="wd between two hand-ins of one person")
    approval: int = Field(default=10, description="wd for the approver")
    revise: int = Field(default=10, description="wd for the author of a returned plan")
    after_go_live: int = Field(default=20, description="wd between going live and the first hand-in")
    head_after: int = Field(default=10, description="wd overdue before the head is told")
    key_classes: tuple[str, ...] = ("key",)
    short_classes: tuple[str, ...] = ("major", "target")
    key_sections: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    short_sections: tuple[int, ...] = (1, 3, 5, 8, 9)
    calendar: bool = Field(default=True, description="the hand-in as an entry in the author's calendar")
    stale_after: int = Field(default=120, description="calendar days until a category is stale")


class QuarterlyControlling(Table):
    """Figures of a quarter: when they are looked at, and when a figure is green, amber or red."""

    classes: tuple[str, ...] = Field(default=("key", "major", "target"), description="accounts controlled")
    opens_after: int = Field(default=10, description="wd after the quarter, if not complete before")
    opens_after_year: int = Field(default=20, description="wd after the last quarter of a fiscal year")
    comment: int = Field(default=10, description="wd for comment, plan refresh and measure")
    comment_in_season: int = Field(default=15, description="wd, in the months of the annual meetings")
    season_from: int = Field(default=9, ge=1, le=12, description="month")
    season_until: int = Field(default=12, ge=1, le=12, description="month")
    report_after: int = Field(default=15, description="wd from opening to the report to the head")
    no_data_after: int = Field(default=5, description="wd for the owner of the source")
    green_from: int = Field(default=95, description="% of goal")
    red_below: int = Field(default=70, description="% of goal")
    red_twice_below: int = Field(default=85, description="% of goal, in this and the previous quarter")
    min_difference: Decimal = Field(default=Decimal(50_000), description="in money; below: no light")
    share_watch: int = Field(default=10, description="% of company revenue; above it is watched")
    share_dangerous: int = Field(default=50, description="% of company revenue; above it is dangerous")
    volume_growth: int = Field(default=20, description="% in 12 months: a better package?")
    class_review_quarter: int = Field(default=3, description="quarter of the fiscal year")
    groups_named: int = Field(default=5, description="product groups not bought that are named")
    head_after: int = Field(default=10, description="wd overdue before the head is told")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.red_below <= self.red_twice_below <= self.green_from:
            raise ValueError("expected red_below <= red_twice_below <= green_from")
        if not self.share_watch <= self.share_dangerous:
            raise ValueError("expected share_watch <= share_dangerous")
        return self


class MeasureFollowup(Table):
    """Open measures of account plans."""

    ahead: int = Field(default=5, description="wd before the date on which it is first told")
    head_after: int = Field(default=10, description="wd overdue before the head is told")


class DepartmentRequests(Table):
    """What KAMs need from departments. Lead times come from the rules of collaboration."""

    lead_time: int = Field(default=10, description="wd before the customer date where nothing is agreed")
    short_notice: int = Field(default=3, description="wd for what is asked later than agreed")
    read: int = Field(default=5, description="wd for the KAM to read a refusal")
    conflict: int = Field(default=5, description="wd for the head to decide a conflict of goals")
    lead_before: int = Field(default=2, description="wd before the due date on which the lead is told")
    head_after: int = Field(default=1, description="wd overdue before the head is told")


class AnnualMeeting(Table):
    """The annual meeting M: when it is arranged, prepared and followed up."""

    classes: tuple[str, ...] = Field(default=("key", "major", "target"), description="asked for their month")
    sponsor_classes: tuple[str, ...] = Field(default=("key",), description="the sponsor is always briefed")
    ask_month: int = Field(default=6, ge=1, le=12, description="month in which a missing month is asked for")
    ask_days: int = Field(default=10, description="wd to answer that")
    arrange: int = Field(default=90, description="calendar days before M")
    arrange_board: int = Field(default=120, description="calendar days before M with a board member")
    arrange_days: int = Field(default=10, description="wd to arrange it")
    request_notice: int = Field(default=10, description="wd between asking a department and its lead time")
    request_short: int = Field(default=3, description="wd before M after which nobody is asked any more")
    agenda: int = Field(default=20, description="wd before M")
    agenda_days: int = Field(default=5, description="wd to write it")
    draft: int = Field(default=10, description="wd before M: draft briefing to the KAM")
    review: int = Field(default=5, description="wd the KAM has at least to release it")
    briefing: int = Field(default=3, ge=1, description="wd before M: briefing to those who attend")
    minutes: int = Field(default=5, description="wd after each round")
    follow_up: int = Field(default=15, description="wd after the agreement")
    head_after: int = Field(default=2, description="wd overdue before the head is told")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.briefing < self.draft < self.agenda:
            raise ValueError("expected briefing < draft < agenda")
        if self.arrange > self.arrange_board:
            raise ValueError("expected arrange <= arrange_board")
        return self


class Wording(Table):
    """What a survey calls a dimension, to customers."""

    de: str = Field(min_length=2, max_length=60)
    en: str = Field(min_length=2, max_length=60)


class SurveyDispatch(Table):
    """Satisfaction surveys: who is asked when, and how fast an answer is answered."""

    classes: tuple[str, ...] = Field(default=("key", "major", "target"), description="accounts surveyed")
    earliest: int = Field(default=90, description="wd before the annual meeting")
    latest: int = Field(default=40, description="wd before the annual meeting")
    weekdays: tuple[int, ...] = Field(default=(2, 3, 4), description="ISO: Tuesday to Thursday")
    send_from: Hour = Field(default="09:00", description="local time of the contact")
    send_until: Hour = "11:00"
    season_from: MonthDay = Field(default="12-10", description="nobody is asked from here")
    season_until: MonthDay = Field(default="01-10", description="to here")
    people: int = Field(default=5, ge=1, description="people in one wave")
    list_before: int = Field(default=3, ge=1, description="wd before sending: the KAM sees the list")
    prepare: int = Field(default=2, ge=1, description="wd before that: the wave is put together")
    again_after: int = Field(default=180, description="calendar days between two surveys of one contact")
    before_talks: int = Field(default=20, description="wd before the first round of a negotiation")
    remind_after: int = Field(default=5, description="wd")
    closes_after: int = Field(default=15, description="wd")
    call_from: int = Field(default=8, ge=1, le=10, description="influence: a call, not a second mail")
    call_days: int = Field(default=5, description="wd to call")
    detractor: int = Field(default=1, description="wd to answer 0 to 6")
    passive: int = Field(default=5, description="wd to answer 7 and 8")
    promoter: int = Field(default=5, description="wd to thank for 9 and 10")
    nps_from: int = Field(default=3, ge=1, description="answers below which no NPS is shown")
    head_after: int = Field(default=2, description="wd overdue before the head is told of a detractor")
    dimensions: tuple[str, ...] = Field(
        default=("quality", "delivery", "service"), description="asked beside the score, five at most"
    )
    wording: dict[str, Wording] = Field(
        default={}, description="dimensions of one's own, in customers' words"
    )

    @model_validator(mode="after")
    def _asked(self) -> Self:
        for name in self.wording:
            if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", name):
                raise ValueError(f"wording.{name}: expected a short name such as spare_parts")
        known = (*DIMENSIONS, *self.wording)
        for name in self.dimensions:
            if name not in known:
                raise ValueError(f"dimension {name!r}: expected one of {', '.join(known)}; or word it")
        if len(set(self.dimensions)) != len(self.dimensions) or len(self.dimensions) > MOST_DIMENSIONS:
            raise ValueError(f"expected at most {MOST_DIMENSIONS} dimensions, each once")
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.latest <= self.earliest:
            raise ValueError("expected latest <= earliest")
        if not self.remind_after < self.closes_after:
            raise ValueError("expected remind_after < closes_after")
        if not self.send_from < self.send_until:
            raise ValueError("expected send_from < send_until")
        if not self.weekdays or not set(self.weekdays) <= {1, 2, 3, 4, 5, 6, 7}:
            raise ValueError("expected weekdays from 1 (Monday) to 7 (Sunday)")
        return self
