"""No name, address or text of anybody in an address or a log, whatever page is opened or form is sent."""

import logging
import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine

from kamflow.web import internal, public
from tests.surveyed import Surveyed
from tests.web.browser import Browser
from tests.web.conftest import Visited
from tests.web.nudge_links.conftest import Linked
from tests.web.survey.conftest import Asking
from tests.world import World

NAMES = ("witt", "kruse", "albers", "berg", "paul", "knut", "muster", "einkäufer", "geheim")
ADDRESS = re.compile(r'(?:href|action|src|formaction|content)="([^"]*)"')
SKIPPED = re.compile(r"^(?:data:|mailto:|#|width=|noindex|light dark)")
FORMS = {
    "/sign-in": {"email": "witt@example.com", "next": "/accounts?x=Muster"},
    "/accounts": {"term": "Muster Geheim"},
    "/log": {"kind": "visit", "day": "2026-09-04", "comment": "Geheim Witt", "contacts": "1", "persons": "1"},
}


class Crawl:
    """Follows every link it finds, and keeps every address it sees."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.seen: dict[str, int] = {}
        self.addresses: set[str] = set()
        self.said = ""

    def follow(self, *paths: str) -> "Crawl":
        pending = list(paths)
        while pending and len(self.seen) < 150:
            path = pending.pop(0)
            if path in self.seen or not path.startswith("/"):
                continue
            answer = self._browser.get(path)
            self._browser.head(path)
            self.seen[path] = answer.status_code
            pending += self.note(answer)
        return self

    def send(self, path: str, form: dict[str, str]) -> None:
        self.note(self._browser.post(path, form))

    def note(self, answer: Any) -> list[str]:
        """Keep what an answer says and leads to; the ways on."""
        page = answer.text if "html" in answer.headers.get("content-type", "") else ""
        self.said += page.lower()
        found = [unescape(each) for each in ADDRESS.findall(page) if not SKIPPED.match(each)]
        found += [answer.headers["location"]] if "location" in answer.headers else []
        self.addresses.update(found)
        return [f"{urlsplit(each).path}?{urlsplit(each).query}".rstrip("?") for each in found]


def revealing(texts: Iterable[str]) -> list[str]:
    """What names somebody."""
    plain = (unquote_plus(unquote_plus(text)).lower() for text in texts)
    return [text for text in plain if any(name in text for name in NAMES)]


def _lines(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> list[str]:
    out = capsys.readouterr()
    # What the browser of the tests logs itself is not ours.
    ours = (each for each in caplog.records if not each.name.startswith("httpx"))
    return [*out.out.splitlines(), *out.err.splitlines(), *(each.getMessage() for each in ours)]


def test_our_own_pages_name_nobody_in_an_address_or_a_log(
    sqlite_engine: Engine, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    linked = Linked(Visited(World(sqlite_engine)))
    visited = linked.visited
    nudge = linked.shortfall()
    link = linked.link(nudge)
    crawl = Crawl(visited.signed_in(linked.people["witt"]))
    crawl.follow("/", "/list", "/log", "/plans", "/accounts", f"/n/{nudge.id}", link, link + "x")
    for path, form in FORMS.items():
        crawl.send(path, form)
    for act in ("contact", "snooze", "hand-over", "too-much", "nonsense"):
        crawl.send(f"{link}/{act}", {"contact": "1", "until": "2026-09-10", "to": "Kruse", "why": "Geheim"})

    assert {name for name in ("witt", "paul", "muster") if name in crawl.said} == {"witt", "paul", "muster"}
    assert 200 in crawl.seen.values()
    assert revealing(crawl.addresses) == []
    lines = _lines(capsys, caplog)
    assert revealing(lines) == []
    assert not [line for line in lines if link.rpartition("/")[2] in line]


def test_the_survey_names_nobody_in_an_address_or_a_log(
    sqlite_engine: Engine, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asking = Asking(Surveyed(sqlite_engine))
    path = asking.link()
    crawl = Crawl(asking.outside())
    crawl.follow(path, f"{path}/thanks", f"{path}/no-more", f"{path}x")
    crawl.send(path, {"score": "3", "comment": "Geheim: Witt"})
    crawl.send(f"{path}/no-more", {})

    assert "witt" in crawl.said
    ours = [each for each in crawl.addresses if "/datenschutz" not in each]
    assert revealing(ours) == []
    lines = _lines(capsys, caplog)
    assert revealing(lines) == []
    assert not [line for line in lines if path.rpartition("/")[2] in line]


@pytest.mark.parametrize("made", [internal.app, public.app], ids=["internal", "public"])
def test_an_address_holds_numbers_tokens_and_days_only(sqlite_engine: Engine, made: Any) -> None:
    visited = Visited(World(sqlite_engine))
    found = {
        name
        for route in iter_route_contexts(made(visited.site).routes)
        for name in re.findall(r"{(\w+)", route.path)
    }

    numbers = {"version", "account", "day", "nudge", "number", "message", "token"}
    assert found <= numbers | {"name", "act", "form", "flow"}  # words of ours
