"""What a CRM or a calendar tells becomes what a person would have entered."""

from datetime import date
from typing import Any

import pytest

from kamflow.models.account import ExternalReference
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.meeting import MeetingRound
from kamflow.models.person import Absence
from kamflow.models.plan import Measure
from kamflow.models.source import CompletePeriod
from kamflow.models.survey import SurveyAnswer
from tests.web.api.conftest import Teller

VISIT = {"id": "v-1", "day": "2026-09-03", "account": "001", "people": ["witt"], "contacts": ["paul"]}
ANSWER = {"account": "001", "contact": "paul", "day": "2026-09-04", "score": 3, "comment": "Late"}
MEETING = {"id": "m-1", "account": "001", "day": "2026-11-10", "people": ["witt@example.com"],
           "contacts": ["paul"], "starts_at": "2026-11-10T09:30:00Z"}  # fmt: skip


def test_a_visit_of_the_crm_is_a_contact_of_the_account(crm: Teller) -> None:
    answer = crm.tell("interaction.held", VISIT)

    assert answer.status_code == 200
    assert answer.json()["outcome"] == "done"
    (stored,) = crm.stored(Interaction)
    assert (stored.id, stored.day, stored.state) == (answer.json()["number"], date(2026, 9, 3), "held")
    assert stored.account_id == crm.rows["account"].id
    assert len(crm.stored(Encounter)) == 1
    assert crm.happened() == [("interaction.held", "api")]


def test_a_booked_visit_is_cancelled_by_the_id_of_the_crm(crm: Teller) -> None:
    crm.tell("interaction.booked", VISIT | {"day": "2026-09-30"})

    assert crm.tell("interaction.cancelled", {"id": "v-1"}).json()["outcome"] == "done"
    assert [each.state for each in crm.stored(Interaction)] == ["cancelled"]
    assert crm.tell("interaction.cancelled", {"id": "v-1"}).json()["outcome"] == "already"


def test_a_visit_that_moved_is_the_same_contact_on_another_day(crm: Teller) -> None:
    crm.tell("interaction.booked", VISIT | {"day": "2026-09-30"})
    crm.tell("interaction.booked", VISIT | {"day": "2026-10-02"})

    assert [each.day for each in crm.stored(Interaction)] == [date(2026, 10, 2)]


def test_an_annual_meeting_is_booked_moved_and_called_off(crm: Teller) -> None:
    assert crm.tell("meeting.booked", MEETING).status_code == 200
    assert crm.tell("meeting.moved", {"id": "m-1", "day": "2026-11-17"}).json()["outcome"] == "done"
    assert [each.day for each in crm.stored(MeetingRound)] == [date(2026, 11, 17)]
    assert crm.tell("meeting.cancelled", {"id": "m-1"}).status_code == 200

    (talk,) = crm.stored(MeetingRound)
    assert (talk.state, talk.starts_at.hour) == ("cancelled", 9)
    names = [name for name, _ in crm.happened()]
    assert [each for each in names if each.startswith("meeting.")] == [
        "meeting.booked", "meeting.moved", "meeting.cancelled"
    ]  # fmt: skip


def test_a_calendar_that_only_says_booked_moves_what_it_booked(crm: Teller) -> None:
    crm.tell("meeting.booked", MEETING)
    crm.tell("meeting.booked", MEETING | {"day": "2026-11-12", "starts_at": None})

    assert [each.day for each in crm.stored(MeetingRound)] == [date(2026, 11, 12)]


def test_a_meeting_that_nobody_booked_was_held(crm: Teller) -> None:
    answer = crm.tell(
        "meeting.held", {"id": "m-2", "account": "001", "day": "2026-09-01", "people": ["witt"]}
    )

    assert answer.status_code == 200
    assert [each.state for each in crm.stored(MeetingRound)] == ["held"]


def test_a_measure_is_done(crm: Teller) -> None:
    measure = crm.visited.world.measure(crm.rows["account"], date(2026, 9, 30))

    assert crm.tell("measure.done", {"measure": str(measure.id)}).status_code == 404
    assert crm.tell("measure.done", {"measure": f"kamflow-{measure.id}"}).json()["outcome"] == "done"
    assert [each.done_on for each in crm.stored(Measure)] == [date(2026, 9, 7)]
    assert crm.happened() == [("measure.done", "api")]


