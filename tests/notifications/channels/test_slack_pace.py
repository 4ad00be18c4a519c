import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from kamflow.demo.slack.limits import Limits as TheirLimits
from kamflow.demo.slack.server import SlackServer
from kamflow.demo.slack.workspace import SlackError, SlackUser
from kamflow.errors import Temporary
from kamflow.settings import Slack
from notifications.channels.slack import SlackChannel
from notifications.channels.slack_pace import AT_ONCE, LONGEST_HELD, Limits, Pace
from notifications.message import SlackPost
from tests.conftest import FixedClock
from tests.notifications.channels.hourglass import in_no_time, now

POST, LOOK_UP = "chat.postMessage", "users.lookupByEmail"
CALL = 0.2  # seconds until Slack answers


async def post(pace: Pace, conversation: str, theirs: TheirLimits) -> None:
    async with pace.turn(POST, conversation):
        await asyncio.sleep(CALL / 2)
        assert not theirs.call(POST, now())
        assert not theirs.post(conversation, now())
        await asyncio.sleep(CALL / 2)


@pytest.mark.parametrize("in_a_row", [True, False])
def test_posts_go_as_fast_as_slack_allows_and_no_faster(in_a_row: bool):
    pace, theirs = Pace(clock=now), TheirLimits()
    order = sorted(range(300), key=lambda number: number % 30 if in_a_row else number)

    async def all_of_them() -> float:
        await asyncio.gather(*(post(pace, f"D{number % 30}", theirs) for number in order))
        return now() - 1000.0

    # Ten to each, a second between an answer and the next call; two rounds of calls, as 16 go at once.
    assert in_no_time(all_of_them()) == pytest.approx(9 * (1.0 + CALL) + 2 * CALL)


