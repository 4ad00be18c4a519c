"""What a dispatcher has in hand: no more than it soon sends, nothing twice, nothing that is another's."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from kamflow.models.message import MessageState
from kamflow.settings import Smtp
from kamflow.store import engine as db
from notifications import line, outbox
from notifications.claiming import Batch, Claims
from notifications.deliver import Delivered
from notifications.line import AHEAD, GIVEN_BACK_FOR
from notifications.message import Mail, SlackPost
from notifications.outbox import Mark
from notifications.prepare import Prepared
from notifications.unsent import Cancelled, Later
from tests.notifications import test_dispatcher as pipeline
from tests.notifications.test_dispatcher import House, in_states, on

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
house = pipeline.house
BATCH = 4


def one_connection(house: House, **more: Any) -> None:
    smtp = Smtp(**({"connections": 1} | more))
    house.settings = house.settings.model_copy(update={"smtp": smtp})


async def until(seen: Callable[[], bool]) -> None:
    while not seen():  # noqa: ASYNC110 - seen from outside
        await asyncio.sleep(0.001)


def once(act: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    begun: list[bool] = []

    async def acted() -> None:
        if not begun:
            begun.append(True)
            await act()

    return acted


def test_what_became_anothers_while_it_waited_for_its_turn_is_left_to_it(house: House) -> None:
    one_connection(house)
    house.put("m0", "m1")

    async def another_takes_over() -> None:
        await until(lambda: in_states(house) == {"sending": 2})
        lease = timedelta(seconds=house.settings.delivery.lease_seconds)
        house.clock.at += lease
        with db.write(house.engine) as session:
            outbox.free(session, outbox.holders(session), house.clock())
            claimed = outbox.claim(session, "another", house.clock(), lease, 2)
            marks = [Mark(each.id, MessageState.SENT) for each in claimed if each.key == "m1"]
            assert outbox.mark(session, "another", marks, house.clock())

    house.mail.answer = on("m0", another_takes_over)

    assert house.deliver(channel="email") == Delivered()  # what it sent itself was another's to write down
    assert house.mail.taken == ["m0"]


def test_what_is_in_hand_is_not_claimed_anew_however_the_clock_jumps(house: House) -> None:
    house.put("slow")

    async def jump() -> None:
        for number in range(3):
            house.clock.advance(days=1)
            house.put(f"m{number}")
            await house.mail.has(number + 1)

    house.mail.answer = on("slow", once(jump))

    assert house.deliver() == Delivered(sent=4)
    assert house.mail.taken == ["m0", "m1", "m2", "slow"]


def test_as_many_are_sent_at_once_as_there_are_connections(house: House) -> None:
    one_connection(house, connections=3)
    house.put("m0", "m1", "m2")

    async def answer(_: Mail | SlackPost) -> None:
        await until(lambda: house.mail.most["example.com"] == 3)

    house.mail.answer = answer

    assert house.deliver() == Delivered(sent=3)


def test_each_person_has_a_post_before_one_has_two(house: House) -> None:
    anna, ben = house.person("Anna"), house.person("Ben")
    house.put("a0", "a1", "a2", channel="slack", person=anna.id)
    house.put("b0", channel="slack", person=ben.id)

    assert house.deliver() == Delivered(sent=4)
    assert house.slack.taken[:2] == ["a0", "b0"]


def test_a_database_that_is_away_for_a_moment_does_not_end_a_run(house: House) -> None:
    house.put(*(f"m{number}" for number in range(20)))

    async def away() -> None:
        with pipeline.failing(house.engine, "mail_id=?", times=1) as left:
            await until(lambda: left == [0])

    house.mail.answer = on("m0", away)

    assert house.deliver(channel="email") == Delivered(sent=20)


@pytest.mark.parametrize(
    ("key", "cause", "more", "goes_on"),
    [
        ("urgent", "tls-refused", {"priority": outbox.URGENT}, True),
        ("put off", "deferred", {"priority": outbox.URGENT}, False),  # the channel is there
        ("normal", "tls-refused", {}, False),
    ],
)
def test_an_urgent_one_that_is_tried_on_a_channel_that_is_away_goes_by_the_other(
    house: House, key: str, cause: str, more: dict[str, Any], goes_on: bool
) -> None:
    pipeline.away(house)
    house.clock.advance(seconds=30)
    for row in house.messages():  # they wait longer
        house.change(row, due_at=house.clock() + timedelta(hours=1))
    house.put(key, person=house.person().id, **more)
    house.mail.answer = pipeline.refused(cause)

    assert house.deliver() == Delivered(sent=int(goes_on))
    assert house.slack.taken == ([f"{key}:slack"] if goes_on else [])
    tried = next(each for each in house.messages() if each.key == key)
    assert (tried.state, tried.cause) == ("failed" if goes_on else "retrying", cause)
    assert pipeline.ways(house)["email"].cause == (cause if cause == "tls-refused" else None)


def test_an_urgent_one_does_not_leave_a_channel_for_one_failure(house: House) -> None:
    house.put("urgent", person=house.person().id, priority=outbox.URGENT)
    house.mail.answer = pipeline.refused("connect-failed")

    assert house.deliver() == Delivered()
    assert house.states() == [("retrying", "connect-failed")]


def test_who_has_enough_ahead_claims_only_what_is_urgent(house: House) -> None:
    house.put(*(f"m{number}" for number in range(40)))
    enough = (AHEAD + 1) * BATCH  # two are being sent, and of what is ahead not all of a batch
    seen: list[int] = []

    async def look() -> None:
        await until(lambda: in_states(house)["sending"] >= enough)
        house.put("now", priority=outbox.URGENT)
        await until(lambda: house.messages()[-1].state == MessageState.SENDING)
        seen.append(in_states(house)["sending"])

    release = asyncio.Event()

    async def answer(_: Mail | SlackPost) -> None:
        await release.wait()

    async def run() -> Delivered:
        sending = asyncio.create_task(house.delivering(channel="email"))
        await look()
        release.set()
        return await sending

    house.mail.answer = answer

    assert asyncio.run(run()) == Delivered(sent=41)
    assert seen == [enough + 1]


def test_who_found_nothing_urgent_claims_the_rest_though_all_in_hand_was_sent_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(*(f"m{number}" for number in range(20)))
    looks, real = asyncio.Event(), Claims.next

    async def claims(self: Claims, channel: str, *, urgent: bool = False) -> Batch:
        if urgent:
            looks.set()
            await until(lambda: "sending" not in in_states(house))
        return await real(self, channel, urgent=urgent)

    async def answer(_: Mail | SlackPost) -> None:
        await looks.wait()

    monkeypatch.setattr(Claims, "next", claims)
    house.mail.answer = answer

    assert house.deliver(channel="email") == Delivered(sent=20)


def test_a_full_lane_gives_back_what_others_need_the_room_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "HELD_MOST", BATCH)
    house.put(*(f"t{number:02}" for number in range(20)), to="theirs.example")
    house.put("ours", due_at=house.clock() + timedelta(microseconds=1))
    house.clock.advance(seconds=1)
    house.mail.answer = on("t00", lambda: house.mail.has(1))

    assert house.deliver(channel="email").sent < 21
    assert house.mail.taken[0] == "ours"
    later = [each for each in house.messages() if each.state == MessageState.WAITING]
    assert {each.attempts for each in later} == {0}
    assert min(each.due_at for each in later) >= house.clock() + GIVEN_BACK_FOR
    monkeypatch.setattr(line, "HELD_MOST", 1000)
    house.clock.advance(hours=1)
    house.deliver(channel="email")
    assert (in_states(house), len(house.mail.taken)) == ({"sent": 21}, 21)


def test_what_cannot_go_the_other_way_after_all_waits_a_while_and_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.away(house)
    house.put("now", priority=outbox.URGENT, person=house.person().id)
    here = pipeline.Bare.__call__
    monkeypatch.setattr(
        pipeline.Bare,
        "__call__",
        lambda self, batch: [Prepared(each.message, each.outcome) for each in here(self, batch)],
    )

    assert house.deliver() == Delivered()
    now = house.messages()[-1]
    assert (now.state, now.attempts, now.due_at) == ("waiting", 0, house.clock() + GIVEN_BACK_FOR)
    house.mail.answer = None
    house.clock.advance(minutes=1)
    assert house.deliver() == Delivered(sent=7)


@pytest.mark.parametrize(("state", "attempts"), [("cancelled", 1), ("waiting", 0)])
def test_of_what_is_not_sent_nothing_stays_in_hand(
    house: House, monkeypatch: pytest.MonkeyPatch, state: str, attempts: int
) -> None:
    house.put(*(f"m{number}" for number in range(3 * BATCH)))
    later = Later(house.clock() + timedelta(days=1), "why")
    said = Cancelled("why") if state == "cancelled" else later
    monkeypatch.setattr(pipeline.Bare, "__call__", lambda _, batch: [Prepared(each, said) for each in batch])

    house.deliver()
    assert set(house.states()) == {(state, "why")}
    assert {each.attempts for each in house.messages()} == {attempts}
    assert {each.due_at for each in house.messages()} == {later.at if state == "waiting" else house.clock()}
