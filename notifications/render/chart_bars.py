"""Bars: what is, against what was aimed at (a line across) and what was (an outlined bar behind)."""

from collections.abc import Iterator
from typing import Any

from notifications.render.brand import LIGHT
from notifications.render.chart_style import SIZE, UNKNOWN, Spec, Style, axis, legend, steps, worded
from notifications.render.item import Bars, Series

_HEIGHT = {False: 120, True: 150}  # px of the plot, narrow and wide
_TIGHT = 28  # px of a label below which its type is smaller
_ROW = 26  # px of a lying bar
_PALE, _OUTLINE = "#f1f2f2", "#8a939d"
_LINE = "M-1,-0.2H1V0.2H-1Z"


def spec(chart: Bars, style: Style) -> Spec:
    """Vega-Lite for bars, upright or lying."""
    along, across = ("y", "x") if chart.lying else ("x", "y")
    return {
        "height": _ROW * len(chart.labels) if chart.lying else _HEIGHT[style.wide],
        "encoding": {along: _places(chart, style), across: _numbers(chart, style)},
        "layer": [*_layers(chart, style, along), legend(_marks(chart, style), style)],
    }


def _places(chart: Bars, style: Style) -> Spec:
    room = style.width // 3 if chart.lying else max((style.width - 45) // max(len(chart.labels), 1) - 2, 22)
    words = {
        "labelExpr": worded(chart.labels, room=room),
        "labelAngle": 0,
        "labelColor": LIGHT.ink,
        "labelLimit": room,
        "labelFontSize": SIZE if room > _TIGHT else SIZE - 1.5,
        "grid": False,
    }
    scale = {"domain": list(range(len(chart.labels))), "paddingInner": 0.3, "paddingOuter": 0.15}
    return {"field": "place", "type": "ordinal", "scale": scale, "axis": words}


def _numbers(chart: Bars, style: Style) -> Spec:
    known = [value for series in _series(chart) for value in series.values if value is not None]
    ticks = steps(known, 3 if chart.lying and not style.wide else 4)
    scale = {"domain": [ticks[0], ticks[-1]], "nice": False}
    return {"field": "value", "type": "quantitative", "scale": scale, "axis": axis(ticks, style, chart.unit)}


def _layers(chart: Bars, style: Style, along: str) -> Iterator[Spec]:
    """From behind to before: what was, what is, what was aimed at, and where what is is not known."""
    size = "width" if along == "x" else "height"
    if chart.before:
        box = {"fill": _PALE, "stroke": _OUTLINE, "strokeWidth": 1}
        yield _layer(chart.before, {"type": "bar", **box, size: {"band": 1}})
    yield _layer(chart.actual, {"type": "bar", "color": style.strong, size: {"band": 0.62}})
    if chart.target:
        line = {"type": "tick", "color": style.second, "opacity": 1, "thickness": 3, size: {"band": 1}}
        yield _layer(chart.target, line)
    yield _unknown(chart)


def _layer(series: Series, mark: Spec) -> Spec:
    rows = [
        {"place": place, "value": value} for place, value in enumerate(series.values) if value is not None
    ]
    return {"data": {"values": rows}, "mark": mark}


def _unknown(chart: Bars) -> Spec:
    rows: list[dict[str, Any]] = [
        {"place": place, "value": 0}
        for place, value in enumerate(chart.actual.values[: chart.begun])
        if value is None
    ]
    shift = {"dx": 8, "align": "left"} if chart.lying else {"dy": -8}
    return {"data": {"values": rows}, "mark": {"type": "text", "text": UNKNOWN, **shift}}


def _series(chart: Bars) -> Iterator[Series]:
    yield from (series for series in (chart.actual, chart.target, chart.before) if series)


def _marks(chart: Bars, style: Style) -> Iterator[tuple[str, str, str, str]]:
    """Name, shape, fill and outline in the legend."""
    yield chart.actual.name, "square", style.strong, style.strong
    if chart.target:
        yield chart.target.name, _LINE, style.second, style.second
    if chart.before:
        yield chart.before.name, "square", _PALE, _OUTLINE
