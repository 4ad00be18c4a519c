"""Open nudges become messages and tellings, once."""

from datetime import UTC, date, datetime

import pytest

from kamflow.errors import NotAdopted
from kamflow.models.account import Account
from kamflow.models.message import MessageState
from kamflow.models.person import Absence, PersonRole
from kamflow.settings import Delivery
from kamflow.store import adopted, messages
from kamflow.store import engine as db
from notifications.compose import Composed
from tests.notifications.conftest import Office, tomorrow


def test_a_digest_holds_ids_only_and_its_tellings_are_written_with_it(office: Office):
    anna = office.person()
    nudge = office.nudge(anna)

    assert office.compose() == Composed(messages=1, told=1)

    [message] = office.messages()
    assert message.key == f"digest:{anna.id}:2026-09-07"
    assert (message.kind, message.template, message.channel) == ("nudges", "digest", "email")
    line = {"id": nudge.id, "reason": "opened", "number": 1, "for_person": None}
    assert message.facts == {
        "day": "2026-09-07",
        "occasion": "daily",
        "items": [{"nudges": [line]}],
        "more": 0,
    }
    assert office.told() == [(nudge.id, 1, "opened")]
    assert office.history() == [(message.id, "waiting", None)]


def test_composing_again_adds_nothing(office: Office):
    office.nudge(office.person())
    office.compose()

    assert office.compose() == Composed(0, 0)
    office.clock.advance(hours=3)
    assert office.compose() == Composed(0, 0)


def test_an_urgent_message_goes_before_digests(office: Office):
    anna = office.person()
    urgent = office.nudge(anna, "call", urgency="now")
    office.nudge(anna)

    office.compose()

    first, second = office.messages()
    assert (first.key, first.template) == (f"now:{urgent.id}:1:{anna.id}", "now")
    assert first.priority < second.priority


def test_a_closed_nudge_is_not_told(office: Office):
    office.nudge(office.person(), closed_at=office.clock(), closed_on=date(2026, 9, 7))

    assert office.compose() == Composed(0, 0)


def test_after_a_hand_over_the_assignee_is_told(office: Office):
    anna, ben = office.person("Anna"), office.person("Ben")
    office.nudge(anna, assignee_id=ben.id)

    office.compose()

    assert [message.person_id for message in office.messages()] == [ben.id]


def test_an_absence_from_the_database_sends_urgent_things_to_the_deputy(office: Office):
    ben = office.person("Ben")
    anna = office.person("Anna", deputy_id=ben.id)
    office.add(Absence(person_id=anna.id, from_day=date(2026, 9, 1), until_day=date(2026, 9, 30)))
    office.nudge(anna, urgency="now")
    office.nudge(anna, "later")

    office.compose()

    [message] = office.messages()
    assert message.person_id == ben.id
    assert message.facts["items"][0]["nudges"][0]["for_person"] == anna.id


def test_company_closings_are_quiet(office: Office):
    company = office.settings.company.model_copy(update={"closings": ("2026-09-07..2026-09-08",)})
    office.settings = office.settings.model_copy(update={"company": company})
    office.nudge(office.person())

    assert office.compose() == Composed(0, 0)


def test_without_a_token_for_slack_messages_go_by_mail(office: Office):
    office.nudge(office.person(channel="slack"))
    office.compose()

    assert office.messages()[0].channel == "email"


def test_an_unknown_region_or_zone_silences_nobody(office: Office):
    office.nudge(office.person(region="Atlantis", zone="Middle/Earth", country="XX"))

    assert office.compose() == Composed(1, 1)


def test_switched_off_it_composes_nothing_and_says_so(office: Office):
    office.nudge(office.person())
    office.settings = office.settings.model_copy(update={"delivery": Delivery(mode="off")})

    assert office.compose() == Composed(0, 0, off=True)
    assert office.told() == []


def test_a_copy_of_the_home_composes_nothing(copied: Office):
    copied.nudge(copied.person())

    with pytest.raises(NotAdopted, match="kamflow adopt"):
        copied.compose()
    assert copied.messages() == []


def test_adopting_replaces_the_list_and_adding_joins_it(office: Office, copied: Office):
    with db.write(office.engine) as session:
        adopted.adopt(session, copied.settings.home, office.clock(), add=True)
        assert adopted.is_adopted(session, office.settings.home)
        adopted.adopt(session, copied.settings.home, office.clock())
        assert not adopted.is_adopted(session, office.settings.home)
        assert adopted.is_adopted(session, copied.settings.home)


# --- what was not delivered -------------------------------------------------------------------------


def test_a_digest_that_still_waits_goes_into_the_next_one(office: Office):
    first = office.nudge(anna := office.person())
    office.compose()
    tomorrow(office.clock)
    second = office.nudge(anna, "second", opened_on=date(2026, 9, 8))

    assert office.compose() == Composed(1, 2)

    old, new = office.messages()
    assert (old.state, old.cause) == (MessageState.CANCELLED, "superseded")
    assert {line["id"] for item in new.facts["items"] for line in item["nudges"]} == {first.id, second.id}


