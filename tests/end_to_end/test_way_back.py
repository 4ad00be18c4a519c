"""A customer answers on the page; within seconds the KAM is told in Slack, and acts there."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kamflow.demo.slack.workspace import Post
from kamflow.models.event import Event, RelayBatch
from kamflow.models.message import StoredMessage
from kamflow.models.run import FlowRun
from notifications import links
from notifications.links import Signed
from notifications.render.slack_actions import ACT
from tests.end_to_end.whole_home import NOW, WholeHome, at_work
from tests.flows.prefect_api import eventually
from tests.notifications.render.conftest import FLAGS

pytestmark = pytest.mark.slow


def answered_in_a_browser(chromium: str, url: str) -> None:
    """Give a 2 in Debian's Chromium, as a customer would."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(url)
        page.locator("input[name=score][value='2']").check(force=True)
        page.locator("button").first.click()
        page.wait_for_url("**/thanks*")
        browser.close()


def page_of(chromium: str, url: str) -> str:
    """What a page says to who opens it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()
        page.goto(url)
        said = page.locator("main").inner_text()
        browser.close()
    return said


def in_slack(whole: WholeHome, doing: Any) -> Any:
    loop = whole.slack.loop
    assert loop is not None
    return asyncio.run_coroutine_threadsafe(doing, loop).result(30)


def first_post(whole: WholeHome) -> Post:
    return eventually("the KAM is told", whole.posts, 180)[0]


def test_a_detractor_answers_the_kam_is_told_at_once_and_one_click_closes_it(
    tmp_path: Path, chromium: str
) -> None:
    with at_work(tmp_path) as whole:
        answered_in_a_browser(chromium, whole.public + whole.links[0])

        post = first_post(whole)
        [nudge] = whole.nudges()
        assert (nudge.rule, nudge.step, nudge.urgency) == ("survey_dispatch", "answer", "now")
        assert "Muster 0 AG" in str(post.blocks)
        [answer] = [each for each in whole.rows(Event) if each.name == "survey.answered"]
        assert nudge.trace == f"event-{answer.id}"
        for model in (RelayBatch, FlowRun, StoredMessage):  # a catch-up may have been at work, too
            assert nudge.trace in [row.trace for row in whole.rows(model)], model
        in_slack(whole, whole.slack.click(post, f"{ACT}done", "U1"))
        closed = eventually("the nudge is closed", lambda: whole.nudges()[0].closed_as, 120)
        eventually("the post says so", lambda: post.edited, 120)

        said = Signed(whole.witt.id or 0, nudge.id or 0, NOW + timedelta(days=30))
        token = links.signed(links.secret(whole.settings), "nudge", said)
        shown = page_of(chromium, f"{whole.internal}/a/{token}?do=done")
        assert closed == "done"
        assert "erledigt" in shown
        stopped = {name: process.terminate() for name, process in whole.processes.items()}
        assert {name: whole.processes[name].wait(120) for name in stopped} == dict.fromkeys(stopped, 0)
        assert not [part for part in stopped if "Traceback" in whole.log(part)]
