"""The pages of operations in Debian's Chromium: they fit a phone, and what axe says of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from sqlalchemy import Engine

from tests.notifications.render.conftest import FLAGS
from tests.web.browser import Browser
from tests.web.conftest import INTERNAL
from tests.web.operations.conftest import operated

pytestmark = pytest.mark.slow
PATHS = (
    "/operations",
    "/operations/incidents",
    "/operations/flows/intake",
    "/operations/outbox",
    "/operations/outbox?channel=email&state=retrying&cause=login-refused",
    "/operations/outbox/1",
)


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


def answered_by(browser: Browser, pool: ThreadPoolExecutor) -> Any:
    """Let the app answer what Chromium asks for, without a socket."""

    def answer(route: Any) -> None:
        parts = urlsplit(route.request.url)
        said = pool.submit(browser.get, f"{parts.path}?{parts.query}".rstrip("?")).result()
        route.fulfill(status=said.status_code, headers=dict(said.headers), body=said.content)

    return answer


@pytest.mark.parametrize(
    ("state", "language", "scheme", "width"),
    [("troubled", "de", "dark", 360), ("troubled", "en", "light", 1100), ("failures", "de", "light", 360)],
)
def test_the_pages_fit_and_are_accessible(
    sqlite_engine: Engine, tmp_path: Path, chrome: Any, state: str, language: str, scheme: str, width: int
) -> None:
    house = operated(sqlite_engine, tmp_path, language)
    getattr(house, state)()
    context = chrome.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    with ThreadPoolExecutor(1) as pool:
        page = context.new_page()
        page.route("**/*", answered_by(house.browser(), pool))
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        for path in PATHS:
            assert page.goto(INTERNAL + path).status == 200
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
            found = Axe().run(page)["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
        assert refused == []
    context.close()
