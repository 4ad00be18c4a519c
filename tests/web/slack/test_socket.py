"""Socket Mode holds: connections that go away, Slack that is busy or unwell."""

import asyncio
import copy
from collections.abc import Iterator
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientConnectionError, web
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from kamflow.demo.slack.workspace import SlackError
from kamflow.web.site import Site
from kamflow.web.slack import app, socket
from kamflow.web.slack.door import Door, web_client
from kamflow.web.slack.posts import Posts
from notifications.render.slack_actions import rows_in
from notifications.render.slack_said import as_text
from tests.web.slack.conftest import Office, listening, opened, run
from tests.world import World


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "FIRST_PAUSE", 0.01)
        patch.setattr(socket, "STEADY", 0.0)
        with opened(sqlite_template, tmp_path_factory.mktemp("office")) as made:
            yield made


def acts(office: Office) -> None:
    """A click is heard and done."""
    nudge = office.minutes()
    post = office.told(office.witt, nudge)
    run(office.server.connected())
    office.click(post, "done", office.witt)
    office.changed(post)
    assert office.now_is(nudge).closed_as == "done"


def test_a_new_connection_stands_before_the_old_one_is_closed(office: Office):
    alone = office.server.link.alone

    run(office.server.refresh())

    acts(office)
    assert office.server.link.alone == alone


def test_a_lost_connection_is_opened_again(office: Office):
    run(office.server.hang_up())

    acts(office)


def test_slack_that_refuses_a_connection_is_asked_again(office: Office):
    page = web.Response(status=502, text="<html>", content_type="text/html")
    refusals = iter([SlackError("internal_error"), page, "drop", SlackError("ratelimited", retry_after=0)])
    office.server.rule = lambda method, _: next(refusals, None) if method.startswith("apps.") else None

    run(office.server.hang_up())

    acts(office)
    assert next(refusals, None) is None
    office.server.rule = None


def test_what_cuts_every_connection_off_is_not_asked_again_and_again_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    pauses: list[float] = []

    class Cut(socket.Socket):
        async def _opened(self, session: Any) -> Any:
            return None  # whoever listens there hears nothing, at once

    async def paused(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise asyncio.CancelledError

    monkeypatch.setattr(socket, "STEADY", inf)
    monkeypatch.setattr(socket, "asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": paused}))
    monkeypatch.setattr(Cut, "_listen", lambda _self, _socket, leaving: set_at_once(leaving))
    with pytest.raises(asyncio.CancelledError):
        run(Cut(Door(office.site), "xapp").run())

    assert pauses == [0.01, 0.02, 0.04, 0.08]


async def set_at_once(leaving: asyncio.Event) -> None:
    leaving.set()


def test_where_not_even_the_apology_arrives_nothing_is_raised_that_bolt_would_log(office: Office):
    class Away(Door):
        async def answer(self, url: str | None, **more: Any) -> None:
            raise ClientConnectionError(url)

    async def fails() -> None:
        raise RuntimeError

    run(app._safely(Away(office.site), {"response_url": "https://hooks.slack.com/secret"}, fails()))


def test_a_post_that_slack_is_too_busy_to_change_is_changed_a_moment_later(office: Office):
    busy = iter([SlackError("ratelimited", retry_after=0)])
    office.server.rule = lambda method, _: next(busy, None) if method == "chat.update" else None

    acts(office)

    assert next(busy, None) is None
    office.server.rule = None


@pytest.mark.parametrize("fault", [SlackError("message_not_found"), "drop", "drop answer"])
def test_what_is_done_is_done_even_where_its_post_cannot_be_changed(office: Office, fault: Any):
    nudge = office.minutes()
    post, before = office.told(office.witt, nudge), len(office.server.whispers)
    office.server.rule = lambda method, _: fault if method == "chat.update" else None

    office.click(post, "done", office.witt)
    run(
        office.server.until(
            lambda: any(m == "chat.update" and p["ts"] == post.ts for m, p in office.server.calls)
        )
    )
    office.server.rule = None

    acts(office)
    assert office.now_is(nudge).closed_as == "done"
    assert office.server.whispers[before:] == []


def test_only_what_slack_is_too_busy_for_is_tried_again(office: Office):
    client = web_client(office.site.settings)

    assert [type(each) for each in client.retry_handlers] == [AsyncRateLimitErrorRetryHandler]


def test_without_an_app_token_nobody_listens(office: Office):
    slack = office.site.settings.slack.model_copy(update={"app_token": None})
    settings = office.site.settings.model_copy(update={"slack": slack})

    assert (
        run(socket.connect(Site(settings, office.site.policy, office.site.engine, office.site.now))) is None
    )


def test_a_token_of_the_wrong_kind_is_named_in_the_log(office: Office, capsys: pytest.CaptureFixture[str]):
    slack = office.site.settings.slack.model_copy(update={"app_token": office.site.settings.slack.token})
    settings = office.site.settings.model_copy(update={"slack": slack})
    wrong = Site(settings, World(office.site.engine).policy, office.site.engine, office.site.now)
    asked = len(office.server.calls)

    with listening(wrong):
        run(office.server.until(lambda: office.server.calls[asked:]))
        run(office.server.until(lambda: len(office.server.calls) > asked + 1))

    assert "not_allowed_token_type" in capsys.readouterr().out


def test_a_post_that_was_clicked_on_before_a_restart_is_looked_up(office: Office):
    nudge, other = office.minutes(), office.minutes()
    post = office.told(office.witt, nudge, other)

    async def after_a_restart() -> None:
        posts = Posts(web_client(office.site.settings))
        await posts.mark(post.channel, post.ts, nudge.id or 0, "Übergeben an Kruse")
        await posts.mark("D0NOBODY", post.ts, nudge.id or 0, "nowhere")

    run(after_a_restart())

    assert "✓ Übergeben an Kruse" in as_text(post.blocks)
    assert list(rows_in(post.blocks)) == [other.id]


def test_two_clicks_on_one_post_do_not_undo_each_other(office: Office):
    first, second = office.minutes(), office.minutes()
    post = office.told(office.witt, first, second)
    seen = copy.deepcopy(post)

    run(office.server.click(seen, "kamflow:done", "UWITT", block=f"n:{first.id}"))
    run(office.server.click(seen, "kamflow:done", "UWITT", block=f"n:{second.id}"))

    run(office.server.until(lambda: list(rows_in(post.blocks)) == []))
    assert as_text(post.blocks).count("✓ Erledigt von Witt") == 2
