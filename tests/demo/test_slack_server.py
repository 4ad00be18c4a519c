import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from kamflow.demo.slack.faults import in_turn
from kamflow.demo.slack.server import TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackError, SlackUser
from tests.flows.prefect_api import eventually

WITT = SlackUser("U1", "witt@example.com", "Jürgen Witt")
GONE = SlackUser("U2", "gone@example.com", "Gone", deleted=True)
METADATA = {"event_type": "kamflow_message", "event_payload": {"message_id": "<m1@kamflow>"}}


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer([WITT, GONE], channels=["C1"])
    with running_slack(server):
        yield server


def client(server: SlackServer, token: str | None = TOKEN) -> WebClient:
    return WebClient(token, base_url=server.url, retry_handlers=[])


def error_of(server: SlackServer, method: str, **payload: Any) -> str:
    with pytest.raises(SlackApiError) as raised:
        client(server).api_call(method, json=payload)
    return raised.value.response["error"]


def raw(
    server: SlackServer, path: str, body: bytes, content_type: str, seconds: float = 60
) -> dict[str, Any]:
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {TOKEN}"}
    request = urllib.request.Request(server.url + path, body, headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def test_a_person_is_found_by_address_and_gets_a_message(slack: SlackServer):
    api = client(slack)
    user = api.users_lookupByEmail(email="Witt@Example.com")["user"]
    channel = api.conversations_open(users=user["id"])["channel"]["id"]

    answer = api.chat_postMessage(channel=channel, text="Two are due", metadata=METADATA)

    (post,) = slack.to("witt@example.com")
    assert (post.channel, post.ts, post.text) == (channel, answer["ts"], "Two are due")
    assert post.message_id == "<m1@kamflow>"


def test_the_token_is_who_the_app_is(slack: SlackServer):
    assert client(slack).auth_test()["user_id"] == "U0BOT"


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-other", "invalid_auth")])
def test_without_the_right_token_nothing_works(slack: SlackServer, token: str | None, error: str):
    with pytest.raises(SlackApiError) as raised:
        client(slack, token).auth_test()

    assert raised.value.response["error"] == error


@pytest.mark.parametrize(
    ("method", "payload", "error"),
    [
        ("users.lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
        ("users.lookupByEmail", {"email": "gone@example.com"}, "users_not_found"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("conversations.open", {"users": "U9"}, "user_not_found"),
        ("conversations.open", {"users": "U2"}, "user_disabled"),
        ("conversations.open", {}, "invalid_arguments"),
        ("conversations.history", {"channel": "C9"}, "channel_not_found"),
        ("conversations.history", {"channel": "C1", "limit": 1000}, "invalid_limit"),
        ("conversations.history", {"channel": "C1", "cursor": "x"}, "invalid_cursor"),
        ("chat.postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "U1"}, "no_text"),
        ("chat.postMessage", {"channel": "U1", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "U1", "blocks": "x"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "U1", "blocks": [{"type": "x"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "U1", "text": "x", "metadata": "x"}, "invalid_metadata_format"),
        (
            "chat.postMessage",
            {"channel": "U1", "text": "x", "metadata": {"event_type": "x"}},
            "invalid_metadata_schema",
        ),
        ("chat.update", {"channel": "U1", "text": "x", "ts": "1.0"}, "message_not_found"),
        ("chat.delete", {}, "unknown_method"),
    ],
)
def test_it_refuses_in_slacks_own_words(slack: SlackServer, method: str, payload: dict[str, Any], error: str):
    assert error_of(slack, method, **payload) == error


def test_a_channel_the_app_has_left_takes_no_post(slack: SlackServer):
    slack.workspace.conversations["C1"].member = False

    assert error_of(slack, "chat.postMessage", channel="C1", text="x") == "not_in_channel"


def test_wrong_blocks_are_named_with_their_place(slack: SlackServer):
    with pytest.raises(SlackApiError) as raised:
        client(slack).chat_postMessage(channel="U1", text="x", blocks=[{"type": "section"}])

    messages = raised.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: text [json-pointer:/blocks/0]"]


def test_a_form_is_as_good_as_json(slack: SlackServer):
    blocks = [{"type": "divider"}]
    client(slack).api_call(
        "chat.postMessage", data={"channel": "U1", "text": "x", "blocks": json.dumps(blocks)}
    )

    assert slack.posts[0].blocks == blocks


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"channel=U1&blocks=[", "application/x-www-form-urlencoded", "invalid_blocks_format"),
    ],
)
def test_what_it_cannot_read_it_says(slack: SlackServer, body: bytes, content_type: str, error: str):
    assert raw(slack, "chat.postMessage", body, content_type)["error"] == error


def test_the_history_shows_newest_first_page_by_page(slack: SlackServer):
    api = client(slack)
    for number in range(5):
        api.chat_postMessage(channel="U1", text=str(number), metadata=METADATA)

    pages = [page.get("messages", []) for page in api.conversations_history(channel="U1", limit=2)]

    assert [[message["text"] for message in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]
    assert "metadata" not in pages[0][0]
    newest = api.conversations_history(channel="U1", limit=1, include_all_metadata=True).get("messages", [])
    assert newest[0]["metadata"] == METADATA


def test_the_history_can_be_cut_by_time(slack: SlackServer):
    api = client(slack)
    first, second, third = (api.chat_postMessage(channel="U1", text=text)["ts"] for text in "abc")

    found = api.conversations_history(channel="U1", oldest=first, latest=third).get("messages", [])

    assert [message["ts"] for message in found] == [second]


def test_an_update_changes_the_message_in_place(slack: SlackServer):
    api = client(slack)
    posted = api.chat_postMessage(channel="U1", text="Due", metadata=METADATA)

    api.chat_update(channel=posted["channel"], ts=posted["ts"], text="Done")

    (post,) = slack.posts
    assert (post.text, post.edited, post.message_id) == ("Done", True, "<m1@kamflow>")


def test_one_post_a_second_into_one_conversation():
    seconds = [0.0]
    server = SlackServer([WITT], channels=["C1"], enforce_limits=True, clock=lambda: seconds[0])
    with running_slack(server):
        client(server).chat_postMessage(channel="U1", text="first")
        client(server).chat_postMessage(channel="C1", text="elsewhere")
        with pytest.raises(SlackApiError) as raised:
            client(server).chat_postMessage(channel="U1", text="too soon")
        seconds[0] = 1.0
        client(server).chat_postMessage(channel="U1", text="second")

    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["retry-after"] == "1"
    assert [post.text for post in server.posts] == ["first", "elsewhere", "second"]


def test_so_many_calls_of_a_method_a_minute():
    seconds = [0.0]
    server = SlackServer([WITT], enforce_limits=True, clock=lambda: seconds[0])
    with running_slack(server):
        for _ in range(50):
            client(server).users_lookupByEmail(email=WITT.email)
        client(server).conversations_open(users="U1")
        seconds[0] = 17.5
        with pytest.raises(SlackApiError) as raised:
            client(server).users_lookupByEmail(email=WITT.email)
        seconds[0] = 60.0
        assert client(server).users_lookupByEmail(email=WITT.email)["ok"]

    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["retry-after"] == "43"


def test_posts_are_dated_by_the_clock_it_is_given():
    server = SlackServer([WITT], now=lambda: datetime(2026, 9, 9, tzinfo=UTC))
    with running_slack(server):
        stamps = [client(server).chat_postMessage(channel="U1", text="x")["ts"] for _ in range(2)]

    assert stamps == ["1788912000.000000", "1788912000.000001"]


def test_an_archived_channel_takes_no_post(slack: SlackServer):
    slack.workspace.conversations["C1"].archived = True

    assert error_of(slack, "chat.postMessage", channel="C1", text="x") == "is_archived"


def test_faults_come_one_after_the_other_where_they_fit(slack: SlackServer):
    slack.rule = in_turn(["users_not_found", None, "internal_error after posting"])

    assert error_of(slack, "users.lookupByEmail", email=WITT.email) == "users_not_found"
    assert client(slack).users_lookupByEmail(email=WITT.email)["ok"]
    assert client(slack).conversations_open(users="U1")["ok"]
    assert error_of(slack, "chat.postMessage", channel="U1", text="x") == "internal_error"
    assert client(slack).chat_postMessage(channel="U1", text="y")["ok"]
    assert [post.text for post in slack.posts] == ["x", "y"]


def test_a_rule_answers_in_slacks_place(slack: SlackServer):
    slack.rule = lambda method, payload: SlackError("account_inactive") if method == "auth.test" else None

    assert error_of(slack, "auth.test") == "account_inactive"
    assert client(slack).users_info(user="U1")["ok"]


def test_a_rule_may_show_an_error_page(slack: SlackServer):
    slack.rule = lambda *_: web.Response(status=503, text="<html>", content_type="text/html")

    with pytest.raises(urllib.error.HTTPError):
        raw(slack, "auth.test", b"", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("fault", "posted"), [("drop", 0), ("drop answer", 1), ("hang", 0), ("hang answer", 1)]
)
def test_an_answer_is_lost_before_or_after_the_post(slack: SlackServer, fault: Any, posted: int):
    slack.rule = lambda *_: fault
    body = json.dumps({"channel": "U1", "text": "x"}).encode()

    with pytest.raises(OSError):  # noqa: PT011 - what urllib makes of it differs
        raw(slack, "chat.postMessage", body, "application/json", seconds=0.1)

    eventually(f"{posted} are posted", lambda: len(slack.posts) == posted)
