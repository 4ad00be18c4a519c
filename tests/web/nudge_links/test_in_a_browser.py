"""A KAM acts from a link in Debian's Chromium: on a phone, without script; and what axe says of the pages."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from kamflow.web import internal
from tests.notifications.render.conftest import FLAGS
from tests.web.documents.conftest import Sent, sent
from tests.web.listening import listening
from tests.web.nudge_links.conftest import Linked

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}
UNFOLD = "document.querySelectorAll('details').forEach(e => { e.removeAttribute('name'); e.open = true })"
PICTURES = os.environ.get("KAMFLOW_TEST_PICTURES")  # a folder, for whoever wants to look
__all__ = ["sent"]


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
    """Nothing has to be scrolled sideways, but what scrolls by itself."""
    page.wait_for_load_state()  # a click is over as soon as the next page begins
    wide = [
        each.bounding_box() for each in page.locator("main > *, main form > *").all() if each.is_visible()
    ]
    assert wide
    return all(box is None or box["x"] + box["width"] <= PHONE["width"] + 1 for box in wide)


def violations(chrome: Any, url: str, scheme: str) -> list[str]:
    """What axe finds with everything unfolded."""
    context = chrome.new_context(bypass_csp=True, viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    page.goto(url)
    page.evaluate(UNFOLD)
    found = Axe().run(page)["violations"]
    context.close()
    return [f"{each['id']}: {each['nodes'][0]['html'][:150]}" for each in found]


def test_a_contact_is_logged_put_off_and_done_on_a_phone_without_script(linked: Linked, chrome: Any) -> None:
    behind, minutes = linked.shortfall(), linked.nudge("annual_meeting", "minutes", closes_by="word")
    with listening(internal.app(linked.visited.site)) as base:
        context = chrome.new_context(java_script_enabled=False, viewport=PHONE)
        page = context.new_page()
        page.goto(base + linked.link(behind))
        assert fits(page)
        page.get_by_label("Paul").first.check()
        page.get_by_role("button", name="Kontakt eintragen").click()
        assert "eingetragen" in page.get_by_role("status").inner_text()
        shoot(page, "logged")

        page.goto(base + linked.link(minutes) + "?do=snooze")
        page.get_by_label("Erinnern am").fill("2026-09-11")
        page.get_by_role("button", name="Zurückstellen").click()
        assert "11. September" in page.locator("main").inner_text()
        page.get_by_role("button", name="Geschrieben").click()
        assert "Erledigt." in page.get_by_role("status").inner_text()
        assert fits(page)
        page.reload()
        assert context.cookies() == []
        context.close()
    assert linked.row(minutes).closed_as == "done"


def test_a_briefing_is_looked_through_and_released_on_a_phone_without_script(sent: Sent, chrome: Any) -> None:
    with listening(internal.app(sent.visited.site)) as base:
        context = chrome.new_context(java_script_enabled=False, viewport=PHONE)
        page = context.new_page()
        page.goto(base + sent.link())
        assert fits(page)
        page.locator("summary", has_text="Zeilen weglassen").click()
        page.get_by_label("Maßnahme: Price list").uncheck()
        page.get_by_role("button", name="Speichern").first.click()
        assert "Gespeichert" in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Briefing freigeben").click()
        assert "Freigegeben" in page.get_by_role("status").inner_text()
        shoot(page, "released")
        context.close()
    assert sent.round().released_on is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_a_nudge(linked: Linked, chrome: Any, scheme: str) -> None:
    plan, over = linked.nudge(), {"closed_as": "lapsed", "closed_at": linked.visited.now}
    closed = linked.nudge(step="position", closed_on=plan.since, **over)
    paths = [linked.link(linked.shortfall()), linked.link(plan, version=0), linked.link(closed), "/a/wrong"]
    with listening(internal.app(linked.visited.site)) as base:
        assert [violations(chrome, base + path, scheme) for path in paths] == [[]] * len(paths)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_briefing(sent: Sent, chrome: Any, scheme: str) -> None:
    with listening(internal.app(sent.visited.site)) as base:
        assert violations(chrome, base + sent.link(), scheme) == []
