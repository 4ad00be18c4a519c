"""All 515 naughty strings on the page: shown as they are, and no tag, attribute or link more for it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from kamflow.demo.diary import Day, Diary
from kamflow.demo.page import page
from kamflow.demo.show import Deed, Line, Reader, Received, Show

AT = datetime(2026, 9, 7, 8, 30, tzinfo=UTC)


class Structure(HTMLParser):
    """Tags with the names of their attributes, links, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(strings: Sequence[str], channel: str) -> Structure:
    reader = Reader("witt", "Jürgen Witt", "KAM", "kam", channel, "daily", "de")
    for number, text in enumerate(strings):
        line = Line(text, "contacts", "opened", "open")
        block = {"type": "section", "text": {"type": "plain_text", "text": text}}
        post = (block,) if channel == "slack" else ()
        reader.received.append(Received(number, AT, channel, text, "daily", (line,), text=text, blocks=post))
        reader.deeds.append(Deed(AT, "held", account=text, contacts=(text,)))
    show = Show("Wendrath AG", (reader,), Diary([Day(date(2026, 9, 7), opened=1, told=1)]))
    return Structure(asyncio.run(fetched(show)))


async def fetched(show: Show) -> str:
    here = httpx.ASGITransport(page(lambda: show))
    async with httpx.AsyncClient(transport=here, base_url="http://127.0.0.1:8420") as client:
        answer = await client.get("/?person=witt&language=de")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("channel", ["email", "slack"])
def test_naughty_strings_are_text_on_the_page(channel: str, shared_data: Callable[[str], Path]) -> None:
    strings = json.loads(shared_data("nasty_blns/blns.json").read_text(encoding="utf-8"))
    strings = [text for text in strings if text.strip()]

    naughty, plain = shown(strings, channel), shown(["Muster AG"] * len(strings), channel)

    assert naughty.tags == plain.tags
    assert naughty.links == plain.links
    seen = squeezed(naughty.text)
    assert [text for text in strings if text.isprintable() and squeezed(text) not in seen] == []


def squeezed(text: str) -> str:
    return "".join(text.split())
