"""How Slack is called: what a failure leaves behind, what stands in a call, what is said in the log."""

import logging
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from kamflow.demo.slack.server import SlackServer
from kamflow.demo.slack.workspace import SlackError
from kamflow.errors import Permanent, Temporary
from kamflow.settings import Slack
from notifications.channels.slack import SlackChannel
from notifications.message import Receipt
from tests.conftest import FixedClock
from tests.notifications.channels import test_slack as slack
from tests.notifications.channels.test_slack import LOOK_UP, OPEN, POST, POSTS, WITT, Play, methods, on

play = slack.play


def test_whose_account_is_gone_is_not_known_while_slack_does_not_say(play: Play) -> None:
    def rule(method: str, _: object) -> SlackError | None:
        known = {POSTS: SlackError("account_inactive"), "auth.test": SlackError("ratelimited", retry_after=7)}
        return known.get(method)

    with pytest.raises(Temporary) as raised:
        play(SlackServer([WITT], rule=rule), lambda channel: channel.send(POST))
    assert (raised.value.cause, raised.value.retry_after) == ("ratelimited", 7)


@pytest.mark.parametrize("error", [aiohttp.ConnectionTimeoutError("slow"), aiohttp.InvalidURL("http://")])
def test_what_ends_before_there_is_a_connection_has_posted_nothing(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise error

    async def send() -> None:
        channel = SlackChannel(Slack.model_validate({"token": "xoxb-1"}), clock)
        try:
            await channel.send(replace(POST, slack_id="C1"))
        finally:
            await channel.close()

    monkeypatch.setattr(AsyncWebClient, "api_call", fails)
    with pytest.raises(Temporary) as raised:
        slack.in_no_time(send())
    assert raised.value.cause == "slack-unreachable"


def test_a_slack_that_cannot_be_connected_to_is_found_out_before_the_call_has_had_its_time(
    play: Play,
) -> None:
    async def story(channel: SlackChannel) -> aiohttp.ClientTimeout:
        await channel.send(POST)
        client = channel._calls._client
        assert client is not None
        assert client.session is not None
        return client.session.timeout

    # Else all that is known is that the call took too long: and then it may have been posted.
    timeout = play(SlackServer([WITT]), story)
    assert timeout.total is not None
    assert timeout.sock_connect is not None
    assert timeout.sock_connect < timeout.total


def test_what_only_reads_is_asked_with_a_form_for_slack_takes_no_other(play: Play) -> None:
    server = SlackServer([WITT])
    kinds = dict[str, str]()
    handle = server._handle

    async def note(request: web.Request) -> web.StreamResponse:
        kinds[request.match_info["method"]] = request.content_type
        return await handle(request)

    async def story(channel: SlackChannel) -> None:
        await channel.send(POST)
        await channel.find(POST)

    server._handle = note
    play(server, story)
    form, json = "application/x-www-form-urlencoded", "application/json"
    assert kinds == {LOOK_UP: form, OPEN: json, POSTS: json, "conversations.history": form}


def test_what_is_posted_stands_in_no_log(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("kamflow.slack_sdk").setLevel(logging.NOTSET)  # as if it were the first call
    play(SlackServer([WITT]), lambda channel: channel.send(POST))

    assert POST.text not in caplog.text


def test_a_channel_that_was_closed_connects_anew(play: Play) -> None:
    server = SlackServer([WITT])

    async def story(channel: SlackChannel) -> None:
        await channel.close()
        await channel.send(POST)
        await channel.close()
        await channel.close()
        await channel.send(POST)
        # The SDK would go on without a session of ours: with its own proxy, and without a time limit.
        session = getattr(channel._calls._client, "session", None)
        assert isinstance(session, aiohttp.ClientSession)
        assert not session.closed

    play(server, story)
    assert len(server.posts) == 2


def test_a_post_that_slack_does_not_take_says_nothing_about_its_reader(play: Play) -> None:
    server = SlackServer([WITT], rule=on(POSTS, SlackError("msg_too_long"), times=1))

    async def story(channel: SlackChannel) -> None:
        with pytest.raises(Permanent):
            await channel.send(POST)
        await channel.send(POST)

    play(server, story)
    assert methods(server) == [LOOK_UP, OPEN, POSTS, POSTS]


def test_what_takes_the_place_of_a_post_is_not_looked_for_but_done_again(play: Play) -> None:
    server = SlackServer([WITT])

    async def story(channel: SlackChannel) -> Receipt | None:
        return await channel.find(replace(POST, replaces="D1/1.5"))

    assert play(server, story) is None
    assert methods(server) == []


def test_among_what_others_wrote_a_post_is_found_and_theirs_is_not_ours(play: Play) -> None:
    server = SlackServer([WITT])
    payload = {"message_id": POST.message_id}

    async def story(channel: SlackChannel) -> tuple[Receipt, Receipt | None, Receipt | None]:
        sent = await channel.send(POST)
        place = server.workspace.conversation("D1")
        server.workspace.add(place, "thank you", [], None)
        server.workspace.add(place, "theirs", [], {"event_type": "of_another", "event_payload": payload})
        before = await channel.find(POST)
        server.workspace.posts.remove(server.posts[0])
        return sent, before, await channel.find(POST)

    sent, before, after = play(server, story)
    assert (before, after) == (sent, None)
