import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from notifications.render import chart
from notifications.render.chart_labels import Box, place
from notifications.render.chart_style import steps
from notifications.render.house import House, contrast
from notifications.render.item import Bars, Chart, Field, Point, Series, Trend

HOUSE = House()
BARS = Bars(
    "revenue",
    "Revenue.",
    "€",
    ("Q1", "Q2", "Q3"),
    Series("Ist", (820_000, -60_000, None)),
    Series("Plan", (800_000, 900_000, 1_200_000)),
    Series("Vorjahr", (700_000, None, 500_000)),
)
FIELD = Field(
    "portfolio",
    "Portfolio.",
    "Wettbewerbsposition",
    "Attraktivität",
    ("Ausbauen", "Halten", "Beobachten", "Ernten"),
    (Point("Muster AG", 80, 70), Point("Beispiel SE", 20, 90, "due"), Point("Nord KG", 55, 10, "over")),
)
TREND = Trend("nps", "NPS.", "", ("2024", "2025", "2026"), (Series("Muster AG", (20, None, 45)),), -100, 100)
CHARTS = {"bars": BARS, "lying": replace(BARS, lying=True), "field": FIELD, "trend": TREND}


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_chart_gives_the_same_picture(name: str) -> None:
    picture, other = CHARTS[name], replace(CHARTS[name], alt="other")
    assert chart.svg(picture, "de_DE", HOUSE) == chart.svg(other, "de_DE", HOUSE)
    assert chart.png(picture, "de_DE", HOUSE) == chart.png(other, "de_DE", HOUSE)


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("width", [chart.NARROW, chart.WIDE])
def test_a_picture_is_as_wide_as_it_was_asked_to_be(name: str, width: int) -> None:
    found = re.search(r'<svg[^>]* width="([\d.]+)"', chart.svg(CHARTS[name], "de_DE", HOUSE, width))
    assert found
    assert abs(float(found[1]) - width) <= 8


def test_a_picture_for_mail_is_sharp_and_on_white() -> None:
    picture = Image.open(io.BytesIO(chart.png(BARS, "de_DE", HOUSE, 300))).convert("RGBA")
    assert abs(picture.width - 600) <= 4
    assert picture.getpixel((picture.width - 1, 0)) == (255, 255, 255, 255)


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_loads_nothing_and_uses_one_face(name: str) -> None:
    svg = chart.svg(CHARTS[name], "de_DE", HOUSE)
    assert set(re.findall(r'font-family="([^"]*)"', svg)) == {"Inter"}
    assert not re.search(r"href=|url\(|<image|<script", svg)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de_DE", ["−500.000", "0", "500.000", "1 Mio.", "1,5 Mio. €"]),
        ("de_CH", ["−500’000", "0", "500’000", "1 Mio.", "1.5 Mio. €"]),
        ("en_GB", ["−500,000", "0", "500,000", "1M", "1.5M €"]),
    ],
)
def test_numbers_are_written_as_the_reader_does(locale: str, said: list[str]) -> None:
    shown = [text.replace("\xa0", " ") for text in texts(chart.svg(BARS, locale, HOUSE, chart.WIDE))]
    assert [text for text in shown if text in said] == said


def test_what_is_not_known_is_a_gap_with_a_mark_and_no_bar() -> None:
    known = replace(BARS, actual=Series("Ist", (820_000, -60_000, 0)))
    unknown, zero = (chart.svg(each, "de_DE", HOUSE) for each in (BARS, known))
    assert (texts(unknown).count("?"), texts(zero).count("?")) == (1, 0)
    assert bars(unknown) == bars(zero) - 1
    assert "?" not in texts(chart.svg(replace(BARS, begun=0), "de_DE", HOUSE))


def bars(svg: str) -> int:
    return svg.count('aria-roledescription="bar"')


