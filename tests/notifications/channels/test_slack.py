import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from kamflow.demo.slack.server import Rule, SlackServer
from kamflow.demo.slack.workspace import SlackError, SlackUser
from kamflow.errors import Ambiguous, ConfigError, DeliveryError, Permanent, Temporary
from kamflow.settings import Slack
from notifications.channels.slack import CACHED_FOR, SlackChannel
from notifications.message import Receipt, SlackPost
from tests.conftest import FixedClock

WITT = SlackUser("U1", "witt@example.com", "Jürgen Witt")
BLOCKS = ({"type": "section", "text": {"type": "mrkdwn", "text": "*Muster AG* needs a contact"}},)
POST = SlackPost("Muster AG needs a contact", BLOCKS, "<m1@kamflow>", to_email="witt@example.com")

Act = Callable[[SlackChannel], Awaitable[Any]]
Play = Callable[..., Any]


@pytest.fixture
def play(clock: FixedClock) -> Play:
    """`play(server, act)`: run `act(channel)` against the server and give what it gave."""

    def run(server: SlackServer, act: Act, **settings: Any) -> Any:
        async def within() -> Any:
            await server.start()
            values = {"token": server.token, "api_url": server.url, "timeout": 5} | settings
            channel = SlackChannel(Slack(**values), clock)
            try:
                return await act(channel)
            finally:
                await channel.close()
                await server.stop()

        return asyncio.run(within())

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


@pytest.mark.parametrize(
    ("method", "error", "kind", "cause"),
    [
        ("users.lookupByEmail", "users_not_found", Permanent, "users_not_found"),
        ("conversations.open", "user_disabled", Permanent, "user_disabled"),
        ("chat.postMessage", "account_inactive", Permanent, "account_inactive"),
        ("chat.postMessage", "channel_not_found", Permanent, "channel_not_found"),
        ("chat.postMessage", "not_in_channel", Permanent, "not_in_channel"),
        ("chat.postMessage", "is_archived", Permanent, "is_archived"),
        ("chat.postMessage", "invalid_blocks", Permanent, "invalid_blocks"),
        ("chat.postMessage", "msg_too_long", Permanent, "msg_too_long"),
        ("chat.postMessage", "a_new_error", Permanent, "a_new_error"),
        ("chat.postMessage", "invalid_auth", Temporary, "slack-auth"),
        ("chat.postMessage", "token_revoked", Temporary, "slack-auth"),
        ("users.lookupByEmail", "missing_scope", Temporary, "slack-auth"),
        ("chat.postMessage", "service_unavailable", Temporary, "slack-failed"),
        ("users.lookupByEmail", "internal_error", Temporary, "slack-failed"),
        ("chat.postMessage", "internal_error", Ambiguous, "lost-answer"),
        ("chat.postMessage", "fatal_error", Ambiguous, "lost-answer"),
        ("chat.postMessage", "ratelimited", Temporary, "ratelimited"),
    ],
)
def test_each_refusal_has_its_outcome(
    play: Play, method: str, error: str, kind: type[DeliveryError], cause: str
):
    server = SlackServer([WITT], rule=on(method, SlackError(error)))

    with pytest.raises(kind) as raised:
        play(server, lambda channel: channel.send(POST))

    assert raised.value.cause == cause
    assert not server.posts


def test_a_throttled_post_says_when_to_come_back(play: Play):
    server = SlackServer([WITT], rule=on("chat.postMessage", SlackError("ratelimited", retry_after=30)))

    with pytest.raises(Temporary) as raised:
        play(server, lambda channel: channel.send(POST))

    assert (raised.value.cause, raised.value.retry_after) == ("ratelimited", 30)
    assert methods(server).count("chat.postMessage") == 1


def test_a_proxy_that_throttles_in_its_own_words_is_understood(play: Play):
    def page() -> web.Response:
        return web.Response(status=429, text="slow down", headers={"Retry-After": "soon"})

    with pytest.raises(Temporary) as raised:
        play(SlackServer([WITT], rule=on("chat.postMessage", page)), lambda channel: channel.send(POST))

    assert (raised.value.cause, raised.value.retry_after) == ("ratelimited", 1)


def test_wrong_blocks_are_named_with_their_place(play: Play):
    post = SlackPost("x", ({"type": "section"},), "<m1@kamflow>", to_email="witt@example.com")

    with pytest.raises(Permanent, match="missing required field: text"):
        play(SlackServer([WITT]), lambda channel: channel.send(post))


def outcomes(play: Play, outcome: Any) -> list[DeliveryError]:
    """What becomes of a post and of a look-up when Slack answers like that."""
    found: list[DeliveryError] = []
    for method in ("chat.postMessage", "users.lookupByEmail"):
        with pytest.raises(DeliveryError) as raised:
            play(SlackServer([WITT], rule=on(method, outcome)), lambda channel: channel.send(POST))
        found.append(raised.value)
    return found


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (502, "<h1>Sorry</h1>", "text/html"),
        (200, "<h1>Sorry</h1>", "text/html"),
        (200, "Sorry", "text/plain"),
        (200, "<h1>", "application/json"),
        (200, "[]", "application/json"),
        (200, '"x"', "application/json"),
        (200, "", "application/json"),
    ],
)
def test_a_page_that_is_not_slacks_leaves_the_post_in_doubt(play: Play, status: int, text: str, kind: str):
    post, look_up = outcomes(play, lambda: web.Response(status=status, text=text, content_type=kind))

    assert isinstance(post, Ambiguous)
    assert isinstance(look_up, Temporary)
    assert (post.cause, look_up.cause) == ("lost-answer", "slack-failed")


@pytest.mark.parametrize("fault", ["drop", "drop answer"])
def test_a_lost_answer_leaves_the_post_in_doubt(play: Play, fault: str):
    post, look_up = outcomes(play, fault)

    assert isinstance(post, Ambiguous)
    assert isinstance(look_up, Temporary)
    assert (post.cause, look_up.cause) == ("lost-answer", "slack-failed")


@pytest.mark.parametrize(
    ("method", "kind"), [("chat.postMessage", Ambiguous), ("conversations.open", Temporary)]
)
def test_a_hanging_slack_is_given_up(play: Play, method: str, kind: type[DeliveryError]):
    server = SlackServer([WITT], rule=on(method, "hang"))

    with pytest.raises(kind):
        play(server, lambda channel: channel.send(POST), timeout=0.1)


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
