"""Once the clock was set back, what waits for a time that was written before comes nearer, nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from kamflow.models.message import MessageState, MessageStep, StoredMessage
from kamflow.store import clock_set
from kamflow.store import engine as db
from kamflow.store.clock_set import BETWEEN_MACHINES
from kamflow.store.new_messages import NewMessage, add
from tests.conftest import NOW

LEASE, SECOND, MINUTE = timedelta(seconds=120), timedelta(seconds=1), timedelta(minutes=1)
BACK = timedelta(hours=1)
BEFORE = NOW + BACK  # what the clock said until it was set back


def put(engine: Engine, key: str, at: datetime, **values: Any) -> None:
    with db.write(engine) as session:
        number = add(session, NewMessage(key, "alert", "email", "alert", {}), at)
        row = session.get(StoredMessage, number)
        assert row is not None
        row.sqlmodel_update(values)


def back(engine: Engine) -> bool:
    with db.read(engine) as session:
        return clock_set.back(session, NOW, LEASE)


def mend(engine: Engine) -> int:
    with db.write(engine) as session:
        return clock_set.mend(session, NOW, LEASE)


def column(engine: Engine, name: str) -> dict[str, Any]:
    with db.read(engine) as session:
        return {each.key: getattr(each, name) for each in session.execute(select(StoredMessage)).scalars()}


@pytest.mark.parametrize("state", [MessageState.RETRYING, MessageState.AMBIGUOUS])
def test_what_was_to_be_tried_again_is_tried_as_much_sooner(engine: Engine, state: MessageState) -> None:
    put(engine, "later", NOW - BACK, state=state, due_at=BEFORE + MINUTE)
    put(engine, "overdue", NOW - BACK, state=state, due_at=BEFORE - MINUTE)
    assert not back(engine)
    put(engine, "sent", BEFORE, state=MessageState.SENT)
    assert back(engine)

    assert mend(engine) == 2
    assert column(engine, "due_at") == {"later": NOW + MINUTE, "overdue": NOW, "sent": BEFORE}
    assert column(engine, "state") == {"later": state, "overdue": state, "sent": MessageState.SENT}
    with db.read(engine) as session:
        steps = session.execute(select(MessageStep).where(MessageStep.cause == clock_set.CAUSE)).scalars()
        assert [(each.at, each.state) for each in steps] == [(NOW, state)] * 2
    assert not back(engine)  # and so it does not come nearer each time
    assert mend(engine) == 0


def test_what_was_made_meanwhile_comes_nearer_and_what_was_planned_long_ago_does_not(engine: Engine) -> None:
    put(engine, "planned", NOW - BACK, due_at=BEFORE)
    put(engine, "due", NOW - BACK, state=MessageState.RETRYING, due_at=NOW)
    put(engine, "ended", BEFORE, state=MessageState.SENT, due_at=BEFORE)
    put(engine, "made", BEFORE)

    assert mend(engine) == 1
    assert column(engine, "due_at") == {"planned": BEFORE, "due": NOW, "ended": BEFORE, "made": NOW}


def test_two_machines_may_differ_a_little(engine: Engine) -> None:
    put(engine, "a", NOW + BETWEEN_MACHINES, state=MessageState.RETRYING, due_at=NOW + 2 * MINUTE)
    assert not back(engine)

    put(engine, "b", NOW + BETWEEN_MACHINES + SECOND, state=MessageState.RETRYING, due_at=NOW + 2 * MINUTE)
    assert back(engine)


def test_a_lease_that_lasts_too_long_is_shortened_and_no_other(engine: Engine) -> None:
    longest = NOW + 2 * LEASE + BETWEEN_MACHINES  # of one who has just begun elsewhere, and prolonged it
    put(engine, "held", NOW, state=MessageState.SENDING, leased_until=longest)
    assert not back(engine)

    put(engine, "too long", NOW, state=MessageState.SENDING, leased_until=longest + SECOND)
    assert back(engine)
    assert mend(engine) == 0
    assert column(engine, "leased_until") == {"held": longest, "too long": NOW + LEASE}
    assert not back(engine)
