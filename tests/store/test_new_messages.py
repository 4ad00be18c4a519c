"""What goes into the outbox says what it was given to say, belongs to its trace, and has a history."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.message import MessageFacts, MessageState, MessageStep, StoredMessage
from kamflow.store import engine as db
from kamflow.store import new_messages, traces
from kamflow.store.new_messages import NORMAL, NewMessage
from tests.conftest import NOW


def made(key: str, **more: Any) -> NewMessage:
    said = {"kind": "notice", "channel": "email", "template": "welcome", "facts": {"says": key}} | more
    return NewMessage(key, **said)


def row(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "kind": "notice",
        "channel": "email",
        "template": "welcome",
        "facts": {"says": key},
        "priority": NORMAL,
        "state": MessageState.WAITING,
        "created_at": NOW,
        "due_at": NOW + timedelta(hours=1),
        "attempts": 0,
    }


def said(engine: Engine) -> dict[str, Any]:
    """Key -> what it says."""
    pairs = select(col(StoredMessage.key), col(MessageFacts.facts)).join(
        MessageFacts, col(MessageFacts.message_id) == col(StoredMessage.id)
    )
    with db.read(engine) as session:
        return {key: facts for key, facts in session.execute(pairs)}  # noqa: C416 - rows are no pairs


def history(engine: Engine) -> list[tuple[int, str, str | None]]:
    steps = select(col(MessageStep.message_id), col(MessageStep.state), col(MessageStep.cause))
    with db.read(engine) as session:
        found = session.execute(steps.order_by(col(MessageStep.id)))
        return [(number, state, cause) for number, state, cause in found]


def test_of_two_of_one_key_the_first_goes_in_with_what_it_says(engine: Engine) -> None:
    twice = [made("a"), made("b"), made("a", facts={"says": "something else"})]
    with db.write(engine) as session:
        assert [*new_messages.add_many(session, twice, NOW)] == ["a", "b"]
    with db.write(engine) as session:
        assert [*new_messages.add_many(session, [made("c"), made("a", facts={})], NOW)] == ["c"]

    assert said(engine) == {key: {"says": key} for key in "abc"}


def test_whole_rows_say_what_stands_in_them_and_begin_their_history(engine: Engine) -> None:
    with db.write(engine) as session:
        numbers = new_messages.insert_all(session, [row(key) for key in "abc"], NOW)

    assert said(engine) == {key: {"says": key} for key in "abc"}
    assert history(engine) == [(number, "waiting", None) for number in numbers]


def test_what_is_to_say_something_else_does_and_the_rest_says_what_it_said(engine: Engine) -> None:
    with db.write(engine) as session:
        numbers = new_messages.add_many(session, [made(key) for key in "abc"], NOW)
        new_messages.say_anew(session, {})
        new_messages.say_anew(session, {numbers["a"]: {"says": "1"}, numbers["c"]: {"says": "3"}})

    assert {key: facts["says"] for key, facts in said(engine).items()} == {"a": "1", "b": "b", "c": "3"}


def test_a_message_belongs_to_what_it_tells_else_to_the_run_that_writes_it(engine: Engine) -> None:
    with traces.following("run-12"), db.write(engine) as session:
        new_messages.add_many(session, [made("told", trace="event-7"), made("by the run")], NOW)
    with db.write(engine) as session:
        new_messages.add(session, made("by a person"), NOW)

    with db.read(engine) as session:
        found = session.execute(select(col(StoredMessage.key), col(StoredMessage.trace)))
        assert dict(found.tuples().all()) == {"told": "event-7", "by the run": "run-12", "by a person": None}
