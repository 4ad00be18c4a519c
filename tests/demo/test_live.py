"""After the play people can act: what they do on a page, in Slack or in the survey is followed at once."""

import asyncio
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from re import findall
from time import monotonic, sleep

import httpx
import pytest

from kamflow.demo.acting import acting
from kamflow.demo.current import Current
from kamflow.demo.diary import Diary
from kamflow.demo.live import addresses, live
from kamflow.demo.page import page
from kamflow.demo.play import FIRST, decide_and_tell
from kamflow.demo.stage import Stage, staged

SECONDS = 60
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The first morning of a small company, after which people may act."""
    with staged(8, None, FIRST, addresses()) as made:
        decide_and_tell(made, FIRST)
        with live(made):
            yield made


def mails(stage: Stage) -> list[str]:
    found = []
    for caught in stage.catcher.messages:
        body = message_from_bytes(caught.raw, policy=default).get_body(("plain",))
        found.append(body.get_content() if body else "")
    return found


def until(found: object) -> None:
    """Wait for what follows; the machine may be busy."""
    end = monotonic() + SECONDS
    while not found():
        assert monotonic() < end, "nothing followed"
        sleep(0.1)


@pytest.mark.slow
def test_a_visitor_opens_the_pages_as_one_of_the_people(stage: Stage) -> None:
    answer = _posted(stage, "/enter/witt")

    entered = httpx.get(answer.headers["location"], timeout=SECONDS)
    assert "Jürgen Witt" in entered.text


@pytest.mark.slow
def test_a_link_in_a_mail_opens_the_page_of_its_reminder(stage: Stage) -> None:
    base = stage.home.settings.web.internal_url
    link = next(iter(findall(rf"{base}/a/\S+", "\n".join(mails(stage)))))

    assert httpx.get(link, timeout=SECONDS).status_code == 200


@pytest.mark.slow
def test_a_click_in_a_post_is_done_and_shown_in_the_post(stage: Stage) -> None:
    block, action = next(
        (each["block_id"], element["action_id"])
        for post in stage.slack.posts
        for each in post.blocks
        if each["type"] == "actions"
        for element in each["elements"]
        if element["action_id"] == "kamflow:done"
    )
    post = next(each for each in stage.slack.posts if block in str(each.blocks))

    assert _posted(stage, f"/click/{post.ts}/{block}/{action}").status_code == 303
    until(lambda: post.edited)


def _posted(stage: Stage, path: str) -> httpx.Response:
    app = page(Current(stage, Diary()), acting(stage))

    async def send() -> httpx.Response:
        here = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=here, base_url="http://127.0.0.1:8420") as client:
            return await client.post(path, headers=OWN)

    return asyncio.run(send())
