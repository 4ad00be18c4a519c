"""Dates, numbers and lists as the reader writes them.

A language is a tag as people have it: `de`, `de-CH`, `en_US`, the form of address behind it (`de-AT@du`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, reduce
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, get_currency_symbol

LOCALES = ("de_DE", "de_AT", "de_CH", "en_GB", "en_US")

_DRAWN = str.maketrans(
    {"\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}", "\N{THIN SPACE}": " ", "-": "\N{MINUS SIGN}"}
)


def locale_of(language: str) -> str:
    """The locale for what a person's language says: `de`, `en-US`, `de_AT`; English where unknown."""
    first, _, region = language.partition("@")[0].replace("-", "_").partition("_")
    wanted = f"{first.lower()}_{region.upper()}"
    if wanted in LOCALES:
        return wanted
    return "de_DE" if first.lower() == "de" else "en_GB"


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats of one locale; `today` decides whether a date needs its year."""

    locale: str
    today: date
    currency: str = "EUR"

    def day(self, value: date | str) -> str:
        """`11. September`, with the year where it is not this one."""
        on = _as_date(value)
        return _short(on, self.locale) if on.year == self.today.year else self.dated(on)

    def dated(self, value: date | str) -> str:
        """`11. September 2026`."""
        return _long(_as_date(value), self.locale)

    def numeric(self, value: date | str) -> str:
        """`11.9.2026`: in a narrow column."""
        return format_skeleton("yMd", _as_date(value), locale=self.locale)

    def weekday(self, value: date | str) -> str:
        """`Freitag, 11. September 2026`."""
        return _full(_as_date(value), self.locale)

    def moment(self, at: str, zone: str) -> str:
        """`10:30`, of a moment as facts hold it, where `zone` is."""
        there = datetime.fromisoformat(at).astimezone(ZoneInfo(zone))
        return _drawable(format_time(there, "short", locale=self.locale))

    def number(self, value: float) -> str:
        return _number(value, self.locale)

    def money(self, amount: str) -> str:
        """`820.000 €`, from an amount as facts hold it: cents are left out."""
        return _money(amount, self.currency, self.locale)

    def percent(self, value: float) -> str:
        """`94,9 %`."""
        return f"{self.number(value)}{_percent_sign(self.locale)}"

    def change(self, value: float) -> str:
        """`+8,9 %` or `−3,1 %`."""
        sign = "+" if value > 0 else "−" if value < 0 else "±"
        return f"{sign}{self.percent(abs(value))}"

    def months(self, first: date | str, last: date | str) -> str:
        """`Juli–September 2026`: a quarter whatever the fiscal year."""
        return _months(_as_date(first), _as_date(last), self.locale)

    def short(self, first: date | str, last: date | str) -> str:
        """`Jan.`, or `Jan.–März`: what stands below a bar."""
        return "–".join(dict.fromkeys(_month(_as_date(day), self.locale) for day in (first, last)))

    def days(self, first: date | str, last: date | str) -> str:
        """`7.–11. September`, `28. September – 2. Oktober`: with the year where it is not this one."""
        start, end = _as_date(first), _as_date(last)
        if start == end:
            return self.day(end)
        if (start.year, start.month) != (end.year, end.month):
            return f"{self.day(start)} – {self.day(end)}"
        if self.locale == "en_US":
            return self.day(end).replace(str(end.day), f"{start.day}–{end.day}", 1)
        return f"{start.day}{'.' if self.locale.startswith('de') else ''}–{self.day(end)}"

    def listed(self, values: Iterable[str]) -> str:
        """`Knut, Paul und Karl`."""
        named = list(values)
        if len(named) < 2:
            return "".join(named)
        patterns = _patterns(self.locale)
        if len(named) == 2:
            return patterns["2"].format(*named)
        return patterns["end"].format(reduce(patterns["middle"].format, named[1:-1], named[0]), named[-1])

    def year(self, first: str, last: str) -> str:
        """A fiscal year in short: `2027`, or `2026/27`."""
        start, end = _as_date(first).year, _as_date(last).year
        return str(start) if start == end else f"{start}/{end % 100:02d}"


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


@cache
def _whole(locale: str, currency: str) -> str:
    """The locale's way to write money, without decimals: €1,234, but CHF 1,234 and CHF -1’234."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "").split(";")[0]
    if _spelled(locale, currency):
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    return f"{pattern};{pattern.replace('#', '-#', 1)}" if locale == "de_CH" else pattern


def _spelled(locale: str, currency: str) -> bool:
    return get_currency_symbol(currency, locale)[-1:].isalpha()


def _drawable(text: str) -> str:
    """The text without the spaces for which some mail programs show a box, with a minus for a hyphen."""
    return text.translate(_DRAWN)


@cache
def _percent_sign(locale: str) -> str:
    return Locale.parse(locale).percent_formats[None].pattern.replace("#,##0", "")


@cache
def _patterns(locale: str) -> Mapping[str, str]:
    """How the locale enumerates; its lists begin as they go on."""
    return dict(Locale.parse(locale).list_patterns["standard"])


@lru_cache(maxsize=4096)
def _short(on: date, locale: str) -> str:
    return format_skeleton("MMMMd", on, locale=locale)


@lru_cache(maxsize=4096)
def _long(on: date, locale: str) -> str:
    return format_date(on, "long", locale=locale)


@lru_cache(maxsize=4096)
def _full(on: date, locale: str) -> str:
    return format_date(on, "full", locale=locale)


@lru_cache(maxsize=4096)
def _number(value: float, locale: str) -> str:
    return _drawable(format_decimal(value, locale=locale))


@lru_cache(maxsize=4096)
def _money(amount: str, currency: str, locale: str) -> str:
    whole = _whole(locale, currency)
    return _drawable(format_currency(Decimal(amount), currency, whole, locale=locale, currency_digits=False))


@lru_cache(maxsize=4096)
def _months(first: date, last: date, locale: str) -> str:
    return _drawable(format_interval(first, last, "yMMMM", locale=locale))


@lru_cache(maxsize=4096)
def _month(on: date, locale: str) -> str:
    return format_skeleton("MMM", on, locale=locale)
