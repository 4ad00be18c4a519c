from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from kamflow.store.engine import write
from notifications import outbox
from notifications.outbox import NewMessage
from tests.acts.world import Act, World

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)


@pytest.fixture
def message(world: World, engine: Engine) -> int:
    digest = NewMessage("digest:1", "nudges", "email", "digest", {"items": []}, person=world.person("witt"))
    with write(engine) as session:
        return outbox.add(session, digest, NOW) or 0


def test_operations_see_states_and_causes_but_nobodys_digest(kamflow: Act, message: int) -> None:
    answer = kamflow("outbox", "--json").json
    assert answer["states"] == {"waiting": 1}
    [row] = answer["messages"]
    assert (row["id"], row["state"], row["recipient"]) == (message, "waiting", "(a person)")
    assert "key" not in row


def test_the_person_sees_their_own(kamflow: Act, message: int) -> None:
    [row] = kamflow("outbox", "--as", "witt", "--json").json["messages"]
    assert (row["recipient"], row["key"]) == ("Jürgen Witt", "digest:1")


def test_others_see_nothing_of_it(kamflow: Act, message: int) -> None:
    assert kamflow("outbox", "--as", "fremd", "--json").json == {"messages": [], "states": {}}


def test_who_cannot_be_reached_is_named(kamflow: Act, message: int, engine: Engine) -> None:
    from kamflow.models.message import StoredMessage

    with write(engine) as session:
        row = session.get_one(StoredMessage, message)
        row.state, row.cause = "failed", "bad-address"
    assert f"{message}\tfailed\tnudges\temail\tJürgen Witt" in kamflow("outbox", "--state", "failed").out
    assert kamflow("outbox", "--state", "sent", "--json").json["messages"] == []


def test_a_message_is_cancelled_and_sent_again_by_hand(kamflow: Act, message: int) -> None:
    assert kamflow("outbox", "cancel", message).code == 0
    assert "2026-09-07 08:30\twaiting" in kamflow("outbox", "show", message).out
    shown = kamflow("outbox", "show", message, "--json").json
    assert [step["state"] for step in shown["history"]] == ["waiting", "cancelled"]
    assert shown["cause"] == "cancelled by hand"
    assert kamflow("outbox", "retry", message).code == 0
    assert kamflow("outbox", "--json").json["states"] == {"waiting": 1}


def test_only_operations_and_the_head_do_that(kamflow: Act, message: int) -> None:
    assert kamflow("outbox", "cancel", message, "--as", "witt").code == 2
    assert kamflow("outbox", "cancel", message, "--as", "berg").code == 0


def test_what_is_not_there_is_said(kamflow: Act, world: World) -> None:
    assert "no message 77" in kamflow("outbox", "show", 77).err
    assert "expected one of waiting" in kamflow("outbox", "--state", "lost").err
    assert "the outbox is empty" in kamflow("outbox").out


def test_many_are_stopped_and_sent_again_at_once(kamflow: Act, message: int, engine: Engine) -> None:
    with write(engine) as session:
        more = [NewMessage(f"alert:{way}", "alert", way, "alert", {}) for way in ("email", "slack")]
        outbox.add_many(session, more, NOW)

    assert kamflow("outbox", "cancel", "--all", "--channel", "email").out == "2 messages are not sent\n"
    stopped = kamflow("outbox", "--cause", "cancelled by hand", "--json").json
    assert (len(stopped["messages"]), stopped["states"]) == (2, {"waiting": 1, "cancelled": 2})
    assert len(kamflow("outbox", "--channel", "slack", "--json").json["messages"]) == 1
    again = kamflow("outbox", "retry", "--all", "--state", "cancelled", "--json")
    assert again.json == {"messages": 2, "left": 0}
    assert kamflow("outbox", "cancel", message, message + 1, "--json").json == [
        {"message": message, "state": "cancelled"}, {"message": message + 1, "state": "cancelled"},
    ]  # fmt: skip
    assert "name the messages by their numbers" in kamflow("outbox", "retry").err
    assert "expected one of failed" in kamflow("outbox", "retry", "--all", "--state", "waiting").err


def test_where_one_of_several_cannot_be_stopped_none_is(kamflow: Act, message: int) -> None:
    assert "no message 77" in kamflow("outbox", "cancel", message, 77).err
    assert kamflow("outbox", "--json").json["states"] == {"waiting": 1}


def test_one_that_is_named_twice_is_stopped_and_sent_again_once(kamflow: Act, message: int) -> None:
    assert kamflow("outbox", "cancel", message, message).code == 0
    assert kamflow("outbox", "retry", message, message).code == 0
    shown = kamflow("outbox", "show", message, "--json").json
    assert [step["state"] for step in shown["history"]] == ["waiting", "cancelled", "waiting"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (("cancel", 1, "--cause", "deferred"), "choose among --all"),
        (("retry", 1, "--state", "failed"), "choose among --all"),
        (("cancel", "--all", "--channel", "mail"), "channel 'mail': expected one of email, slack"),
        (("--channel", "mail"), "channel 'mail': expected one of email, slack"),
        (("--limit", "0"), "Must be >= 1"),
        (("retry", "--all", "--state", "waiting"), "expected one of failed, cancelled, retrying, ambiguous"),
    ],
)
def test_what_would_mean_other_messages_than_were_named_is_refused(
    kamflow: Act, message: int, said: tuple[object, ...], answer: str
) -> None:
    refused = kamflow("outbox", *said)
    assert (refused.code, answer in refused.err) == (2, True)
    assert kamflow("outbox", "--json").json["states"] == {"waiting": 1}


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_ended_long_ago_is_not_sent_again_with_the_rest(
    kamflow: Act, message: int, engine: Engine, state: str
) -> None:
    from kamflow.models.message import StoredMessage

    with write(engine) as session:
        row = session.get_one(StoredMessage, message)
        row.state, row.due_at = state, NOW - timedelta(days=8)
    assert kamflow("outbox", "retry", "--all", "--state", state, "--json").json == {"messages": 0, "left": 0}