def test_an_id_of_another_system_counts_for_who_has_none_of_its_own(crm: Teller) -> None:
    """The CRM's new customer 1004 is not the ERP's debtor 1004."""
    row = crm.rows["account"].id
    crm.visited.world.add(ExternalReference(source="erp", kind="account", external_id="1004", row_id=row))

    assert crm.tell("interaction.held", VISIT | {"account": "1004"}).status_code == 404
    crm.token = "another token"
    assert crm.tell("interaction.held", VISIT | {"account": "1004"}).status_code == 200


def test_somebody_is_away_and_comes_back_earlier(crm: Teller) -> None:
    crm.tell("person.absent", {"person": "witt", "first": "2026-09-14", "last": "2026-09-25"})
    crm.tell("person.back", {"person": "witt", "first": "2026-09-21", "last": "2026-09-25"})

    assert [(each.from_day.day, each.until_day.day) for each in crm.stored(Absence)] == [(14, 20)]
    assert [name for name, _ in crm.happened()] == ["person.absent", "person.back"]


def test_revenue_is_complete_by_the_word_of_its_own_source(crm: Teller) -> None:
    answer = crm.tell("revenue.complete", {"first": "2026-07-01", "last": "2026-07-31"})

    assert answer.json()["outcome"] == "done"
    assert [(each.source, each.kind) for each in crm.stored(CompletePeriod)] == [("crm", "revenue")]
    assert crm.happened() == [("revenue.complete", "api")]


def test_an_unhappy_answer_to_another_tool_reaches_the_kam(crm: Teller) -> None:
    answer = crm.tell("survey.answered", ANSWER)

    assert answer.json()["outcome"] == "done"
    assert [(each.score, each.comment) for each in crm.stored(SurveyAnswer)] == [(3, "Late")]
    assert crm.happened() == [("survey.answered", "api")]
    crm.visited.world.night("survey_dispatch", date(2026, 9, 7))
    assert [each.stage for each in crm.visited.world.nudges()] == ["detractor"]


@pytest.mark.parametrize(
    ("kind", "data", "status", "pointer"),
    [
        ("interaction.held", VISIT | {"people": ["witt", "nobody"]}, 404, "/data/people/1"),
        ("interaction.held", VISIT | {"account": "999"}, 404, "/data/account"),
        ("interaction.held", VISIT | {"day": "2026-09-30"}, 409, "/data/day"),
        ("interaction.held", VISIT | {"day": "30.09.2026"}, 422, "/data/day"),
        ("interaction.held", VISIT | {"day": "1899-09-30"}, 422, "/data/day"),
        ("interaction.held", VISIT | {"people": []}, 422, "/data/people"),
        ("interaction.held", VISIT | {"subject": "his divorce"}, 422, "/data/subject"),
        ("interaction.held", VISIT | {"id": "a\u0000b"}, 422, "/data/id"),
        ("interaction.cancelled", {"id": "v-9"}, 404, "/data/id"),
        ("meeting.booked", MEETING | {"day": "2026-11-11"}, 409, "/data/starts_at"),
        ("meeting.booked", MEETING | {"day": "2026-03-10", "starts_at": None}, 409, "/data"),
        ("meeting.booked", MEETING | {"year": "last"}, 422, "/data/year"),
        ("meeting.moved", {"id": "m-9", "day": "2026-11-11"}, 404, "/data/id"),
        ("meeting.cancelled", {"id": "m-9", "account": "001"}, 404, "/data"),
        ("measure.done", {"measure": "77"}, 404, "/data/measure"),
        ("person.absent", {"person": "witt", "first": "2026-09-14", "last": "2026-09-13"}, 409, "/data"),
        ("survey.answered", ANSWER | {"score": 11}, 422, "/data/score"),
        ("survey.answered", ANSWER | {"contact": "nobody"}, 404, "/data/contact"),
        ("survey.answered", ANSWER | {"day": "2026-09-08"}, 409, "/data/day"),
        ("person.married", {}, 422, "/type"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_comes_back_with_its_place(
    crm: Teller, kind: str, data: dict[str, Any], status: int, pointer: str
) -> None:
    answer = crm.tell(kind, data)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert answer.json()["mend"]
    assert crm.happened() == []
