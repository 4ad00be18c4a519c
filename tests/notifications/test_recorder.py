"""What became of messages is written down: once the database takes it, and as much of it as it takes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from kamflow.errors import Permanent, Temporary
from kamflow.settings import Smtp
from notifications import outbox
from notifications.deliver import Delivered
from notifications.message import Mail, SlackPost
from notifications.recorder import Desk
from tests.notifications import test_dispatcher as pipeline
from tests.notifications.test_dispatcher import House

house = pipeline.house
one_database = pipeline.one_database


def refusing(error: Exception, times: int) -> Callable[[Any], str]:
    """Work that a database refuses so many times."""
    refusals = [error] * times

    def work(_: Any) -> str:
        if refusals:
            raise refusals.pop()
        return "written"

    return work


def at_last(engine: Engine, work: Callable[[Any], str]) -> tuple[str, list[float]]:
    """What comes of it, and how long was waited each time."""
    pauses: list[float] = []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)

    async def write() -> str:
        return await Desk(engine).write_at_last(work, wait, "not_written", 1)

    return asyncio.run(write()), pauses


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError, InternalError, NoConnection])
def test_whatever_a_database_says_that_is_away_it_is_waited_for(sqlite_engine: Engine, kind: Any) -> None:
    error = kind("no connection") if kind is NoConnection else kind("UPDATE", {}, Exception("gone"))

    assert at_last(sqlite_engine, refusing(error, 6)) == ("written", [1, 2, 4, 8, 10, 10])


def test_what_a_database_will_never_take_is_not_tried_again(sqlite_engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        at_last(sqlite_engine, refusing(IntegrityError("UPDATE", {}, Exception("a key")), 1))


@one_database
def test_a_failure_now_and_then_does_not_make_a_channel_away(house: House) -> None:
    house.settings = house.settings.model_copy(update={"smtp": Smtp(connections=1)})
    house.put(*(f"m{number:02}" for number in range(20)))

    async def every_other(out: Mail | SlackPost) -> None:
        assert isinstance(out, Mail)
        if int(out.subject[1:]) % 2:
            raise Temporary("not now", cause="connect-failed")

    house.mail.answer = every_other

    assert house.deliver(channel="email") == Delivered(sent=10)
    assert [each.attempts for each in house.messages()] == [1] * 20
    assert pipeline.ways(house)["email"].opened_at is None


@one_database
def test_a_success_makes_up_for_the_failures_of_an_earlier_run(house: House) -> None:
    for key, cause in (("a", "connect-failed"), ("b", None), ("c", "connect-failed")):
        house.put(key)
        house.mail.answer = pipeline.refused(cause) if cause else None
        house.deliver()

    assert pipeline.ways(house)["email"].failures == 1


@one_database
def test_where_the_message_that_goes_instead_cannot_be_written_the_failure_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = outbox.by_other_channel
    unwritable = {"no json": object()}
    monkeypatch.setattr(outbox, "by_other_channel", lambda each: replace(real(each), facts=unwritable))
    house.put("a", person=house.person().id)

    async def refuse(_: Mail | SlackPost) -> None:
        raise Permanent("no such user", cause="recipient-refused")

    house.mail.answer = refuse

    assert house.deliver() == Delivered(failed=1)
    assert house.states() == [("failed", "recipient-refused")]
