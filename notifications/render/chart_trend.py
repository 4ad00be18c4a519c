"""Lines over time on a fixed scale, each with a dash and a mark of its own."""

from collections.abc import Iterator

from notifications.render.brand import LIGHT
from notifications.render.chart_style import Spec, Style, axis, legend, worded
from notifications.render.item import Series, Trend

_HEIGHT = {False: 110, True: 150}
_SHAPES = ("circle", "square", "diamond", "triangle-up")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def spec(chart: Trend, style: Style) -> Spec:
    """Vega-Lite for lines over time."""
    middle = (chart.low + chart.high) / 2
    ticks = (chart.low, (chart.low + middle) / 2, middle, (middle + chart.high) / 2, chart.high)
    room = max(style.width // max(len(chart.labels), 1) - 4, 24)
    words = {"labelExpr": worded(chart.labels, room=room), "labelAngle": 0, "labelLimit": room}
    places = {"domain": list(range(len(chart.labels))), "padding": 0.5}
    return {
        "height": _HEIGHT[style.wide],
        "encoding": {
            "x": {
                "field": "place",
                "type": "ordinal",
                "scale": places,
                "axis": {**words, "grid": False, "labelColor": LIGHT.ink},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"domain": [chart.low, chart.high], "nice": False},
                "axis": axis(ticks, style, chart.unit),
            },
        },
        "layer": [
            *(_line(line, number, style) for number, line in enumerate(chart.lines)),
            legend(_marks(chart, style), style),
        ],
    }


def _line(line: Series, number: int, style: Style) -> Spec:
    rows = [{"place": place, "value": value} for place, value in enumerate(line.values)]
    colour = _colours(style)[number % len(_SHAPES)]
    mark = {
        "type": "line",
        "color": colour,
        "strokeWidth": 2,
        "strokeDash": _DASHES[number % len(_SHAPES)],
        "point": {"shape": _SHAPES[number % len(_SHAPES)], "size": 55, "filled": True, "fill": colour},
    }
    return {"data": {"values": rows}, "mark": mark}


def _colours(style: Style) -> tuple[str, ...]:
    return style.strong, style.second, LIGHT.ink, LIGHT.muted


def _marks(chart: Trend, style: Style) -> Iterator[tuple[str, str, str, str]]:
    for number, line in enumerate(chart.lines):
        colour = _colours(style)[number % len(_SHAPES)]
        yield line.name, _SHAPES[number % len(_SHAPES)], colour, colour
