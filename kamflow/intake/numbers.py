"""Numbers as German and English programs write them. Nothing is guessed: 1.234 may be either."""

import re
from decimal import Decimal
from typing import Literal, TypeAlias

NumberFormat: TypeAlias = Literal["de", "en"]

LONGEST = 40
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_CURRENCY = re.compile(r"^(?P<before>[A-Z]{3}|[€$£¥])?(?P<number>[^A-Za-z€$£¥]+)(?P<after>[A-Z]{3}|[€$£¥])?$")
_SIGNED = re.compile(r"^(?P<open>\()?(?P<lead>[+-])?(?P<digits>[0-9.,']+)(?P<trail>-)?(?P<close>\))?$")
_SHAPES: dict[NumberFormat, re.Pattern[str]] = {
    "de": re.compile(r"^(?:\d{1,3}(?:[.']\d{3})+|\d+)?(?:,\d*)?$"),
    "en": re.compile(r"^(?:\d{1,3}(?:[,']\d{3})+|\d+)?(?:\.\d*)?$"),
}


class Undecidable(ValueError):
    """The value reads differently in German and in English."""


def parse(written: str, style: NumberFormat | None = None) -> tuple[Decimal, str | None]:
    """Return the number and the currency written with it.

    Raises:
        Undecidable: both formats fit and differ, and none was stated.
        ValueError: not a number.
    """
    found = _CURRENCY.match(re.sub(r"[\s\u00a0\u202f]", "", written[: LONGEST + 1]).replace("\u2212", "-"))
    if len(written) > LONGEST or found is None:
        raise ValueError(written)
    signed = _SIGNED.match(found["number"])
    if signed is None or bool(signed["open"]) != bool(signed["close"]):
        raise ValueError(written)
    negative = (signed["lead"] == "-") + (signed["trail"] is not None) + (signed["open"] is not None)
    if negative > 1 or not any(char.isdigit() for char in signed["digits"]):
        raise ValueError(written)
    value = _value(signed["digits"], style)
    marks = {_SYMBOLS.get(mark, mark) for mark in (found["before"], found["after"]) if mark}
    if len(marks) > 1:
        raise ValueError(written)
    return -value if negative else value, next(iter(marks), None)


def _value(digits: str, style: NumberFormat | None) -> Decimal:
    readings = {
        each: _read(digits, each)
        for each in ((style,) if style else ("de", "en"))
        if _SHAPES[each].match(digits)
    }
    values = set(readings.values())
    if not values:
        raise ValueError(digits)
    if len(values) > 1:
        raise Undecidable(digits)
    return values.pop()


def _read(digits: str, style: NumberFormat) -> Decimal:
    thousands, point = (".", ",") if style == "de" else (",", ".")
    return Decimal(digits.replace(thousands, "").replace("'", "").replace(point, ".") or "0")


def german(value: Decimal) -> str:
    """Write a number as `parse` with "de" reads it, with thousands dots."""
    return f"{value:,f}".translate(str.maketrans(",.", ".,"))
