"""How long the rows of each table are kept: by a setting of [retention], or on, with the reason.

A table that stands in neither is a mistake: a test names it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kamflow.upkeep import Retention

EIGHT_WEEKS = 56  # days: how far back the works council lets a person's nudges be seen, and so be kept

# Table -> the setting of [retention] that says when its rows go. Rows that something still rests on stay.
KEPT_FOR: dict[str, str] = {
    "sign_in": "sign_in",
    "web_session": "sign_in",
    "received_mail": "received",
    "received_event": "received",
    "message": "event",
    "message_facts": "message",
    "message_step": "event",
    "telling": "nudge",
    "nudge": "nudge",
    "document": "document",
    "event": "event",
    "broken_glass": "event",
    "absence": "event",
    "run": "run",
    "relay_batch": "run",
    "relayed_event": "run",
    "incident": "run",
    "supervisor": "run",
}

# Why the rows of a table stay -> which tables. The words: templates/privacy/catalogue.toml [stays].
_STAY = {
    "served": (
        "account account_plan annual_meeting briefing_note business_case competitor complaint folder_page "
        "gap goal measure meeting_attendee meeting_round negotiation open_question pause plan_milestone "
        "plan_section position position_criterion project quarter_comment request service_given"
    ),
    "person": "person person_role",
    "force": (
        "account_policy collaboration_rule department department_lead adopted_home service service_class "
        "source"
    ),
    "no_person": (
        "account_closing complete_period exchange_rate imported_file revenue_entry scorecard survey_wave"
    ),
    "overwritten": "clock_job lease watermark way",
    "counts": "contact_target encounter interaction place team",
    "once": "effect external_reference",
    "word": "step_done",
    "contact": "contact",
    "answers": "survey_answer survey_rating survey_unnamed",
    "asked": "survey_invitation",
    "erased": "erasure suppression",
}
KEPT: dict[str, str] = {table: why for why, tables in _STAY.items() for table in tables.split()}

# Events that stay: what is asked of them has no end.
KEPT_EVENTS = ("works_council.switched", "plan.created", "plan.imported")
# Events that say when a person used the pages: kept as short as the sessions.
SIGNS = ("session.begun", "session.ended")


@dataclass(frozen=True)
class Limits:
    """What is older goes: of each kind the moment up to which, and the local day."""

    at: dict[str, datetime]
    day: dict[str, date]


def limits(retention: Retention, now: datetime, zone: ZoneInfo, *, works_council: bool) -> Limits:
    """The limits at a moment. Days are whole local days: what happened on the day itself is still kept."""
    today = now.astimezone(zone).date()
    days = {name: getattr(retention, name) for name in Retention.model_fields}
    if works_council:
        days["nudge"] = min(days["nudge"], EIGHT_WEEKS)
    on = {name: today - timedelta(days=many) for name, many in days.items()}
    begun = {name: datetime.combine(day, time(), zone).astimezone(UTC) for name, day in on.items()}
    return Limits(begun, on)
