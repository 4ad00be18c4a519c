import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from kamflow.demo.slack.faults import FAULTS, failing
from kamflow.demo.slack.outcome import Rule
from kamflow.demo.slack.server import SlackServer
from kamflow.demo.slack.workspace import SlackError, SlackUser
from kamflow.errors import Ambiguous, ConfigError, DeliveryError, Permanent, Temporary
from kamflow.outward import Way
from kamflow.settings import Slack
from notifications.channels.slack import SlackChannel
from notifications.channels.slack_pace import Pace
from notifications.channels.slack_people import CACHED_FOR, MISSED_FOR
from notifications.message import Receipt, SlackPost
from tests.conftest import FixedClock
from tests.notifications.channels.hourglass import in_no_time, now

WITT = SlackUser("U1", "witt@example.com", "Jürgen Witt")
BLOCKS = ({"type": "section", "text": {"type": "mrkdwn", "text": "*Muster AG* needs a contact"}},)
POST = SlackPost("Muster AG needs a contact", BLOCKS, "<m1@kamflow>", to_email="witt@example.com")

LOOK_UP, OPEN, POSTS = "users.lookupByEmail", "conversations.open", "chat.postMessage"

Act = Callable[[SlackChannel], Awaitable[Any]]
Play = Callable[..., Any]


@pytest.fixture
def play(clock: FixedClock) -> Play:
    """`play(server, act)`: run `act(channel)` against the server and give what it gave."""

    def run(server: SlackServer, act: Act, **settings: Any) -> Any:
        async def within() -> Any:
            await server.start()
            values = {"token": server.token, "api_url": server.url, "timeout": 5} | settings
            channel = SlackChannel(Slack(**values), clock, pace=Pace(clock=now))
            try:
                return await act(channel)
            finally:
                await channel.close()
                await server.stop()

        return in_no_time(within())

    return run


def on(method: str, outcome: Any, times: int = 1000) -> Rule:
    """A rule for one method, the first `times` times; a function is asked for its outcome each time."""
    left = [times]

    def rule(called: str, _: object) -> Any:
        if called != method or not left[0]:
            return None
        left[0] -= 1
        return outcome() if callable(outcome) else outcome

    return rule


def methods(server: SlackServer) -> list[str]:
    return [method for method, _ in server.calls]


def test_a_person_is_found_by_address_and_gets_the_post(play: Play):
    server = SlackServer([WITT])

    receipt = play(server, lambda channel: channel.send(POST))

    (post,) = server.posts
    assert receipt == Receipt("slack", "witt@example.com", f"D1/{post.ts}")
    assert (post.user, post.text, post.blocks) == (WITT, POST.text, list(BLOCKS))
    assert post.message_id == "<m1@kamflow>"


def test_links_in_a_post_are_not_unfolded(play: Play):
    server = SlackServer([WITT])
    play(server, lambda channel: channel.send(POST))

    _, payload = server.calls[-1]
    assert (payload["unfurl_links"], payload["unfurl_media"]) == (False, False)


def test_a_person_is_looked_up_once(play: Play):
    server = SlackServer([WITT])

    async def twice(channel: SlackChannel) -> None:
        await channel.send(POST)
        await channel.send(POST)

    play(server, twice)
    assert methods(server) == [
        "users.lookupByEmail",
        "conversations.open",
        "chat.postMessage",
        "chat.postMessage",
    ]


def test_after_half_a_day_a_person_is_looked_up_again(play: Play, clock: FixedClock):
    server = SlackServer([WITT])

    async def twice(channel: SlackChannel) -> None:
        await channel.send(POST)
        clock.at += CACHED_FOR
        await channel.send(POST)

    play(server, twice)
    assert methods(server).count("users.lookupByEmail") == 2