def test_a_line_is_not_drawn_over_a_gap() -> None:
    whole = replace(TREND, lines=(Series("Muster AG", (20, 30, 45)),))
    gapped, drawn = (
        re.findall(r'aria-roledescription="point"', chart.svg(each, "de_DE", HOUSE))
        for each in (TREND, whole)
    )
    assert len(drawn) == len(gapped) + 1


def test_series_and_tones_differ_in_more_than_colour() -> None:
    lines = tuple(Series(name, (1, 2, 3)) for name in "abcd")
    dashes = set(
        re.findall(r'stroke-dasharray="([^"]*)"', chart.svg(replace(TREND, lines=lines), "de_DE", HOUSE))
    )
    assert len(dashes) == 4
    shapes = re.findall(
        r'role="graphics-symbol"[^>]*aria-roledescription="point"[^>]* d="([^"]*)"', points(FIELD)
    )
    assert len(set(shapes)) == 3


def points(picture: Chart) -> str:
    return chart.svg(picture, "de_DE", HOUSE)


def test_a_light_house_colour_is_darkened_in_a_chart() -> None:
    svg = chart.svg(BARS, "de_DE", House(primary="#f2c200", secondary="#ffee99"))
    assert "#f2c200" not in svg
    filled = set(re.findall(r'aria-roledescription="bar"[^>]* fill="(#[0-9a-f]{6})"', svg))
    assert any(contrast(colour, "#ffffff") >= 3 for colour in filled)


def test_two_names_that_are_the_same_are_two_bars() -> None:
    twice = replace(BARS, labels=("Ost", "Ost", "West"), target=None, before=None)
    assert texts(chart.svg(twice, "de_DE", HOUSE)).count("Ost") == 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (0, 0.25, 0.5, 0.75, 1)),
        ([0, 0], (0, 0.25, 0.5, 0.75, 1)),
        ([97, 3], (0, 25, 50, 75, 100)),
        ([1_820_000], (0, 500_000, 1_000_000, 1_500_000, 2_000_000)),
        ([-40, 60], (-50, -25, 0, 25, 50, 75)),
        ([0.03], (0, 0.01, 0.02, 0.03)),
    ],
)
def test_steps_are_round_and_hold_zero_and_every_value(values: list[float], expected: tuple) -> None:
    assert steps(values) == pytest.approx(expected)


def test_names_hide_neither_each_other_nor_a_point() -> None:
    points = [(50 + 9 * at % 200, 40 + 37 * at % 150) for at in range(25)]
    placed = place(points, [(60, 12)] * 25, Box(0, 0, 320, 240), [Box(0, 0, 60, 12)])
    boxes = [each.box for each in placed if each]
    assert len(boxes) >= 20
    for at, box in enumerate(boxes):
        assert sum(box.overlap(other) for other in boxes[:at]) <= 0.08 * box.area


def test_points_without_a_name_are_drawn_and_kept_clear_of_the_names() -> None:
    points = tuple(Point("Muster AG" if at == 0 else "", 50 + at, 50) for at in range(12))
    drawn = chart.svg(Field("f", "alt", "x", "y", ("a", "b", "c", "d"), points), "de_DE", House())
    assert drawn.count(">Muster AG<") == 1
    assert drawn.count('aria-roledescription="point"') == 12


def test_a_name_without_a_place_is_left_to_the_words() -> None:
    placed = place([(20, 20)] * 60, [(60, 12)] * 60, Box(0, 0, 120, 60), [])
    assert 0 < sum(1 for each in placed if each) < 20


def test_a_long_name_of_rare_characters_is_cut_between_them() -> None:
    rare = "\U0002070e\U00020731\U00020779" * 30
    named = replace(BARS, labels=(rare, *BARS.labels[1:]), actual=replace(BARS.actual, name=rare))

    for each in (
        named,
        replace(named, lying=True),
        Trend("t", "t", "", (rare, "b"), (Series(rare, (1, 2)),), 0, 3),
    ):
        assert any(
            rare.startswith(text.rstrip("…"))
            for text in texts(chart.svg(each, "de_DE", HOUSE))
            if "…" in text
        )