def test_what_was_sent_is_not_told_again_the_next_day(office: Office):
    office.nudge(office.person())
    office.compose()
    office.change(office.messages()[0], state=MessageState.SENT)
    tomorrow(office.clock)

    assert office.compose() == Composed(0, 0)


def test_what_failed_is_told_again_the_next_day_but_not_before(office: Office):
    office.nudge(office.person())
    office.compose()
    office.change(office.messages()[0], state=MessageState.FAILED)

    assert office.compose() == Composed(0, 0)
    tomorrow(office.clock)
    assert office.compose() == Composed(1, 1)


def test_what_failed_but_went_by_the_other_channel_is_told(office: Office):
    office.nudge(office.person())
    office.compose()
    [message] = office.messages()
    office.change(message, state=MessageState.FAILED)
    other = {"key": f"{message.key}:slack", "state": MessageState.SENT, "instead_of_id": message.id}
    office.add(type(message)(**(message.model_dump(exclude={"id"}) | other)))
    tomorrow(office.clock)

    assert office.compose() == Composed(0, 0)


def test_an_urgent_message_that_failed_is_tried_once_a_day(office: Office):
    office.nudge(office.person(), urgency="now")
    for _ in range(3):
        office.compose()
        for message in office.messages():
            office.change(message, state=MessageState.FAILED)
    assert len(office.messages()) == 1

    tomorrow(office.clock)
    office.compose()
    assert [message.key.split(":")[2] for message in office.messages()] == ["1", "2"]


def test_what_a_message_stopped_by_hand_would_have_said_is_told_the_next_day(office: Office):
    office.nudge(office.person())
    office.compose()
    with db.write(office.engine) as session:
        messages.cancel(session, office.messages()[0].id, "cancelled by hand", office.clock())

    assert office.compose() == Composed(0, 0)
    tomorrow(office.clock)
    assert office.compose() == Composed(1, 1)


def test_what_was_cancelled_because_nothing_of_it_was_open_counts_as_told(office: Office):
    office.nudge(office.person())
    office.compose()
    office.change(office.messages()[0], state=MessageState.CANCELLED, cause="closed-meanwhile")
    tomorrow(office.clock)

    assert office.compose() == Composed(0, 0)


def test_the_facts_say_the_how_manieth_reminder_it_is(office: Office):
    office.nudge(office.person(), due_on=date(2026, 9, 7))
    for _ in range(2):
        office.compose()
        office.change(office.messages()[-1], state=MessageState.SENT)
        office.clock.advance(days=3)

    lines = [message.facts["items"][0]["nudges"][0] for message in office.messages()]
    assert [(line["reason"], line["number"], line.get("reminder")) for line in lines] == [
        ("opened", 1, None),
        ("overdue", 2, 1),
    ]


def test_the_digest_comes_at_the_local_time_of_each_person(office: Office):
    office.nudge(office.person("Anna"))
    office.nudge(office.person("Bob", zone="America/New_York", country="US"))

    # 7 September 2026 is Labor Day in the United States.
    assert office.compose().messages == 1
    office.change(office.messages()[0], state=MessageState.SENT)
    office.clock.at = datetime(2026, 9, 8, 12, 29, tzinfo=UTC)
    assert office.compose().messages == 0
    office.clock.at = datetime(2026, 9, 8, 12, 30, tzinfo=UTC)
    assert office.compose().messages == 1


# --- the ladder -------------------------------------------------------------------------------------


def test_what_climbs_is_told_in_the_heads_own_digest(office: Office):
    head = office.person("Head")
    office.add(PersonRole(person_id=head.id, role="head"))
    anna = office.person("Anna", superior_id=head.id)
    why = {"next": "head", "next_after": 1}
    nudge = office.nudge(anna, why=why, opened_on=date(2026, 9, 1), due_on=date(2026, 9, 4))
    office.compose()
    office.change(office.messages()[0], state=MessageState.SENT)
    tomorrow(office.clock)

    office.compose()

    message = office.messages()[-1]
    [line] = message.facts["items"][0]["nudges"]
    assert (message.person_id, line["id"], line["reason"]) == (head.id, nudge.id, "ladder")
    assert (line["overdue"], line["rung"]) == (2, 1)
    assert office.told()[-1] == (nudge.id, 1, "ladder")
    office.change(message, state=MessageState.SENT)
    tomorrow(office.clock)
    office.compose()
    assert [reason for _, _, reason in office.told()].count("ladder") == 1


def test_once_a_week_a_head_hears_of_accounts_without_a_kam(office: Office):
    head = office.person("Head")
    office.add(PersonRole(person_id=head.id, role="head"))
    office.add(Account(key="muster", name="Muster AG", account_class="key"))
    office.nudge(head)
    office.compose()
    office.change(office.messages()[0], state=MessageState.SENT)
    tomorrow(office.clock)
    office.nudge(head, "second", opened_on=date(2026, 9, 8))
    office.compose()

    assert [each.facts.get("without_kam") for each in office.messages()] == [1, None]
