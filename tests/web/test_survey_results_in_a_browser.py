"""The survey results and the page of the events API in Debian's Chromium, and what axe says of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from sqlalchemy import Engine

from tests.notifications.render.conftest import FLAGS
from tests.web.browser import Browser
from tests.web.conftest import INTERNAL, Visited
from tests.web.test_survey_results import Company

pytestmark = pytest.mark.slow


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
        said = pool.submit(browser.get, urlsplit(route.request.url).path).result()
        route.fulfill(status=said.status_code, headers=dict(said.headers), body=said.content)

    return answer


@pytest.mark.parametrize(("language", "scheme", "width"), [("de", "light", 360), ("en", "dark", 1100)])
def test_the_pages_fit_show_their_chart_and_are_accessible(
    sqlite_engine: Engine, chrome: Any, language: str, scheme: str, width: int
) -> None:
    company = Company(sqlite_engine)
    company.world.change(company.witt, language=language)
    browser = Visited(company.world).signed_in(company.witt)
    # The policy is kept to: axe comes from outside the page.
    context = chrome.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    with ThreadPoolExecutor(1) as pool:
        page = context.new_page()
        page.route("**/*", answered_by(browser, pool))
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        for path in (f"/surveys/{company.muster.id}", "/api/docs"):
            assert page.goto(INTERNAL + path).status == 200
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate("[...document.images].every(each => each.naturalWidth > 0)")
            found = Axe().run(page)["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
        assert refused == []
    context.close()
