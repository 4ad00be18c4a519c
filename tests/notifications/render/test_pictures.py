"""Mails in a browser, as a phone and a desk see them, by day and by night."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifications.render import examples, gallery, html
from tests.notifications.render import mails

pytestmark = pytest.mark.slow

LOOKS = [(width, scheme) for width in (360, 800) for scheme in ("light", "dark")]
# Every text that shows, with its colour and the nearest ground behind it.
CONTRASTS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => getComputedStyle(node).backgroundColor;
  while (walk.nextNode()) {
    const text = walk.currentNode.data.replace(/[\\s\\u200b]/g, "");
    const shown = walk.currentNode.parentElement;
    if (!text || !shown.offsetParent || shown.closest("[style*='display:none']")) continue;
    let behind = shown;
    while (behind !== document.body && (rgb(ground(behind))[3] ?? 1) === 0) behind = behind.parentElement;
    const [a, b] = [light(getComputedStyle(shown).color), light(ground(behind))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push([text.slice(0, 40), contrast]);
  }
  return found;
}"""


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert not [url for url in asked if not url.startswith(("about:", "file:", "data:"))]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_mail_fits_and_can_be_read(page: Any, language: str, tmp_path: Path) -> None:
    for document, case in mails.OF_EACH:
        page.set_content(mails.mail(document, case, language).standalone)
        wide, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= inner, (document, case)
        assert not page.evaluate(CONTRASTS), (document, case)
        if (language, page.viewport_size["width"]) == ("de", 360):  # drawing takes far longer than measuring
            picture = tmp_path / f"{document}.{case}.png"
            page.screenshot(path=str(picture), full_page=True)
            assert picture.stat().st_size > 5000


def test_the_look_at_contrasts_finds_a_weak_one(page: Any) -> None:
    page.set_content('<body style="background:#fff"><p style="color:#999">pale</p><p>dark</p></body>')
    assert [text for text, _ in page.evaluate(CONTRASTS)] == ["pale"]


def test_a_link_is_large_enough_for_a_thumb(page: Any) -> None:
    page.set_content(html.laid_out(examples.example("digest", "daily", "de")).html)
    for button in page.locator(".k-button a").all():
        assert button.bounding_box()["height"] >= 40


def test_the_gallery_leads_to_every_message_and_document(page: Any, tmp_path: Path) -> None:
    wanted = [gallery.Example("digest", "daily", "de"), gallery.Example("digest", "daily", "en")]
    assert gallery.write(tmp_path, wanted).failed == {}
    page.goto((tmp_path / "index.html").as_uri())

    assert page.locator("nav a").count() == len(gallery.documents())
    page.locator("nav a[data-document=digest]").click()
    page.locator("#languages button", has_text="en").click()
    mail = page.frame_locator("#stage iframe").first
    assert mail.locator(".k-h1").first.inner_text().startswith("Hello")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
