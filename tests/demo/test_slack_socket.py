"""The made-up Slack speaks Socket Mode as the true one does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from kamflow.demo.slack.link import NotAcknowledged
from kamflow.demo.slack.server import APP_TOKEN, TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackUser

WITT = SlackUser("U1", "witt@example.com", "Jürgen Witt")
BUTTON = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Done"}, "value": "7"}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Log"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "day",
            "label": {"type": "plain_text", "text": "Day"},
            "element": {"type": "datepicker", "action_id": "day", "initial_date": "2026-09-07"},
        }
    ],
}


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    seconds = [0.0]
    server = SlackServer([WITT], clock=lambda: seconds[0])
    server.seconds = seconds
    with running_slack(server):
        yield server


def client(server: SlackServer, token: str = TOKEN) -> WebClient:
    return WebClient(token, base_url=server.url, retry_handlers=[])


def error_of(server: SlackServer, method: str, token: str = TOKEN, **payload: Any) -> Any:
    with pytest.raises(SlackApiError) as raised:
        client(server, token).api_call(method, json=payload)
    return raised.value.response


async def linked(server: SlackServer, doing: Callable[[Any], Awaitable[Any]]) -> Any:
    """Do something with an open WebSocket."""
    opened = await asyncio.to_thread(client(server, APP_TOKEN).api_call, "apps.connections.open")
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        return await doing(socket)


def test_only_an_app_token_opens_a_connection_and_it_opens_nothing_else(slack: SlackServer):
    assert error_of(slack, "apps.connections.open")["error"] == "not_allowed_token_type"
    assert error_of(slack, "auth.test", APP_TOKEN)["error"] == "not_allowed_token_type"


def test_a_connection_says_hello_and_a_ticket_is_good_once(slack: SlackServer):
    url = client(slack, APP_TOKEN).api_call("apps.connections.open")["url"]

    async def twice() -> tuple[Any, int]:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url) as socket:
                hello = await socket.receive_json()
            async with session.get(url) as again:
                return hello, again.status

    hello, status = asyncio.run(twice())
    assert (hello["type"], hello["num_connections"], status) == ("hello", 1, 403)


def test_what_is_not_acknowledged_is_told_again_and_then_given_up(slack: SlackServer):
    slack.link.ack_seconds = 0.02

    async def silent(socket: Any) -> list[Any]:
        with pytest.raises(NotAcknowledged):
            await slack.command("U1", "list")
        return [await socket.receive_json() for _ in range(4)]

    _, *envelopes = asyncio.run(linked(slack, silent))

    assert [each.get("retry_attempt") for each in envelopes] == [None, 1, 2]
    assert len({each["envelope_id"] for each in envelopes}) == 1
    assert envelopes[0]["payload"]["command"] == "/kam"


def test_an_acknowledgement_may_carry_the_answer(slack: SlackServer):
    async def answering(socket: Any) -> None:
        typing = asyncio.create_task(slack.command("U1", "list"))
        await socket.receive_json()
        envelope = await socket.receive_json()
        await socket.send_json(
            {"envelope_id": envelope["envelope_id"], "payload": {"text": "Nothing is open"}}
        )
        await typing

    asyncio.run(linked(slack, answering))

    assert [each.text for each in slack.whispers] == ["Nothing is open"]


def test_a_modal_shows_the_errors_it_is_answered_with_and_closes_without(slack: SlackServer):
    view = client(slack).views_open(trigger_id=slack.workspace.views.trigger("U1"), view=MODAL)["view"]
    shown = slack.workspace.views.known[view["id"]]

    async def answering(socket: Any) -> None:
        await socket.receive_json()
        for payload in ({"response_action": "errors", "errors": {"day": "past"}}, {}):
            sending = asyncio.create_task(slack.submit(shown, {"day": "2026-09-01"}))
            envelope = await socket.receive_json()
            held = envelope["payload"]["view"]["state"]["values"]["day"]["day"]
            assert held == {"type": "datepicker", "selected_date": "2026-09-01"}
            await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": payload})
            assert await sending == (payload.get("errors") or {})

    asyncio.run(linked(slack, answering))
    assert not shown.open


def test_a_trigger_opens_one_modal_within_three_seconds(slack: SlackServer):
    views = slack.workspace.views
    used, late = views.trigger("U1"), views.trigger("U1")
    client(slack).views_open(trigger_id=used, view=MODAL)
    slack.seconds[0] = 3.1

    errors = [error_of(slack, "views.open", trigger_id=each, view=MODAL)["error"] for each in (late, "x")]
    slack.seconds[0] = 0.0
    again = error_of(slack, "views.open", trigger_id=used, view=MODAL)["error"]

    assert [*errors, again] == ["expired_trigger_id", "invalid_trigger_id", "exchanged_trigger_id"]


def test_a_view_that_changed_meanwhile_is_not_overwritten(slack: SlackServer):
    view = client(slack).views_open(trigger_id=slack.workspace.views.trigger("U1"), view=MODAL)["view"]
    client(slack).views_update(view_id=view["id"], hash=view["hash"], view=MODAL)

    assert (
        error_of(slack, "views.update", view_id=view["id"], hash=view["hash"], view=MODAL)["error"]
        == "hash_conflict"
    )
    assert error_of(slack, "views.update", view_id="V9", view=MODAL)["error"] == "not_found"


def test_a_missing_permission_is_named(slack: SlackServer):
    slack.scopes = {"chat:write"}

    answer = error_of(slack, "users.info", user="U1")

    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "users:read",
        "chat:write",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": None}, "must be an object [json-pointer:/view/title]"),
        ({"title": {"type": "plain_text", "text": "x" * 25}}, "must be less than 25 characters"),
        (
            {"blocks": [{"type": "divider"}] * 101},
            "no more than 100 items allowed [json-pointer:/view/blocks]",
        ),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters"),
        ({"colour": "red"}, "invalid additional property: colour [json-pointer:/view]"),
        ({"type": "home"}, "must be one of: modal"),
    ],
)
def test_a_wrong_view_is_refused_with_its_place(slack: SlackServer, change: dict[str, Any], words: str):
    view = {**MODAL, **change}
    if change.get("type") == "home":
        view = {"type": "home", "blocks": []}

    answer = error_of(slack, "views.open", trigger_id=slack.workspace.views.trigger("U1"), view=view)

    assert answer["error"] == "invalid_arguments"
    assert any(words in each for each in answer["response_metadata"]["messages"])


def test_an_address_to_answer_at_can_be_used_five_times(slack: SlackServer):
    url = slack.reply_url("D1", "U1", None)

    async def say() -> list[int]:
        async with aiohttp.ClientSession() as session:
            return [(await session.post(url, json={"text": "x"})).status for _ in range(6)]

    assert asyncio.run(say()) == [200] * 5 + [404]
    assert len(slack.whispers) == 5


def test_slacks_own_client_understands_it(slack: SlackServer):
    heard: list[Any] = []

    async def talk() -> None:
        web = AsyncWebClient(TOKEN, base_url=slack.url)
        theirs = SocketModeClient(APP_TOKEN, web_client=web, ping_interval=60)

        async def listen(client: Any, request: SocketModeRequest) -> None:
            heard.append((request.type, request.payload["command"], request.payload["text"]))
            answer = SocketModeResponse(request.envelope_id, {"text": "Nothing is open"})
            await client.send_socket_mode_response(answer)

        theirs.socket_mode_request_listeners.append(listen)
        await theirs.connect()
        try:
            await slack.command("U1", "list")
        finally:
            await theirs.close()
            tasks = (theirs.message_processor, theirs.current_session_monitor, theirs.message_receiver)
            await asyncio.gather(*filter(None, tasks), return_exceptions=True)

    asyncio.run(talk())

    assert heard == [("slash_commands", "/kam", "list")]
    assert [each.text for each in slack.whispers] == ["Nothing is open"]
