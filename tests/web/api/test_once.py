"""An event is carried out once, however often and by however many senders at once it is sent."""

from concurrent.futures import ThreadPoolExecutor

from kamflow.models.event import ReceivedEvent
from kamflow.models.interaction import Interaction
from kamflow.models.meeting import MeetingRound
from kamflow.web.api.envelope import BATCH, PLAIN
from tests.web.api.conftest import Teller
from tests.web.api.test_events import MEETING, VISIT


def test_the_same_event_again_is_answered_the_same_and_does_nothing(crm: Teller) -> None:
    first = crm.tell("interaction.held", VISIT, id="7")
    again = crm.tell("interaction.held", VISIT, id="7", time="2026-09-07T08:00:00Z")

    assert (again.status_code, again.json()) == (200, first.json())
    assert len(crm.happened()) == 1


def test_another_content_under_a_known_id_is_refused(crm: Teller) -> None:
    crm.tell("interaction.held", VISIT, id="7")
    answer = crm.tell("interaction.held", VISIT | {"day": "2026-09-04"}, id="7")

    assert (answer.status_code, answer.json()["type"]) == (409, "/api/docs#other-content")
    assert len(crm.stored(Interaction)) == 1


def test_an_id_is_one_of_its_own_part_of_the_sender_only(crm: Teller) -> None:
    crm.tell("interaction.held", VISIT, id="7")

    other = crm.tell("interaction.held", VISIT | {"id": "v-2", "day": "2026-09-04"}, id="7", source="/mail")
    assert other.status_code == 200
    crm.token = "another token"
    data = {"id": "v-1", "day": "2026-09-02", "people": ["witt"], "contacts": ["paul"]}
    assert crm.tell("interaction.held", data, id="7").status_code == 200
    assert [each.source for each in crm.stored(Interaction)] == ["crm", "crm", "sap"]


def test_an_event_that_was_refused_may_be_sent_again_under_its_id(crm: Teller) -> None:
    assert crm.tell("interaction.held", VISIT | {"people": ["kruse"]}, id="7").status_code == 404
    crm.visited.world.person("Kruse")

    assert crm.tell("interaction.held", VISIT | {"people": ["kruse"]}, id="7").status_code == 200


def test_eight_senders_of_one_event_at_once_make_one_contact(crm_on_both: Teller) -> None:
    crm_on_both.send(b"")  # builds what FastAPI puts off until the first request
    event = crm_on_both.event("interaction.held", VISIT)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(crm_on_both.send, [event] * 8))

    assert {each.status_code for each in answers} == {200}
    assert len({each.text for each in answers}) == 1
    assert len(crm_on_both.stored(Interaction)) == len(crm_on_both.stored(ReceivedEvent)) == 1


def test_eight_events_about_one_meeting_at_once_make_one_meeting(crm_on_both: Teller) -> None:
    crm_on_both.send(b"")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: crm_on_both.tell("meeting.booked", MEETING), range(8)))

    assert [each.status_code for each in answers] == [200] * 8
    assert sorted(each.json()["outcome"] for each in answers) == ["already"] * 7 + ["done"]
    assert len(crm_on_both.stored(MeetingRound)) == 1


def test_a_batch_is_taken_whole(crm: Teller) -> None:
    told = [crm.event("interaction.held", VISIT | {"id": f"v-{day}", "day": f"2026-09-0{day}"})
            for day in (1, 2, 3)]  # fmt: skip
    answer = crm.send(told, BATCH)

    assert [each["outcome"] for each in answer.json()] == ["done"] * 3
    assert len(crm.stored(Interaction)) == 3


def test_of_a_batch_with_one_bad_event_nothing_is_taken(crm: Teller) -> None:
    bad = crm.event("interaction.held", VISIT | {"contacts": ["nobody"]})
    answer = crm.send([crm.event("interaction.held", VISIT), bad], BATCH)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/1/data/contacts/0")
    assert crm.stored(Interaction) == crm.stored(ReceivedEvent) == []


def test_the_envelope_may_come_in_headers(crm: Teller) -> None:
    said = {"specversion": "1.0", "id": "b-1", "source": "/crm%20of%20us", "type": "kamflow.interaction.held"}
    answer = crm.send(VISIT, PLAIN, {f"ce-{name}": value for name, value in said.items()})

    assert (answer.status_code, answer.json()["source"]) == (200, "/crm of us")
