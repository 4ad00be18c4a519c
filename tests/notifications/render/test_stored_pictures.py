"""Some mails as pictures, against those in `pictures/`: `make pictures` draws them anew.

They are kept at half their size. Two are alike when no tile of 8 x 8 px differs by more in the middle than
letters do that are drawn a little otherwise, as by another version of Chromium.
"""

import base64
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from notifications.render import html
from notifications.render.environment import folder
from tests.notifications.render import mails

pytestmark = pytest.mark.slow

STORED = Path(__file__).parent / "pictures"
RENEW = "KAMFLOW_TEST_RENEW_PICTURES"
SHOWN = [
    ("digest", "daily", "de"),
    ("contact_shortfall", "missing", "en"),
    ("survey_invitation", "one", "de"),
    ("alert", "run", "en"),
    ("quarterly_report", "head", "de"),
    ("briefing", "one", "de"),
    (mails.DRAWN, "all", "de"),
]
LOOKS = [(width, scheme) for width in (360, 800) for scheme in ("light", "dark")]
TILE, ALIKE = 8, 9


@pytest.fixture(scope="module")
def inter() -> str:
    """The fonts that kamflow ships, so that no font of this machine changes a picture."""

    def face(name: str, weight: int) -> str:
        data = base64.b64encode((folder() / "fonts" / name).read_bytes()).decode()
        source = f"url(data:font/otf;base64,{data})"
        return f"@font-face {{ font-family: Inter; font-weight: {weight}; src: {source} }}"

    return f"<style>{face('Inter-Regular.otf', 400)}{face('Inter-SemiBold.otf', 600)}</style>"


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(browser: Any, request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    """A page of a width and a scheme, and what they are called."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=scheme)
    yield context.new_page(), f"{width}.{scheme}"
    context.close()


def picture(page: Any, mail: str, inter: str) -> Image.Image:
    """What the page shows, at half its size."""
    page.set_content(mail.replace("</head>", f"{inter}</head>", 1))
    page.evaluate("document.fonts.ready")
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    width = page.viewport_size["width"] // 2
    return shot.resize((width, round(shot.height * width / shot.width)), Image.Resampling.BOX)


def store(shown: Image.Image, path: Path) -> None:
    few = shown.quantize(128, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    path.parent.mkdir(exist_ok=True)
    few.save(path, optimize=True)


def difference(one: Image.Image, other: Image.Image) -> float:
    """By how much, of 255, the tile differs that differs most."""
    if one.size != other.size:
        return 255
    size = (-(-one.width // TILE), -(-one.height // TILE))
    tiles = [each.convert("RGB").resize(size, Image.Resampling.BOX) for each in (one, other)]
    return max(high for _, high in ImageStat.Stat(ImageChops.difference(*tiles)).extrema)


@pytest.mark.parametrize("example", SHOWN, ids=".".join)
def test_a_mail_looks_as_it_did(
    example: tuple[str, str, str], look: tuple[Any, str], inter: str, tmp_path: Path
) -> None:
    page, name = look
    stored = STORED / f"{'.'.join(example)}.{name}.png"
    shown = picture(page, mails.mail(*example).standalone, inter)
    if os.environ.get(RENEW):
        store(shown, stored)
    shown.save(tmp_path / stored.name)
    with Image.open(stored) as before:
        apart = difference(shown, before)
    assert apart <= ALIKE, f"{tmp_path / stored.name} against {stored}; if it is meant: make pictures"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("padding:20px 24px", "padding:23px 24px"),
        ('align="right"', 'align="left"'),
        (">überfällig seit 1. September<", "><"),
        ("font-size:20px", "font-size:19px"),
        ("background-color:#fbe9e6", "background-color:#eef0f0"),
        ("color:#586371", "color:#1a2330"),
    ],
)
def test_a_change_is_seen(browser: Any, was: str, becomes: str, inter: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 600})
    mail = mails.mail("digest", "daily", "de").html
    assert was in mail
    before = picture(page, mail, inter)
    assert difference(before, picture(page, mail.replace(was, becomes), inter)) > ALIKE
    assert difference(before, picture(page, mail, inter)) <= ALIKE
    page.close()


def test_letters_drawn_a_little_otherwise_are_no_change(browser: Any, inter: str) -> None:
    mail, shown = mails.mail("digest", "daily", "de").html, []
    for scale in (1, 2):
        page = browser.new_page(viewport={"width": 360, "height": 600}, device_scale_factor=scale)
        shown.append(picture(page, mail, inter))
        page.close()
    assert 0 < difference(*shown) <= ALIKE


def test_the_pictures_stay_small() -> None:
    assert len(list(STORED.iterdir())) == len(SHOWN) * len(LOOKS)
    assert sum(each.stat().st_size for each in STORED.iterdir()) < 1_500_000


def test_a_chart_is_seen_in_the_standalone_page() -> None:
    found = mails.mail(mails.DRAWN, "all", "de")
    assert "cid:" in found.html
    assert "cid:" not in found.standalone
    assert len(found.standalone) <= html.LIMIT + sum(4 * len(each.content) for each in found.parts)
