"""Slack as requests to our own pages: signed, fresh, or refused."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from kamflow.demo.slack import payloads
from kamflow.demo.slack.workspace import Post
from kamflow.models.nudge import StoredNudge
from kamflow.web import internal
from kamflow.web.guard import LARGEST
from kamflow.web.site import Site
from notifications.render import examples, slack
from tests.web.slack.conftest import Office, opened, user

SECRET = b"shh"


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(sqlite_template, tmp_path_factory.mktemp("office")) as made:
        yield made


def click(office: Office, post: Post, nudge: StoredNudge) -> bytes:
    """What Slack would send of a click on Done."""
    views, member = office.server.workspace.views, office.server.workspace.users[user(office.witt)]
    button = {"type": "button", "action_id": "kamflow:done", "value": str(nudge.id)}
    action = payloads.acted(button, f"n:{nudge.id}", None, f"1.{nudge.id}")
    url = office.server.reply_url(post.channel, member.id, post.ts)
    body = payloads.on_message(member, post, action, views.trigger(member.id), url)
    return urlencode({"payload": json.dumps(body)}).encode()


def send(
    office: Office,
    body: bytes,
    age: int = 0,
    secret: bytes = SECRET,
    at: str = "/slack/interactions",
    **headers: Any,
) -> httpx.Response:
    """One signed request; what it sets in motion is waited for."""
    stamp = str(int(office.now.timestamp()) - age)
    signature = hmac.new(secret, b"v0:%b:%b" % (stamp.encode(), body), hashlib.sha256).hexdigest()
    known = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signature}",
    }

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(office.listener, client=("192.0.2.9", 5))
        async with httpx.AsyncClient(transport=transport, base_url="https://kamflow.example.com") as client:
            answer = await client.post(at, content=body, headers=known | headers)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others)
        return answer

    return asyncio.run(post())


def test_a_signed_click_acts(office: Office):
    nudge = office.minutes()
    post = office.told(office.witt, nudge)

    answer = send(office, click(office, post, nudge))

    assert (answer.status_code, answer.text) == (200, "")
    assert "Erledigt von Witt" in office.changed(post)
    assert office.now_is(nudge).closed_as == "done"


@pytest.mark.parametrize(
    ("age", "secret", "headers"),
    [
        (0, b"guessed", {}),
        (600, SECRET, {}),
        (-600, SECRET, {}),
        (0, SECRET, {"x-slack-signature": ""}),
        (0, SECRET, {"x-slack-signature": "v0=ÄÖ"}),
        (0, SECRET, {"x-slack-request-timestamp": "now"}),
        (0, SECRET, {"x-slack-request-timestamp": "1788762601"}),
    ],
)
def test_a_forged_or_old_request_is_refused_logged_and_changes_nothing(
    office: Office, age: int, secret: bytes, headers: Any, capsys: pytest.CaptureFixture[str]
):
    nudge = office.minutes()
    post = office.told(office.witt, nudge)

    answer = send(
        office, click(office, post, nudge), age, secret, **{k: v.encode() for k, v in headers.items()}
    )

    assert answer.status_code == 401
    assert "slack.refused" in capsys.readouterr().out
    assert office.now_is(nudge).model_dump() == nudge.model_dump()


def test_slack_may_ask_whether_we_are_there(office: Office):
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "3eZbrw1a"}).encode()

    answer = send(office, body, at="/slack/events", **{"content-type": "application/json"})

    assert (answer.status_code, "3eZbrw1a" in answer.text) == (200, True)


def test_a_command_is_answered(office: Office):
    me, before = office.server.workspace.users[user(office.witt)], len(office.server.whispers)
    url = office.server.reply_url("DWITT", me.id, None)
    said = payloads.command(me, "/kam", "liste", "DWITT", office.server.workspace.views.trigger(me.id), url)

    answer = send(office, urlencode(said).encode(), at="/slack/commands")

    assert answer.status_code == 200
    assert "offen" in office.whispered(before)


def test_a_body_that_was_altered_is_refused(office: Office):
    nudge, other = office.minutes(), office.minutes()
    post = office.told(office.witt, nudge)
    body = click(office, post, nudge)
    signature = hmac.new(
        SECRET, b"v0:%d:%b" % (int(office.now.timestamp()), body), hashlib.sha256
    ).hexdigest()

    answer = send(office, click(office, post, other), **{"x-slack-signature": f"v0={signature}"})

    assert answer.status_code == 401
    assert office.now_is(other).closed_at is None


def test_who_sends_wrong_requests_again_and_again_has_to_wait(office: Office):
    nudge = office.minutes()
    body = click(office, office.told(office.witt, nudge), nudge)

    answers = [send(office, body, secret=b"x").status_code for _ in range(22)]

    assert answers[-1] == 429
    assert send(office, body).status_code == 200, "Slack itself waits for nobody's guesses"


def test_the_largest_post_of_ours_is_no_larger_than_a_request_may_be(office: Office):
    nudge = office.minutes()
    post = office.told(office.witt, nudge)
    made = slack.post(examples.VIEWS["digest", "longest"]("de"))
    post.text, post.blocks = made.text, list(made.blocks)

    assert len(click(office, post, nudge)) < LARGEST


def test_without_a_signing_secret_there_is_nothing_here(office: Office):
    known = office.site.settings.slack.model_copy(update={"signing_secret": None})
    settings = office.site.settings.model_copy(update={"slack": known})
    closed = internal.app(Site(settings, office.site.policy, office.site.engine, office.site.now))

    async def post() -> int:
        transport = httpx.ASGITransport(closed)
        async with httpx.AsyncClient(transport=transport, base_url="https://kamflow.example.com") as client:
            return (await client.post("/slack/commands", content=b"")).status_code

    assert asyncio.run(post()) == 404
