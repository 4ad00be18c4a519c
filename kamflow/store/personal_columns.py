"""Which columns say something about a human: decided for every one, and a test names what is not.

A column that refers to a contact or to one of our people is `ABOUT` them (its row is their data), or it says
what they `DID` or look after (its row is the account's data, they stand in it by number). A column of text
holds our own `WORDS`, or what somebody wrote: it may name anybody, and is searched.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Column, Table

from kamflow.models.tables import METADATA

ABOUT, DID = "about", "did"

# Tables whose rows belong to a row that is about somebody: child -> how it refers to the parent.
PARTS: Final = (
    "message_facts.message_id",
    "message_step.message_id",
    "survey_answer.invitation_id",
    "survey_rating.invitation_id",
)

REFERRING: Mapping[str, str] = MappingProxyType(
    {
        "absence.person_id": ABOUT,
        "account.approver_id": DID,
        "account_plan.author_id": DID,
        "account_plan.decided_by_id": DID,
        "account_policy.set_by_id": DID,
        "briefing_note.person_id": DID,
        "broken_glass.person_id": ABOUT,
        "complaint.contact_id": ABOUT,
        "contact_target.person_id": DID,
        "department_lead.person_id": ABOUT,
        "document.person_id": DID,
        "encounter.contact_id": ABOUT,
        "encounter.person_id": ABOUT,
        "erasure.actor_id": DID,
        "event.actor_id": DID,
        "folder_page.ticked_by_id": DID,
        "interaction.logged_by_id": DID,
        "measure.owner_id": DID,
        "meeting_attendee.contact_id": ABOUT,
        "meeting_attendee.person_id": ABOUT,
        "meeting_round.released_by_id": DID,
        "message.contact_id": ABOUT,
        "message.person_id": ABOUT,
        "nudge.assignee_id": DID,
        "nudge.owner_id": DID,
        "open_question.ask_contact_id": DID,
        "open_question.owner_id": DID,
        "pause.person_id": DID,
        "person.assistant_id": DID,
        "person.deputy_id": DID,
        "person.superior_id": DID,
        "person_role.person_id": ABOUT,
        "place.contact_id": ABOUT,
        "place.reports_to_id": DID,
        "project.owner_id": DID,
        "quarter_comment.person_id": DID,
        "received_mail.person_id": DID,
        "request.specialist_id": DID,
        "sign_in.person_id": ABOUT,
        "source.owner_id": DID,
        "step_done.person_id": DID,
        "survey_invitation.contact_id": ABOUT,
        "survey_invitation.struck_by_id": DID,
        "team.person_id": ABOUT,
        "telling.person_id": ABOUT,
        "web_session.person_id": ABOUT,
    }
)

# What names a human in a row of their own; erase empties it.
OF_PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        "contact": "key first_name last_name salutation email phone language country region zone"
        " survey_consent",
        "external_reference": "source kind external_id",
        "person": "key name email slack_id language zone country region weekdays level channel digest",
    }
)

# Written by people or by other systems: searched for names.
FREE: Mapping[str, str] = MappingProxyType(
    {
        "account": "key name industry website city region",
        "account_plan": "comment document_url uid",
        "account_policy": "value",
        "annual_meeting": "told",
        "briefing_note": "text",
        "broken_glass": "reason",
        "business_case": "benefit unit basis",
        "collaboration_rule": "kind",
        "competitor": "name strengths weaknesses",
        "complaint": "subject resolution",
        "contact": "consent_source consent_wording",
        "contact_target": "topic",
        "department": "key name",
        "document": "facts",
        "effect": "facts",
        "event": "payload",
        "exchange_rate": "source",
        "folder_page": "words",
        "gap": "service competitor_name factor action",
        "goal": "figure unit text",
        "imported_file": "source name",
        "incident": "facts",
        "interaction": "uid",
        "measure": "title topic moved_reason",
        "meeting_round": "place uid told",
        "message": "cause provider_id",
        "message_facts": "facts",
        "message_step": "cause",
        "negotiation": "topic aim bottom_line give take",
        "nudge": "facts why",
        "open_question": "question answer",
        "pause": "reason",
        "person": "position",
        "place": "position department buying_role",
        "plan_section": "body answers",
        "position": "strategy",
        "position_criterion": "name",
        "project": "name stage product_group lost_to",
        "quarter_comment": "text",
        "received_event": "answer",
        "received_mail": "message_id",
        "request": "text cause",
        "revenue_entry": "product_group source_id",
        "run": "error",
        "scorecard": "facts",
        "service": "key name unit",
        "service_given": "asked_in_return",
        "sign_in": "return_to",
        "source": "key name",
        "survey_answer": "comment",
        "survey_invitation": "struck_reason",
        "survey_unnamed": "key comment",
        "survey_wave": "stopped_reason",
    }
)

# Our own words, numbers and hashes: nobody can have written a name there.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "account": "account_class country language zone currency",
        "account_plan": "form state",
        "account_policy": "name",
        "adopted_home": "host path",
        "annual_meeting": "kind",
        "briefing_note": "kind line",
        "clock_job": "job holder cause",
        "complete_period": "source kind",
        "document": "kind digest",
        "effect": "key name",
        "erasure": "kind",
        "event": "name via trace",
        "exchange_rate": "currency",
        "folder_page": "page digest",
        "gap": "need competitor",
        "imported_file": "digest state counts",
        "incident": "key kind",
        "interaction": "kind state source told",
        "lease": "name holder",
        "measure": "side",
        "meeting_round": "state",
        "message": "key kind channel template state leased_by mail_id trace",
        "message_step": "state",
        "nudge": "identity rule subject period step urgency group_key stage closes_by fingerprint closed_as"
        " trace",
        "open_question": "code",
        "pause": "rule",
        "person_role": "role",
        "place": "level",
        "position_criterion": "axis",
        "project": "state currency",
        "received_event": "source sender_id kind digest",
        "received_mail": "verdict",
        "relay_batch": "flow accounts state cause prefect_id trace",
        "request": "kind state",
        "revenue_entry": "source kind currency",
        "run": "flow state counts prefect_id trace worker",
        "scorecard": "state light digest",
        "service_class": "account_class entitlement",
        "service_given": "charge source",
        "step_done": "identity",
        "supervisor": "name host path version",
        "suppression": "digest",
        "survey_invitation": "token_hash",
        "survey_rating": "dimension",
        "survey_unnamed": "ratings",
        "survey_wave": "source dimensions scale",
        "team": "role",
        "telling": "reason stage",
        "way": "channel cause",
        "watermark": "rule",
        "web_session": "token_hash how",
    }
)
NOBODY = frozenset({"person", "contact"})


def referring() -> set[str]:
    """Every column that refers to a contact or to one of our people, as the models have it."""
    return {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if any(key.column.table.name in NOBODY for key in column.foreign_keys)
    }


def textual() -> set[str]:
    """Every column that can hold text, as the models have it."""
    return {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if _textual(column)
    }


def free(table: Table) -> list[Column[object]]:
    """The columns of a table that are searched for names."""
    return [table.c[name] for name in FREE.get(table.name, "").split()]


def spelled_out(columns: Mapping[str, str]) -> set[str]:
    """`table.column` of each."""
    return {f"{table}.{name}" for table, names in columns.items() for name in names.split()}


def _textual(column: Column[object]) -> bool:
    kind = column.type
    impl = getattr(kind, "impl_instance", kind)
    return impl.python_type in (str, dict, list)
