"""What a reader of each locale sees; no space of these is one for which a mail program shows a box."""

from datetime import date
from typing import Any

import pytest

from notifications.render.formats import LOCALES, Formats, locale_of

TODAY = date(2026, 9, 7)
NB = "\N{NO-BREAK SPACE}"
# Format, its arguments, then what de_DE, de_AT, de_CH, en_GB and en_US show.
TABLE: tuple[tuple[str, tuple[Any, ...], tuple[str, ...]], ...] = (
    (
        "day",
        ("2026-09-11",),
        ("11. September", "11. September", "11. September", "11 September", "September 11"),
    ),
    (
        "day",
        ("2027-01-05",),
        ("5. Januar 2027", "5. Jänner 2027", "5. Januar 2027", "5 January 2027", "January 5, 2027"),
    ),
    (
        "weekday",
        ("2026-02-06",),
        (
            "Freitag, 6. Februar 2026",
            "Freitag, 6. Februar 2026",
            "Freitag, 6. Februar 2026",
            "Friday, 6 February 2026",
            "Friday, February 6, 2026",
        ),
    ),
    (
        "days",
        ("2026-09-07", "2026-09-11"),
        ("7.–11. September", "7.–11. September", "7.–11. September", "7–11 September", "September 7–11"),
    ),
    (
        "days",
        ("2026-12-28", "2027-01-02"),
        (
            "28. Dezember – 2. Januar 2027",
            "28. Dezember – 2. Jänner 2027",
            "28. Dezember – 2. Januar 2027",
            "28 December – 2 January 2027",
            "December 28 – January 2, 2027",
        ),
    ),
    (
        "months",
        ("2026-07-01", "2026-09-30"),
        (
            "Juli–September 2026",
            "Juli–September 2026",
            "Juli–September 2026",
            "July – September 2026",
            "July – September 2026",
        ),
    ),
    (
        "numeric",
        ("2026-09-11",),
        ("11.9.2026", "11.9.2026", "11.9.2026", "11/09/2026", "9/11/2026"),
    ),
    ("year", ("2026-07-01", "2027-06-30"), ("2026/27",) * 5),
    (
        "moment",
        ("2026-09-11T13:05:00+00:00", "Europe/Berlin"),
        ("15:05", "15:05", "15:05", "15:05", f"3:05{NB}PM"),
    ),
    (
        "number",
        (1234567.8,),
        ("1.234.567,8", "1.234.567,8", "1’234’567.8", "1,234,567.8", "1,234,567.8"),
    ),
    ("number", (-3.5,), ("−3,5", "−3,5", "−3.5", "−3.5", "−3.5")),
    (
        "money",
        ("820000.49",),
        (f"820.000{NB}€", f"€{NB}820.000", f"EUR{NB}820’000", "€820,000", "€820,000"),
    ),
    (
        "money",
        ("-1200",),
        (f"−1.200{NB}€", f"−€{NB}1.200", f"EUR{NB}−1’200", "−€1,200", "−€1,200"),
    ),
    ("percent", (94.9,), (f"94,9{NB}%", f"94,9{NB}%", "94.9%", "94.9%", "94.9%")),
    ("change", (8.9,), (f"+8,9{NB}%", f"+8,9{NB}%", "+8.9%", "+8.9%", "+8.9%")),
    ("change", (-3.1,), (f"−3,1{NB}%", f"−3,1{NB}%", "−3.1%", "−3.1%", "−3.1%")),
    (
        "listed",
        (["Knut", "Paul", "Karl"],),
        ("Knut, Paul und Karl", "Knut, Paul und Karl", "Knut, Paul und Karl",
         "Knut, Paul and Karl", "Knut, Paul, and Karl"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(("name", "said", "expected"), TABLE, ids=lambda value: str(value)[:24])
def test_every_locale_writes_it_in_its_own_way(name: str, said: tuple[Any, ...], expected: tuple[str, ...]):
    shown = [getattr(Formats(locale, TODAY), name)(*said) for locale in LOCALES]

    assert tuple(shown) == expected
    assert not set("".join(shown)) & set("\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}")


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        (
            "CHF",
            (f"1.500{NB}CHF", f"CHF{NB}1.500", f"CHF{NB}1’500", f"CHF{NB}1,500", f"CHF{NB}1,500"),
        ),
        ("USD", (f"1.500{NB}$", f"${NB}1.500", f"${NB}1’500", "US$1,500", "$1,500")),
        ("GBP", (f"1.500{NB}£", f"£{NB}1.500", f"£{NB}1’500", "£1,500", "£1,500")),
    ],
)
def test_money_carries_its_currency(currency: str, expected: tuple[str, ...]):
    assert tuple(Formats(locale, TODAY, currency).money("1500") for locale in LOCALES) == expected


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        ("de", "de_DE"),
        ("de-CH", "de_CH"),
        ("DE_at", "de_AT"),
        ("de-CH@du", "de_CH"),
        ("de-LI", "de_DE"),
        ("en", "en_GB"),
        ("en-us", "en_US"),
        ("fr", "en_GB"),
        ("", "en_GB"),
    ],
)
def test_a_language_tag_leads_to_its_locale(language: str, locale: str):
    assert locale_of(language) == locale
