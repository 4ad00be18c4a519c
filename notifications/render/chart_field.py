"""The portfolio: names in four named quarters. What a point's colour says, its shape says too."""

from collections.abc import Iterator, Sequence
from typing import Any

from notifications.render.brand import LIGHT
from notifications.render.chart_labels import Box, Placed, place
from notifications.render.chart_style import SIZE, Spec, Style
from notifications.render.fonts import width
from notifications.render.item import Field, Point, Tone
from notifications.render.literal import clip

_TITLE_OF_AXIS = 22  # px left of the plot
_LONGEST = {False: 18, True: 28}  # characters of a name, narrow and wide
_LINE = SIZE * 1.25
_SHAPES: dict[Tone, str] = {"calm": "circle", "due": "diamond", "over": "triangle-up"}
_EDGE = 9  # px that points keep from the edge
_SIZES: dict[Tone, int] = {"calm": 75, "due": 95, "over": 130}  # px², so that they look alike
_CORNER = 6  # px from the edge to the name of a quarter

Row = dict[str, Any]


def spec(chart: Field, style: Style) -> Spec:
    """Vega-Lite for the portfolio; everything is placed in px, from the left top corner."""
    plot = Box(0, 0, style.width - _TITLE_OF_AXIS, 330 if style.wide else 240)
    spots = [_spot(each, plot) for each in chart.points]
    names = [clip(each.label, _LONGEST[style.wide]) for each in chart.points]
    corners = list(_corners(chart, plot))
    placed = _placed(spots, names, plot, [_box(corner) for corner in corners])
    return {
        "width": plot.width,
        "height": plot.height,
        "autosize": "pad",
        "encoding": {
            "x": {**_axis(chart.x_label, plot.width), "field": "x"},
            "y": {**_axis(chart.y_label, plot.height), "field": "y", "sort": "descending"},
        },
        "layer": [
            _grounds(plot, style),
            _text(corners, {"fontWeight": 600, "baseline": "middle"}),
            _leads(spots, placed),
            _points(chart.points, spots, style),
            _text(list(_labels(names, placed)), {"color": LIGHT.ink, "baseline": "middle"}),
        ],
    }


def _placed(
    spots: Sequence[tuple[float, float]], names: Sequence[str], plot: Box, taken: Sequence[Box]
) -> list[Placed | None]:
    """Where the names go, beside their points and off the others; a point may have none."""
    named = [at for at, name in enumerate(names) if name]
    bare = [Box(x - 5, y - 5, 10, 10) for (x, y), name in zip(spots, names, strict=True) if not name]
    sizes = [(width(names[at], SIZE) + 4, _LINE) for at in named]
    found = dict(zip(named, place([spots[at] for at in named], sizes, plot, [*taken, *bare]), strict=True))
    return [found.get(at) for at in range(len(names))]


def _spot(point: Point, plot: Box) -> tuple[float, float]:
    """Where a point lies, a little inside the edges."""
    right, up = (min(max(value, 0), 100) / 100 for value in (point.x, point.y))
    return _EDGE + right * (plot.width - 2 * _EDGE), _EDGE + (1 - up) * (plot.height - 2 * _EDGE)


def _axis(title: str, length: float) -> Spec:
    words = {"titleColor": LIGHT.muted, "titleFontSize": SIZE, "titleFontWeight": 400, "titlePadding": 6}
    scale = {"domain": [0, length], "nice": False, "zero": False}
    return {"type": "quantitative", "scale": scale, "axis": {**words, "title": f"{title} ", "values": []}}


def _corners(chart: Field, plot: Box) -> Iterator[Row]:
    left, right = _CORNER, plot.width - _CORNER
    top, bottom = _CORNER + SIZE / 2, plot.height - _CORNER - SIZE / 2
    spots = ((left, top, "left"), (right, top, "right"), (left, bottom, "left"), (right, bottom, "right"))
    for text, (x, y, align) in zip(chart.quarters, spots, strict=True):
        yield {"x": x, "y": y, "text": clip(text, 36), "align": align}


def _box(corner: Row) -> Box:
    wide = width(corner["text"], SIZE) * 1.1  # semibold
    left = corner["x"] - (wide if corner["align"] == "right" else 0)
    return Box(left, corner["y"] - _LINE / 2, wide, _LINE)


def _grounds(plot: Box, style: Style) -> Spec:
    """The four quarters: the better the stronger."""
    wide, high = plot.width / 2, plot.height / 2
    shades = ((0, 0, 0.10), (wide, 0, 0.18), (0, high, 0.04), (wide, high, 0.10))
    rows = [
        {"x": x + 1, "x2": x + wide - 1, "y": y + 1, "y2": y + high - 1, "shade": style.shade(share)}
        for x, y, share in shades
    ]
    mark = {"type": "rect", "cornerRadius": 4}
    colour = {"field": "shade", "type": "nominal", "scale": None}
    return {
        "data": {"values": rows},
        "mark": mark,
        "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "color": colour},
    }


def _points(points: Sequence[Point], spots: Sequence[tuple[float, float]], style: Style) -> Spec:
    colours: dict[Tone, str] = {"calm": style.strong, "due": LIGHT.due, "over": LIGHT.over}
    rows = [
        {"x": x, "y": y, "tone": each.tone, "size": _SIZES[each.tone]}
        for each, (x, y) in zip(points, spots, strict=True)
    ]

    def scaled(values: dict[Tone, str]) -> Spec:
        scale = {"domain": list(values), "range": list(values.values())}
        return {"field": "tone", "type": "nominal", "scale": scale, "legend": None}

    return {
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "opacity": 1, "stroke": "#ffffff"},
        "encoding": {
            "shape": scaled(_SHAPES),
            "fill": scaled(colours),
            "size": {"field": "size", "type": "quantitative", "scale": None},
        },
    }


def _leads(spots: Sequence[tuple[float, float]], placed: Sequence[Placed | None]) -> Spec:
    """Lines from the points to the names that found no place beside them."""
    rows: list[Row] = []
    for (x, y), each in zip(spots, placed, strict=True):
        if each and each.far:
            box = each.box
            near = min(max(x, box.left), box.left + box.width), min(max(y, box.top), box.top + box.height)
            rows.append({"x": x, "y": y, "x2": near[0], "y2": near[1]})
    mark = {"type": "rule", "color": LIGHT.muted, "strokeWidth": 0.6}
    return {
        "data": {"values": rows},
        "mark": mark,
        "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}},
    }


def _labels(names: Sequence[str], placed: Sequence[Placed | None]) -> Iterator[Row]:
    for name, each in zip(names, placed, strict=True):
        if each:
            box = each.box
            yield {"x": box.left, "y": box.top + box.height / 2, "text": name, "align": "left"}


def _text(rows: list[Row], more: Spec) -> Spec:
    """Texts by their alignment: a mark has one only."""
    layers = [
        {
            "data": {"values": [row for row in rows if row["align"] == align]},
            "mark": {"type": "text", "align": align, **more},
            "encoding": {"text": {"field": "text"}},
        }
        for align in ("left", "right")
    ]
    return {"layer": layers}