@pytest.mark.parametrize(
    ("slack_id", "called"), [("U1", ["conversations.open", "chat.postMessage"]), ("C1", ["chat.postMessage"])]
)
def test_a_known_id_needs_no_look_up(play: Play, slack_id: str, called: list[str]):
    server = SlackServer([WITT], channels=["C1"])
    post = SlackPost("Two flows failed", (), "<m2@kamflow>", slack_id=slack_id)

    assert play(server, lambda channel: channel.send(post)).address == slack_id
    assert methods(server) == called


def test_an_address_never_stands_in_a_url(play: Play):
    server = SlackServer([WITT])
    seen: list[str] = []
    handle = server._handle

    async def note(request: web.Request) -> web.StreamResponse:
        seen.append(str(request.url))
        return await handle(request)

    server._handle = note
    play(server, lambda channel: channel.send(POST))
    assert len(seen) == 3
    assert not any("witt" in url for url in seen)


OUTCOMES = [
    ("users_not_found", LOOK_UP, Permanent, "users_not_found"),
    ("user_not_found", OPEN, Permanent, "user_not_found"),
    ("user_disabled", OPEN, Permanent, "user_disabled"),
    ("account_inactive of the person", POSTS, Permanent, "account_inactive"),
    ("account_inactive of the person", OPEN, Permanent, "account_inactive"),
    ("channel_not_found", POSTS, Permanent, "channel_not_found"),
    ("not_in_channel", POSTS, Permanent, "not_in_channel"),
    ("is_archived", POSTS, Permanent, "is_archived"),
    ("invalid_blocks", POSTS, Permanent, "invalid_blocks"),
    ("msg_too_long", POSTS, Permanent, "msg_too_long"),
    ("msg_blocks_too_long", POSTS, Permanent, "msg_blocks_too_long"),
    ("account_inactive", POSTS, Temporary, "slack-auth"),
    ("invalid_auth", POSTS, Temporary, "slack-auth"),
    ("token_revoked", POSTS, Temporary, "slack-auth"),
    ("missing_scope", LOOK_UP, Temporary, "slack-auth"),
    ("ratelimited", POSTS, Temporary, "ratelimited"),
    ("ratelimited", OPEN, Temporary, "ratelimited"),
    ("rate_limited", POSTS, Temporary, "ratelimited"),
    ("429 of a proxy", POSTS, Temporary, "ratelimited"),
    ("ratelimited for long", LOOK_UP, Temporary, "ratelimited"),
    ("service_unavailable", POSTS, Temporary, "slack-failed"),
    ("internal_error", LOOK_UP, Temporary, "slack-failed"),
    ("internal_error", POSTS, Ambiguous, "lost-answer"),
    ("fatal_error", POSTS, Ambiguous, "lost-answer"),
    ("internal_error after posting", POSTS, Ambiguous, "lost-answer"),
    ("error page", LOOK_UP, Temporary, "slack-failed"),
    ("error page", POSTS, Ambiguous, "lost-answer"),
    ("error page after posting", POSTS, Ambiguous, "lost-answer"),
    ("page instead of an answer", POSTS, Ambiguous, "lost-answer"),
    ("text instead of an answer", POSTS, Ambiguous, "lost-answer"),
    ("broken answer", POSTS, Ambiguous, "lost-answer"),
    ("empty answer", POSTS, Ambiguous, "lost-answer"),
    ("list instead of an answer", OPEN, Temporary, "slack-failed"),
    ("list instead of an answer", POSTS, Ambiguous, "lost-answer"),
    ("lost call", LOOK_UP, Temporary, "slack-failed"),
    ("lost call", POSTS, Ambiguous, "lost-answer"),
    ("lost answer", POSTS, Ambiguous, "lost-answer"),
    ("hanging", OPEN, Temporary, "slack-failed"),
    ("hanging", POSTS, Ambiguous, "lost-answer"),
    ("hanging after posting", POSTS, Ambiguous, "lost-answer"),
]


