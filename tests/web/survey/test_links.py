"""What is no link of ours: guessed, altered, revoked; and what the public listener serves at all."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine
from structlog.testing import capture_logs

from kamflow.models.message import StoredMessage
from kamflow.models.survey import SurveyInvitation
from kamflow.web import public
from kamflow.web.limits import Limits
from tests.surveyed import Surveyed
from tests.web.browser import Browser
from tests.web.survey.conftest import Asking


@pytest.fixture
def asking(sqlite_engine: Engine) -> Asking:
    return Asking(Surveyed(sqlite_engine))


def test_the_public_listener_serves_surveys_and_assets_and_nothing_else(asking: Asking) -> None:
    routes = {
        (context.path, *sorted(context.methods or ()))
        for context in iter_route_contexts(public.app(asking.site).routes)
    }

    assert routes == {
        ("/assets/{version}/{name}", "GET"),
        ("/assets/{version}/{name}", "HEAD"),
        ("/s/{token}", "GET", "HEAD"),
        ("/s/{token}", "POST"),
        ("/s/{token}/thanks", "GET", "HEAD"),
        ("/s/{token}/no-more", "GET", "HEAD"),
        ("/s/{token}/no-more", "POST"),
    }


@pytest.mark.parametrize("part", ["", "/thanks", "/no-more"])
@pytest.mark.parametrize("cut", [slice(-1), slice(1, None), slice(None, None, -1)])
def test_an_altered_link_leads_nowhere(asking: Asking, browser: Browser, part: str, cut: slice) -> None:
    token = asking.link().removeprefix("/s/")[cut]

    assert browser.get(f"/s/{token}{part}").status_code == 404
    if part != "/thanks":
        assert browser.post(f"/s/{token}{part}", {"score": "1"}).status_code == 404
    assert (asking.answers(), asking.kruse().survey_consent) == ([], "given")


def test_a_link_is_revoked_by_a_new_version_even_before_the_new_one_is_sent(
    asking: Asking, browser: Browser
) -> None:
    old = asking.link()
    asking.world.change(asking.rows(SurveyInvitation)[0], version=2)

    assert browser.get(old).status_code == 404
    new = asking.sent(1, version=2)
    assert (browser.get(old).status_code, browser.get(new).status_code) == (404, 200)


def test_who_guesses_has_to_wait_but_right_links_go_on_working(asking: Asking, browser: Browser) -> None:
    right = asking.link()
    with capture_logs() as logs:
        answers = [browser.get(f"/s/{number:043}") for number in range(25)]

    assert [{key: each[key] for key in ("event", "purpose")} for each in logs] == [
        {"event": "link.refused", "purpose": "survey"}
    ] * 20
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 5
    assert answers[-1].headers["retry-after"] == "600"
    assert browser.get(right).status_code == 200
    assert asking.outside(client="198.51.100.9").get("/s/nothing").status_code == 404


def test_guessing_is_told_to_operations_once_an_hour_without_token_or_address(asking: Asking) -> None:
    told: list[int] = []
    for hours in (0, 0.9, 1.1):
        asking.now += timedelta(hours=hours)
        asking.site = replace(asking.site, limits=Limits())  # another process, which has seen nothing yet
        browser = asking.outside()
        for number in range(22):
            browser.get(f"/s/{number:043}")
        told.append(len(asking.events("survey.guessed")))

    assert told == [1, 1, 2]
    first = asking.rows(StoredMessage)[0]
    assert (first.kind, first.template, first.facts) == ("alert", "survey_guessed", {"day": "2026-07-09"})
    assert asking.events("survey.guessed")[0].payload == {}


@pytest.mark.slow
def test_ten_thousand_guesses_find_nothing_and_are_slowed_down(asking: Asking) -> None:
    """Nine tenths from one address, the others from a hundred that try ten times each."""
    asking.link()
    app, seen = public.app(asking.site), Counter[tuple[str, int]]()

    async def guess() -> None:
        for number in range(10_000):
            one = number % 10 > 0
            client = "192.0.2.7" if one else f"10.0.0.{number // 10 % 100}"
            seen["one" if one else "many", await _status(app, f"/s/{number:043}", client)] += 1

    asyncio.run(guess())

    assert seen == {("one", 404): 20, ("one", 429): 8_980, ("many", 404): 1_000}
    assert len(asking.events("survey.guessed")) == 1


async def _status(app: Any, path: str, client: str) -> int:
    """Ask without a browser around it: ten thousand of these would take minutes."""
    found: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    place = {"path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "scheme": "https"}
    scope = {
        "type": "http",
        "method": "GET",
        "http_version": "1.1",
        "headers": [],
        "client": (client, 1),
        **place,
    }
    await app(scope, receive, send)
    return found[0]