def test_a_method_is_called_as_often_as_slack_allows():
    pace, theirs, begun = Pace(clock=now), TheirLimits(), list[float]()

    async def look_up() -> None:
        async with pace.turn(LOOK_UP):
            begun.append(now() - 1000.0)
            assert not theirs.call(LOOK_UP, now())
            await asyncio.sleep(CALL)

    async def all_of_them() -> None:
        await asyncio.gather(*(look_up() for _ in range(120)))

    in_no_time(all_of_them())
    assert Counter(int(at // 60) for at in begun) == {0: 50, 1: 50, 2: 20}


def test_only_so_many_calls_go_on_at_once():
    pace, most = Pace(clock=now), [0, 0]

    async def call() -> None:
        async with pace.turn("auth.test"):
            most[0] += 1
            most[1] = max(most)
            await asyncio.sleep(CALL)
            most[0] -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(call() for _ in range(3 * AT_ONCE)))

    in_no_time(all_of_them())
    assert most == [0, AT_ONCE]


def test_when_slack_asks_for_patience_every_call_waits():
    pace = Pace(clock=now)

    async def story() -> float:
        pace.pause(LONGEST_HELD)
        pace.pause(1)  # what was asked for first still counts
        async with AsyncExitStack() as turns:
            for method, conversation in ((POST, "D1"), (LOOK_UP, None), ("auth.test", None)):
                await turns.enter_async_context(pace.turn(method, conversation))
        return now() - 1000.0

    assert in_no_time(story()) == pytest.approx(LONGEST_HELD)


def test_more_patience_than_that_is_told_to_the_outbox_without_a_call():
    pace = Pace(clock=now)

    async def story() -> None:
        pace.pause(LONGEST_HELD + 1)
        async with pace.turn(POST, "D1"):
            pytest.fail("called")

    with pytest.raises(Temporary) as raised:
        in_no_time(story())
    assert (raised.value.cause, raised.value.retry_after) == ("ratelimited", pytest.approx(LONGEST_HELD + 1))


def test_who_is_told_of_patience_while_all_lines_are_busy_leaves_them_free():
    pace, refused = Pace(Limits(calls={}), clock=now), list[Temporary]()

    async def call() -> None:
        try:
            async with pace.turn("auth.test"):
                await asyncio.sleep(CALL)
                pace.pause(LONGEST_HELD + 1)
        except Temporary as error:
            refused.append(error)

    async def story() -> int:
        await asyncio.gather(*(call() for _ in range(2 * AT_ONCE)))
        await asyncio.sleep(LONGEST_HELD + 1)
        called = len(refused)
        async with AsyncExitStack() as turns:
            for _ in range(AT_ONCE):
                await turns.enter_async_context(pace.turn("auth.test"))
        return called

    # Where a line is kept for good nothing else ends the loop; its clock jumps there.
    assert in_no_time(asyncio.wait_for(story(), 1000)) == AT_ONCE


def test_a_call_that_fails_was_one_and_leaves_its_line_to_the_next():
    pace = Pace(Limits(calls={POST: AT_ONCE}, window=60.0, between=1.0), clock=now)

    async def fails(conversation: str) -> float:
        with pytest.raises(OSError, match="gone"):
            async with pace.turn(POST, conversation):
                raise OSError("gone")
        return now() - 1000.0

    async def story() -> list[float]:
        return [await fails(f"D{number % 2}") for number in range(AT_ONCE + 1)]

    # Two conversations with a second in each, and one more call only once the minute of the first is over.
    ended = in_no_time(asyncio.wait_for(story(), 1000))
    assert ended == pytest.approx([number // 2 for number in range(AT_ONCE)] + [60])


def test_the_next_call_begins_once_the_first_answer_is_as_old_as_the_window():
    pace = Pace(Limits(calls={LOOK_UP: 2}, window=60.0), clock=now)

    async def story() -> list[float]:
        begun = list[float]()
        for pause in (30, 10, 0):
            async with pace.turn(LOOK_UP):
                begun.append(now() - 1000.0)
            await asyncio.sleep(pause)
        return begun

    assert in_no_time(story()) == pytest.approx([0, 30, 60])


def test_who_gives_up_leaves_its_place_to_the_next():
    pace = Pace(Limits(calls={POST: 1}, window=1.0), clock=now)

    async def story() -> float:
        async with pace.turn(POST, "D1"):
            waits = asyncio.create_task(post(pace, "D1", TheirLimits()))
            await asyncio.sleep(0)
            waits.cancel()
        await asyncio.wait([waits])
        await post(pace, "D1", TheirLimits())
        return now() - 1000.0

    assert in_no_time(story()) == pytest.approx(1.0 + CALL)


PEOPLE = [SlackUser(f"U{number}", f"p{number}@example.com", f"P{number}") for number in range(6)]


@pytest.mark.parametrize("throttled", [False, True])
def test_against_a_slack_that_enforces_its_limits_no_call_is_refused(clock: FixedClock, throttled: bool):
    refused = list[str]()

    def rule(method: str, _: object) -> SlackError | None:
        if throttled and method == POST and not refused and server.posts:
            refused.append(method)
            return SlackError("ratelimited", retry_after=7)
        return None

    server = SlackServer(PEOPLE, enforce_limits=True, clock=now, rule=rule)

    async def send(channel: SlackChannel, number: int) -> None:
        out = SlackPost("Due", (), f"<m{number}@kamflow>", to_email=PEOPLE[number // 8].email)
        try:
            await channel.send(out)
        except Temporary:
            await channel.send(out)

    async def story() -> float:
        await server.start()
        settings = Slack.model_validate({"token": server.token, "api_url": server.url})
        channel = SlackChannel(settings, clock, pace=Pace(clock=now))
        try:
            await asyncio.gather(*(send(channel, number) for number in range(48)))
            return now() - 1000.0
        finally:
            await channel.close()
            await server.stop()

    seconds = in_no_time(story())
    assert sorted(str(each.message_id) for each in server.posts) == sorted(
        f"<m{n}@kamflow>" for n in range(48)
    )
    assert seconds == pytest.approx(7 + 7 * throttled, abs=1.1)
    assert Counter(method for method, _ in server.calls) == {
        LOOK_UP: 6, "conversations.open": 6, POST: 48 + throttled
    }  # fmt: skip