@pytest.mark.parametrize(("fault", "method", "kind", "cause"), OUTCOMES)
def test_each_fault_has_its_outcome(
    play: Play, fault: str, method: str, kind: type[DeliveryError], cause: str
):
    server = SlackServer(
        [WITT], rule=failing(fault, methods={method, "auth.test"} & {*FAULTS[fault].methods})
    )

    with pytest.raises(DeliveryError) as raised:
        play(server, lambda channel: channel.send(POST))

    assert (type(raised.value), raised.value.cause) == (kind, cause)
    assert len(server.posts) == (FAULTS[fault].posted and method == POSTS)


def test_each_fault_that_slack_is_known_for_has_been_played():
    assert {fault for fault, *_ in OUTCOMES} == set(FAULTS)


def test_a_new_word_of_slacks_is_the_cause(play: Play):
    server = SlackServer([WITT], rule=on(POSTS, SlackError("a_new_error")))

    with pytest.raises(Permanent) as raised:
        play(server, lambda channel: channel.send(POST))
    assert raised.value.cause == "a_new_error"


@pytest.mark.parametrize("word", ["", "nobody\x00there", "x" * 100, "<html>gone</html>"])
def test_what_is_no_word_of_slacks_is_no_answer(play: Play, word: str):
    with pytest.raises(Ambiguous) as raised:
        play(SlackServer([WITT], rule=on(POSTS, SlackError(word))), lambda channel: channel.send(POST))
    assert raised.value.cause == "lost-answer"


def test_a_throttled_post_says_when_to_come_back(play: Play):
    server = SlackServer([WITT], rule=on("chat.postMessage", SlackError("ratelimited", retry_after=30)))

    with pytest.raises(Temporary) as raised:
        play(server, lambda channel: channel.send(POST))

    assert (raised.value.cause, raised.value.retry_after) == ("ratelimited", 30)
    assert methods(server).count("chat.postMessage") == 1


def test_wrong_blocks_are_named_with_their_place(play: Play):
    post = SlackPost("x", ({"type": "section"},), "<m1@kamflow>", to_email="witt@example.com")

    with pytest.raises(Permanent, match="missing required field: text"):
        play(SlackServer([WITT]), lambda channel: channel.send(post))


def test_a_slack_that_cannot_be_reached_has_posted_nothing(clock: FixedClock, unused_port: int):
    channel = SlackChannel(Slack(token="xoxb-1", api_url=f"http://127.0.0.1:{unused_port}/api/"), clock)
    post = SlackPost("x", (), "<m1@kamflow>", slack_id="C1")

    async def send() -> None:
        try:
            await channel.send(post)
        finally:
            await channel.close()

    with pytest.raises(Temporary) as raised:
        asyncio.run(send())
    assert raised.value.cause == "slack-unreachable"


def test_a_proxy_that_refuses_has_posted_nothing_and_is_not_named(clock: FixedClock):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Log in\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def send() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as proxy:
            port = proxy.sockets[0].getsockname()[1]
            way = Way(proxy=f"http://kam:secret@127.0.0.1:{port}")
            channel = SlackChannel(Slack(token="xoxb-1", api_url="https://slack.invalid/api/"), clock, way)
            try:
                await channel.send(replace(POST, slack_id="C1"))
            finally:
                await channel.close()

    with pytest.raises(Temporary, match=r"^the proxy refused: 407$") as raised:
        asyncio.run(send())
    assert raised.value.cause == "slack-unreachable"


def test_a_post_in_doubt_is_found_where_it_arrived(play: Play):
    server = SlackServer([WITT], rule=on("chat.postMessage", "drop answer", times=1))

    async def look_up(channel: SlackChannel) -> Receipt | None:
        with pytest.raises(Ambiguous):
            await channel.send(POST)
        return await channel.find(POST)

    assert play(server, look_up) == Receipt("slack", "witt@example.com", f"D1/{server.posts[0].ts}")


def test_a_post_in_doubt_is_not_found_where_it_never_arrived(play: Play):
    server = SlackServer([WITT], rule=on("chat.postMessage", "drop", times=1))

    async def look_up(channel: SlackChannel) -> Receipt | None:
        with pytest.raises(Ambiguous):
            await channel.send(POST)
        return await channel.find(POST)

    assert play(server, look_up) is None


