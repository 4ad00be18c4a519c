"""What is not sent, or not sent again, because its reader has it from another message."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import text

from kamflow.errors import NotAllowed
from kamflow.models.message import MessageState
from kamflow.models.nudge import Telling
from kamflow.models.person import Person
from kamflow.store import engine as db
from kamflow.store import messages
from notifications import outbox
from notifications.outbox import NewMessage
from tests.notifications.conftest import Office

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
IS_FREE = text("SELECT pg_try_advisory_xact_lock(hashtext('compose'))")

Put = Callable[..., int]


@pytest.fixture
def put(office: Office) -> Put:
    """`put(key, person)`: a message of theirs, a digest unless something else is said; its number."""

    def added(key: str, person: Person, state: MessageState = MessageState.WAITING, **more: Any) -> int:
        said = {"kind": "nudges", "channel": "email", "template": "digest", "facts": {}} | more
        with db.write(office.engine) as session:
            number = outbox.add(session, NewMessage(key, person=person.id, **said), office.clock())
        assert number is not None
        office.change(next(each for each in office.messages() if each.id == number), state=state)
        return number

    return added


def superseded(office: Office, *digests: int) -> set[str]:
    """The keys of what these digests take the place of."""
    before = len(office.history())
    with db.write(office.engine) as session:
        messages.supersede(session, digests, "superseded", office.clock())
    stopped = {each.id or 0: each.key for each in office.messages() if each.cause == "superseded"}
    assert {each.state for each in office.messages() if each.id in stopped} <= {MessageState.CANCELLED}
    steps = [(number, "cancelled", "superseded") for number in sorted(stopped)]
    assert sorted(office.history()[before:]) == steps
    return set(stopped.values())


def test_a_new_digest_takes_the_place_of_its_own_reader_s_only(office: Office, put: Put) -> None:
    anna, bert, carl = (office.person(name) for name in ("Anna", "Bert", "Carl"))
    for person in (anna, bert, carl):
        put(f"old {person.name}", person)
    put("now", anna, template="now")
    new = [put(f"new {person.name}", person) for person in (anna, bert)]

    assert superseded(office, *new) == {"old Anna", "old Bert"}


def test_a_digest_that_has_begun_or_ended_is_left_as_it_is(office: Office, put: Put) -> None:
    anna = office.person()
    for state in MessageState:
        put(state.value, anna, state)

    assert superseded(office, put("new", anna)) == {"waiting", "retrying"}


@on_postgresql
def test_a_digest_that_is_claimed_while_it_would_be_stopped_is_sent(office: Office, put: Put) -> None:
    anna = office.person()
    old, new = put("old", anna), put("new", anna)
    ids = Queue[int]()

    def stop() -> None:
        with db.write(office.engine) as session:
            ids.put(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
            messages.supersede(session, [new], "superseded", office.clock())

    with ThreadPoolExecutor(1) as threads:
        with db.write(office.engine) as session:
            claimed = outbox.claim(session, "w1", office.clock(), timedelta(minutes=2), 1)
            stopping, number = threads.submit(stop), ids.get()
            blocked = text("SELECT cardinality(pg_blocking_pids(:number))")
            while not stopping.done() and not session.execute(blocked, {"number": number}).scalar_one():
                pass
        stopping.result()
    assert [each.id for each in claimed] == [old]
    assert office.states() == [("sending", None), ("waiting", None)]
    assert [step for step in office.history() if step[1] == "cancelled"] == []


@pytest.fixture
def tells(office: Office) -> Callable[..., None]:
    """`tells(message, nudge, person)`: write down that it does."""

    def written(message: int, nudge: int | None, person: Person, reason: str = "opened") -> None:
        today = office.clock().date()
        row = {"nudge_id": nudge, "person_id": person.id, "message_id": message, "reason": reason}
        office.add(Telling(**row, number=1, told_on=today))

    return written


def again(office: Office, number: int) -> MessageState:
    with db.write(office.engine) as session:
        return messages.retry(session, number, office.clock())


def test_what_somebody_else_was_told_as_well_is_sent_again(
    office: Office, put: Put, tells: Callable[..., None]
) -> None:
    anna, bert = office.person(), office.person("Bert")
    nudge = office.nudge(anna)
    first = put("first", anna, MessageState.FAILED)
    tells(first, nudge.id, anna)
    tells(put("to Bert", bert), nudge.id, bert)

    assert again(office, first) == MessageState.WAITING


def test_what_one_message_tells_twice_is_sent_again(
    office: Office, put: Put, tells: Callable[..., None]
) -> None:
    anna = office.person()
    nudge = office.nudge(anna)
    first = put("first", anna, MessageState.FAILED)
    tells(first, nudge.id, anna)
    tells(first, nudge.id, anna, "ladder")

    assert again(office, first) == MessageState.WAITING


def test_of_what_was_told_thrice_only_the_last_is_sent_again(
    office: Office, put: Put, tells: Callable[..., None]
) -> None:
    anna = office.person()
    nudge, other = office.nudge(anna), office.nudge(anna, "second")
    told = [put(key, anna, MessageState.FAILED) for key in ("first", "second", "third")]
    for number in told:
        tells(number, nudge.id, anna)
    tells(put("about another", anna), other.id, anna)

    for number in told[:2]:
        with pytest.raises(NotAllowed, match=f"told again by message {told[2]}"):
            again(office, number)
    assert again(office, told[2]) == MessageState.WAITING


@on_postgresql
def test_nothing_is_told_again_while_it_is_decided_whether_to_send_it_again(office: Office, put: Put) -> None:
    number = put("first", office.person(), MessageState.FAILED)

    def others_may_compose() -> bool:
        with db.write(office.engine) as session:
            return bool(session.execute(IS_FREE).scalar_one())

    with db.write(office.engine) as session:
        assert others_may_compose()
        messages.retry(session, number, office.clock())
        assert not others_may_compose()
    assert others_may_compose()


def test_of_several_message_ids_the_newest_message_is_meant(office: Office, put: Put) -> None:
    anna = office.person()
    numbers = [put(key, anna) for key in ("first", "second", "third")]
    for each in office.messages():
        office.change(each, mail_id=f"<{each.key}@example.com>")

    def meant(*keys: str) -> int | None:
        with db.read(office.engine) as session:
            found = messages.by_mail_id(session, [f"<{key}@example.com>" for key in keys])
            return found and found.id

    assert meant("first", "second") == meant("second", "first") == numbers[1]
    assert (meant("other"), meant()) == (None, None)
