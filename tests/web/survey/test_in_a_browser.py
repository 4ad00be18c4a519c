"""The survey in Debian's Chromium: without script, on a phone, in both languages; and what axe says of it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_core_python.sync_playwright import Axe
from sqlalchemy import Engine

from kamflow.web import public
from tests.notifications.render.conftest import FLAGS
from tests.surveyed import Surveyed
from tests.web.browser import OWN
from tests.web.listening import listening
from tests.web.survey.conftest import LATE, Asking

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1100, "height": 900}
PICTURES = os.environ.get("KAMFLOW_TEST_PICTURES")  # a folder, for whoever wants to look

pytestmark = pytest.mark.slow


@pytest.fixture
def asking(sqlite_engine: Engine) -> Asking:
    return Asking(Surveyed(sqlite_engine))


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


def shoot(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def fits(page: Any) -> bool:
    """Nothing has to be scrolled sideways."""
    page.wait_for_load_state()  # a click is over as soon as the next page begins
    box = page.locator("html").bounding_box()
    wide = [each.bounding_box() for each in page.locator("main *").all() if each.is_visible()]
    assert wide
    return all(each is None or each["x"] + each["width"] <= box["width"] + 1 for each in wide)


@pytest.mark.parametrize(("language", "scheme"), [("de", "light"), ("en", "dark")])
def test_a_customer_answers_changes_and_objects_on_a_phone_without_script(
    asking: Asking, chrome: Any, language: str, scheme: str
) -> None:
    path = asking.link(language=language)
    save, change, object_ = {
        "de": ("Antwort speichern", "Änderung speichern", "Nicht mehr fragen"),
        "en": ("Save the answer", "Save the change", "Do not ask me again"),
    }[language]
    with listening(public.app(asking.site)) as base:
        context = chrome.new_context(java_script_enabled=False, viewport=PHONE, color_scheme=scheme)
        page = context.new_page()
        page.goto(base + path)
        assert page.locator("html").get_attribute("lang").startswith(language)
        assert fits(page)
        shoot(page, f"survey-{language}")
        page.get_by_role("radio", name="4", exact=True).check()
        page.locator("#expectation-delivery").select_option("9")
        page.locator("#experience-delivery").select_option("4")
        page.locator("#comment").fill("Die Lieferung kam zu spät.")
        page.get_by_role("button", name=save).click()
        assert page.url.endswith("/thanks")
        assert fits(page)
        shoot(page, f"thanks-{language}")
        page.locator(".buttons a").click()
        assert page.get_by_role("radio", name="4", exact=True).is_checked()
        assert page.locator("#comment").input_value() == "Die Lieferung kam zu spät."
        page.get_by_role("radio", name="8", exact=True).check()
        shoot(page, f"change-{language}")
        page.get_by_role("button", name=change).click()
        page.goto(base + path + "/no-more")
        shoot(page, f"no-more-{language}")
        page.get_by_role("button", name=object_).click()
        shoot(page, f"objected-{language}")
        assert fits(page)
        context.close()

    assert asking.answers() == [(8, "Die Lieferung kam zu spät.", 2)]
    assert asking.kruse().survey_consent == "objected"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_axe_finds_nothing_on_any_page(asking: Asking, chrome: Any, language: str, scheme: str) -> None:
    fresh, done = asking.link(language=language), asking.link("Roth", language=language)
    objected = asking.link("Lech", language=language, survey_consent="objected")
    form = {"score": "3", "comment": "Die Lieferung kam zu spät.", "version": "0"}
    with listening(public.app(asking.site)) as base:
        httpx.post(base + done, data=form, headers=OWN, timeout=30)
        context = chrome.new_context(bypass_csp=True, viewport=PHONE, color_scheme=scheme)
        page = context.new_page()
        for name, path in {
            "open": fresh, "done": done, "thanks": f"{done}/thanks", "ask": f"{fresh}/no-more",
            "objected": objected, "wrong": "/s/nothing",
        }.items():  # fmt: skip
            page.goto(base + path)
            assert not _violations(page), name
        page.goto(base + fresh)
        page.locator("summary").click()
        assert not _violations(page)
        shoot(page, f"law-{language}-{scheme}")
        page.get_by_role(
            "button", name="Antwort speichern" if language == "de" else "Save the answer"
        ).click()
        assert not _violations(page), "nothing was entered"
        shoot(page, f"empty-{language}-{scheme}")
        httpx.post(base + fresh, data=form, headers=OWN, timeout=30)
        page.get_by_role("radio", name="9", exact=True).check()
        page.get_by_role("button").click()
        assert not _violations(page), "answered elsewhere meanwhile"
        shoot(page, f"conflict-{language}-{scheme}")
        asking.now = LATE
        page.goto(base + done)
        assert not _violations(page), "closed"
        shoot(page, f"over-{language}-{scheme}")
        page.set_viewport_size(DESK)
        asking.now = asking.__class__.now
        page.goto(base + fresh)
        shoot(page, f"desk-{language}-{scheme}")
        context.close()


def _violations(page: Any) -> list[str]:
    page.wait_for_load_state()
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in Axe().run(page)["violations"]]
