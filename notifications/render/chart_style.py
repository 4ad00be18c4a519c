"""What all charts look like: type, axes, legend, and the steps of a scale in the reader's numbers."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_compact_decimal, format_decimal

from notifications.render.brand import LIGHT
from notifications.render.house import GRAPHIC, House, darkened, mixed
from notifications.render.literal import clip

FONT = "Inter"
SIZE = 10  # px of a label
UNKNOWN = "?"  # drawn where a value is missing
_WIDEST = 1.35 * SIZE  # px of a character, more than any font of ours takes
_WIDE = 400
_STEPS = (1, 2, 2.5, 5, 10)
_NEARLY = 1e-9
_MILLION = 1_000_000

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Style:
    """How wide a chart is drawn, in px, in whose colours and numbers."""

    locale: str
    house: House
    width: int

    @property
    def wide(self) -> bool:
        return self.width >= _WIDE

    @property
    def strong(self) -> str:
        return darkened(self.house.primary, GRAPHIC)

    @property
    def second(self) -> str:
        return darkened(self.house.secondary, GRAPHIC)

    def shade(self, share: float) -> str:
        """A trace of the first colour on white."""
        return mixed(self.strong, "#ffffff", share)

    def number(self, value: float) -> str:
        """`820.000`, `1,2 Mio.`: as short as the language has it."""
        size = abs(value)
        if size >= _MILLION:
            said = format_compact_decimal(size, locale=self.locale, fraction_digits=2)
        else:
            said = format_decimal(size, locale=self.locale)
        return f"\N{MINUS SIGN}{said}" if value < 0 else said

    def config(self) -> Spec:
        """Vega-Lite's `config`: quiet axes, the legend above, one font."""
        label = {"labelColor": LIGHT.muted, "labelFontSize": SIZE, "labelFont": FONT, "labelFontWeight": 400}
        return {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                **label,
                "title": None,
                "domain": False,
                "ticks": False,
                "labelPadding": 6,
                "gridColor": LIGHT.hairline,
                "labelLimit": self.width // 3,
            },
            "legend": {
                **label,
                "title": None,
                "orient": "top",
                "direction": "horizontal",
                "columnPadding": 14,
                "symbolOpacity": 1,
                "symbolSize": 70,
                "offset": 8,
                "labelLimit": self.width // 2,
                "columns": 4 if self.wide else 3,
            },
            "text": {"font": FONT, "fontSize": SIZE, "color": LIGHT.muted},
        }


def steps(values: Iterable[float], wanted: int = 4) -> tuple[float, ...]:
    """Round steps of a scale from 0 (or below) to above the largest value."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    if low == high:
        high = 1.0
    step = _round_step((high - low) / wanted)
    first, last = math.floor(low / step + _NEARLY), math.ceil(high / step - _NEARLY)
    return tuple(round(step * count, 10) for count in range(first, last + 1))


def axis(ticks: Sequence[float], style: Style, unit: str, **more: Any) -> Spec:
    """An axis with these steps; the unit stands with the last one."""
    said = [style.number(tick) for tick in ticks]
    if unit:
        said[-1] = f"{said[-1]}\N{NO-BREAK SPACE}{unit}"
    place = f"indexof({json.dumps(list(ticks))}, datum.value)"
    return {"values": list(ticks), "labelExpr": worded(said, place), **more}


def worded(texts: Iterable[str], place: str = "datum.value", room: float = math.inf) -> str:
    """An expression for the text at a place, which Vega cuts where it is wider than `room` px.

    Vega stumbles over a text like `toString`: each has a mark before it, which is taken off again.
    """
    return f"slice({json.dumps([f'_{_whole(text, room)}' for text in texts])}[{place}], 1)"


def _whole(text: str, room: float) -> str:
    """The text, cut here where Vega might cut a character in two: those beyond U+FFFF are two to it."""
    if text.isascii() or max(text) <= "\uffff" or len(text) * _WIDEST <= room:
        return text
    return clip(text, max(int(room / _WIDEST), 1))


def legend(marks: Iterable[tuple[str, str, str, str]], style: Style) -> Spec:
    """A layer that draws nothing but the legend: name, shape, fill and outline of each series."""
    names, shapes, fills, strokes = zip(*marks, strict=True)
    key = list(range(len(names)))
    words = {"labelExpr": worded(names, room=style.width // 2)}

    def scaled(values: Sequence[str]) -> Spec:
        scale = {"domain": key, "range": list(values)}
        return {"field": "key", "type": "nominal", "scale": scale, "legend": words}

    return {
        "data": {"values": [{"key": each} for each in key]},
        "mark": {"type": "point", "opacity": 0, "filled": True},
        "encoding": {
            "x": None,
            "y": None,
            "shape": scaled(shapes),
            "fill": scaled(fills),
            "stroke": scaled(strokes),
        },
    }


def _round_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * step for step in _STEPS if size * step >= rough * (1 - _NEARLY))
