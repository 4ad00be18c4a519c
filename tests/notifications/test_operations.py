"""Operations are told by mail and in their channel of Slack, whatever the mode; a copy tells nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from kamflow.demo.slack.workspace import Conversation
from kamflow.models.message import MessageFacts
from kamflow.settings import Delivery
from kamflow.store import engine as db
from kamflow.store import incidents
from kamflow.upkeep import Operations
from notifications import operations
from notifications.deliver import Delivered
from tests.notifications.conftest import Office, PostOffice, text


@pytest.fixture
def told(post_office: PostOffice) -> PostOffice:
    """Operations have an address and a channel."""
    told_in = Operations(slack_channel="C1", language="en")
    post_office.sets(operations_email="it@example.com", operations=told_in)
    post_office.slack.workspace.conversations["C1"] = Conversation("C1", None)
    return post_office


def wrong(office: Office, key: str = "run:intake", kind: str = "run", **facts: Any) -> None:
    with db.write(office.engine) as session:
        incidents.report(session, key, kind, {"cause": "failed", "error": "KeyError"} | facts, office.clock())


def tell(office: Office, minutes: float = 1) -> int:
    office.clock.advance(minutes=minutes)
    return operations.tell(office.engine, office.settings, office.clock())


@pytest.mark.parametrize("mode", ["live", "redirect", "off"])
def test_operations_are_told_by_both_ways_whatever_the_mode(told: PostOffice, mode: Any) -> None:
    told.sets(delivery=Delivery(mode=mode, redirect_to="pilot@example.com" if mode == "redirect" else None))
    wrong(told)

    assert (tell(told), tell(told)) == (1, 0)
    assert told.deliver(renderers=None) == Delivered(sent=2)
    [mail] = told.smtp.to("it@example.com")
    assert "intake did not finish" in text(mail)
    assert "kamflow run intake" in text(mail)
    [post] = told.slack.workspace.posts
    assert (post.channel, "intake did not finish" in post.text) == ("C1", True)
    assert [each.cause for each in told.messages()] == [None, None]


def test_people_are_told_nothing_where_delivery_is_off(told: PostOffice) -> None:
    told.nudge(told.person())
    told.compose()
    told.sets(delivery=Delivery(mode="off"))
    wrong(told)
    tell(told)

    assert told.deliver(renderers=None) == Delivered(sent=2)
    assert told.smtp.to("anna@example.com") == []


def test_a_channel_the_app_is_no_member_of_is_a_clear_cause(told: PostOffice) -> None:
    told.slack.workspace.conversations["C1"].member = False
    wrong(told)
    tell(told)

    assert told.deliver(renderers=None) == Delivered(sent=1, failed=1)
    assert sorted(told.states(), key=str) == [("failed", "not_in_channel"), ("sent", None)]

    told.slack.workspace.conversations["C1"].member = True
    assert operations.try_again(told.engine, told.settings, told.clock()) == 0
    told.clock.advance(minutes=61)
    assert operations.try_again(told.engine, told.settings, told.clock()) == 1
    assert told.deliver(renderers=None) == Delivered(sent=1)


def test_what_was_refused_and_is_forgotten_since_stops_nobody_from_being_told(told: PostOffice) -> None:
    told.slack.workspace.conversations["C1"].member = False
    wrong(told)
    tell(told)
    told.deliver(renderers=None)
    with db.write(told.engine) as session:
        session.execute(delete(MessageFacts))  # as purge does once they are old
    told.clock.advance(minutes=61)

    assert operations.try_again(told.engine, told.settings, told.clock()) == 0
    wrong(told, "prefect:server", "prefect")
    assert tell(told) == 1
    assert told.deliver(renderers=None) == Delivered(sent=1, failed=1)


def test_what_could_not_go_out_goes_into_the_next_message(told: PostOffice) -> None:
    told.sets(smtp=told.settings.smtp.model_copy(update={"port": 1}))
    wrong(told)
    tell(told)
    told.deliver(renderers=None)
    wrong(told, "prefect:server", "prefect")
    tell(told, 10)

    mails = [each for each in told.messages() if each.channel == "email"]
    assert [(each.state, each.cause) for each in mails] == [("cancelled", "superseded"), ("waiting", None)]
    assert [each["kind"] for each in mails[1].facts["incidents"]] == ["run", "prefect"]


def test_many_at_once_are_one_message_and_there_is_a_pause_between_two(told: PostOffice) -> None:
    wrong(told)
    assert tell(told, 0.2) == 0  # what comes with it is waited for
    wrong(told, "run:plan_creation")
    assert tell(told, 1) == 2
    wrong(told, "prefect:server", "prefect")
    assert (tell(told, 1), tell(told, 5)) == (0, 1)


def test_without_an_address_incidents_wait_until_there_is_one(post_office: PostOffice) -> None:
    wrong(post_office)
    assert tell(post_office) == 0
    post_office.sets(operations_email="it@example.com")
    assert tell(post_office) == 1


def test_a_copy_tells_nothing(told: PostOffice, copied: Office) -> None:
    wrong(told)
    told.clock.advance(minutes=5)
    settings = told.settings.model_copy(update={"home": copied.settings.home})
    assert operations.tell(told.engine, settings, told.clock()) == 0


def test_what_ends_before_anybody_heard_of_it_is_told_by_nobody(told: PostOffice) -> None:
    wrong(told)
    with db.write(told.engine) as session:
        assert incidents.over(session, "run:intake", told.clock() + timedelta(seconds=5))
        assert not incidents.over(session, "run:intake", told.clock())
    assert tell(told, 30) == 0
