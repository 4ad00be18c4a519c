"""Numbers in German and English spelling."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kamflow.intake import numbers
from kamflow.intake.numbers import Undecidable, parse

amounts = some.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("written", "style", "value", "currency"),
    [
        ("3142,13", None, "3142.13", None),
        ("3142.5", None, "3142.5", None),
        ("1.234,56", None, "1234.56", None),
        ("1,234.56", None, "1234.56", None),
        ("1.234.567", None, "1234567", None),
        ("1.234", "de", "1234", None),
        ("1.234", "en", "1.234", None),
        ("1,234", "en", "1234", None),
        ("1.234,56-", "de", "-1234.56", None),
        ("-5", None, "-5", None),
        ("−5", None, "-5", None),
        ("(12,50)", None, "-12.50", None),
        ("1'234.50", None, "1234.50", None),
        ("1 234,50 €", None, "1234.50", "EUR"),
        ("USD 1,234.50", None, "1234.50", "USD"),
        ("€\u00a01.000,00", None, "1000.00", "EUR"),
        (",5", None, "0.5", None),
    ],
)
def test_a_number_is_read_as_it_was_meant(
    written: str, style: numbers.NumberFormat | None, value: str, currency: str | None
):
    assert parse(written, style) == (Decimal(value), currency)


@pytest.mark.parametrize("written", ["1.234", "1,234", "12.345", "-1,000"])
def test_what_can_be_two_numbers_is_not_guessed(written: str):
    with pytest.raises(Undecidable):
        parse(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "abc",
        "1.2.3",
        "1,2,3",
        "--5",
        "-5-",
        "(5",
        "1e5",
        "١٢٣",
        "5 EUR USD",
        "€5 USD",
        "-",
        ",",
        "9" * 60,
        "NaN",
    ],
)
def test_what_is_no_number_is_refused(written: str):
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        parse(written)


@given(amounts)
def test_german_spelling_reads_back(value: Decimal):
    assert parse(numbers.german(value), "de")[0] == value


@given(amounts)
def test_english_spelling_reads_back_with_the_sign_behind(value: Decimal):
    written = f"{abs(value):,.2f}" + ("-" if value < 0 else "")
    assert parse(written, "en")[0] == value


@given(some.text(max_size=20))
def test_any_text_is_a_number_or_a_value_error(written: str):
    with suppress(ValueError):
        assert parse(written)[0].is_finite()
