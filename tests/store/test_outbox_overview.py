"""What the overview says of the outbox: piles, since when they wait, and what did not arrive why."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine

from kamflow.models.message import StoredMessage
from kamflow.store import engine as db
from kamflow.store import outbox_overview
from tests.conftest import NOW
from tests.world import World

_numbers = count(1)


def put(world: World, state: str, ago: float = 0, channel: str = "email", **more: Any) -> StoredMessage:
    at = NOW - timedelta(hours=ago)
    row = {"key": f"k{next(_numbers)}", "kind": "nudges", "template": "digest", "facts": {}}
    stamps = {"channel": channel, "state": state, "created_at": at, "due_at": at}
    return world.add(StoredMessage(**row | stamps | more))


def test_piles_say_since_when_the_first_one_should_have_gone(engine: Engine) -> None:
    world = World(engine)
    for state, hours in (("waiting", -2), ("retrying", 1), ("retrying", 3), ("sent", 9)):
        put(world, state, hours)
    put(world, "waiting", 2, "slack")
    with db.read(engine) as session:
        piles = outbox_overview.counts(session, NOW)

    assert [(each.channel, each.state, each.count, ago(each.oldest_due)) for each in piles] == [
        ("email", "waiting", 1, None),
        ("email", "sent", 1, None),
        ("email", "retrying", 2, 3),
        ("slack", "waiting", 1, 2),
    ]


def test_causes_leave_out_what_arrived_another_way_and_what_is_long_over(engine: Engine) -> None:
    world = World(engine)
    put(world, "failed", 24 * 8, cause="recipient-refused")
    put(world, "failed", 2, cause="recipient-refused")
    put(world, "failed", 5, cause="recipient-refused")
    by_mail = put(world, "failed", 1, "slack", cause="users_not_found")
    put(world, "sent", 1, instead_of_id=by_mail.id)
    in_vain = put(world, "failed", 1, "slack", cause="users_not_found")
    put(world, "failed", 1, instead_of_id=in_vain.id, cause="too-large")
    put(world, "retrying", 1, cause="connect-failed")
    with db.read(engine) as session:
        found = outbox_overview.causes(session, NOW)

    assert [(each.cause, each.state, each.count) for each in found] == [
        ("recipient-refused", "failed", 2),
        ("connect-failed", "retrying", 1),
        ("too-large", "failed", 1),
    ]
    assert (ago(found[0].first), ago(found[0].last)) == (5, 2)


def ago(at: datetime | None) -> float | None:
    return None if at is None else (NOW - at) / timedelta(hours=1)
