"""Charts as pictures: SVG for page and PDF, PNG on white for mail. Nothing is loaded over the network."""

from dataclasses import fields, is_dataclass, replace
from functools import cache, lru_cache
from typing import Any

import vl_convert

from notifications.render import chart_bars, chart_field, chart_trend
from notifications.render.chart_style import Spec, Style
from notifications.render.environment import folder
from notifications.render.house import House
from notifications.render.item import Bars, Chart, Field
from notifications.render.literal import clean

# Widths in px: half a page or a phone, and a whole page. A px on paper is three quarters of a point.
NARROW, WIDE = 325, 660
_MAIL = 536
_SCALE = 2
_VERSION = "6.1"


def svg(chart: Chart, locale: str, house: House, width: int = NARROW) -> str:
    """The chart on no ground, about so many px wide; its text is text."""
    return _svg(chart, Style(locale, house, width))


def png(chart: Chart, locale: str, house: House, width: int = _MAIL) -> bytes:
    """The chart on white, twice the pixels of its width."""
    spec = _spec(chart, Style(locale, house, width)) | {"background": "#ffffff"}
    _fonts()
    return vl_convert.vegalite_to_png(spec, scale=_SCALE, allowed_base_urls=[])


@lru_cache(maxsize=64)  # the variants of one page share their charts
def _svg(chart: Chart, style: Style) -> str:
    _fonts()
    return vl_convert.vegalite_to_svg(_spec(chart, style), allowed_base_urls=[])


def _spec(given: Chart, style: Style) -> dict[str, Any]:
    chart = _cleaned(given)
    frame: Spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": style.width,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 2,
        "background": None,
        "config": style.config(),
    }
    if isinstance(chart, Bars):
        return frame | chart_bars.spec(chart, style)
    if isinstance(chart, Field):
        return frame | chart_field.spec(chart, style)
    return frame | chart_trend.spec(chart, style)


def _cleaned(value: Any) -> Any:
    """The same with texts that XML can hold: vl-convert ends the whole process over a control character."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(map(_cleaned, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _cleaned(getattr(value, each.name)) for each in fields(value)})
    return value


@cache
def _fonts() -> None:
    vl_convert.register_font_directory(str(folder() / "fonts"))