def test_a_post_is_found_beyond_the_first_page(play: Play, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("notifications.channels.slack.HISTORY_PAGE", 2)
    server = SlackServer([WITT])

    async def look_up(channel: SlackChannel) -> Receipt | None:
        sent = await channel.send(POST)
        for number in range(5):
            await channel.send(SlackPost("x", (), f"<other{number}@kamflow>", to_email="witt@example.com"))
        return sent if sent == await channel.find(POST) else None

    assert play(server, look_up) is not None
    assert methods(server).count("conversations.history") == 3


def test_a_failed_look_up_is_no_answer(play: Play):
    server = SlackServer([WITT], rule=on("conversations.history", "drop"))

    with pytest.raises(Temporary):
        play(server, lambda channel: channel.find(POST))


def test_without_a_token_there_is_no_channel(clock: FixedClock):
    with pytest.raises(ConfigError, match="KAMFLOW_SLACK__TOKEN"):
        SlackChannel(Slack(), clock)


def test_a_proxy_from_the_environment_is_not_asked_about_this_machine(
    play: Play, monkeypatch: pytest.MonkeyPatch, unused_port: int
):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port}")
    server = SlackServer([WITT])

    play(server, lambda channel: channel.send(POST))
    assert len(server.posts) == 1


def test_who_is_not_there_is_asked_for_again_only_after_a_while(play: Play, clock: FixedClock):
    server = SlackServer()

    async def thrice(channel: SlackChannel) -> list[str]:
        causes = list[str]()
        for wait in (timedelta(), MISSED_FOR, timedelta()):
            with pytest.raises(Permanent) as raised:
                await channel.send(POST)
            causes.append(raised.value.cause)
            clock.at += wait
        server.workspace.users["U1"] = WITT
        clock.at += MISSED_FOR
        await channel.send(POST)
        return causes

    assert play(server, thrice) == ["users_not_found"] * 3
    assert methods(server) == [LOOK_UP, LOOK_UP, LOOK_UP, OPEN, POSTS]


def test_where_a_conversation_is_gone_the_person_is_looked_up_again(play: Play):
    server = SlackServer([WITT], rule=on(POSTS, SlackError("channel_not_found"), times=1))

    async def twice(channel: SlackChannel) -> None:
        with pytest.raises(Permanent):
            await channel.send(POST)
        await channel.send(POST)

    play(server, twice)
    assert methods(server) == [LOOK_UP, OPEN, POSTS] * 2


def test_a_post_that_slack_does_not_take_is_a_fault_of_ours_and_logged(play: Play):
    with capture_logs() as logs, pytest.raises(Permanent):
        play(SlackServer([WITT], rule=failing("msg_too_long")), lambda channel: channel.send(POST))

    assert logs == [
        {"event": "slack.post_refused", "method": POSTS, "cause": "msg_too_long", "log_level": "error"}
    ]


@pytest.mark.parametrize(("days", "found"), [(1, True), (3, False)])
def test_a_lost_post_is_looked_for_from_before_its_message_was_made(
    play: Play, clock: FixedClock, days: int, found: bool
):
    server = SlackServer([WITT], now=clock)
    post = replace(POST, since=clock() + timedelta(days=days))

    async def look_up(channel: SlackChannel) -> Receipt | None:
        await channel.send(post)
        return await channel.find(post)

    assert (play(server, look_up) is not None) == found


def test_a_look_up_that_finds_no_end_is_no_answer(play: Play, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("notifications.channels.slack.HISTORY_PAGE", 1)
    monkeypatch.setattr("notifications.channels.slack.HISTORY_PAGES", 2)

    async def look_up(channel: SlackChannel) -> None:
        for _ in range(3):
            await channel.send(POST)
        await channel.find(replace(POST, message_id="<another@kamflow>"))

    with pytest.raises(Temporary) as raised:
        play(SlackServer([WITT]), look_up)
    assert raised.value.cause == "history-too-long"
