"""School summer holidays by region: what `holidays` knows, and that not knowing is said."""

from datetime import date

import pytest

from kamflow.figures.summer_holidays import spans


def test_bavaria_begins_in_august() -> None:
    assert spans("DE", "BY", [2026]) == ((date(2026, 8, 3), date(2026, 9, 14)),)


def test_years_are_put_in_order_and_counted_once() -> None:
    assert spans("AT", "9", [2027, 2026, 2026]) == (
        (date(2026, 7, 4), date(2026, 9, 6)),
        (date(2027, 7, 3), date(2027, 9, 5)),
    )


@pytest.mark.parametrize(
    ("country", "region", "years"),
    [
        ("DE", None, [2026]),  # each state has its own
        ("DE", "BY", [2029, 2030]),  # the data end in 2029
        ("CH", "ZH", [2026]),
        ("DE", "QQ", [2026]),
        ("XX", "YY", [2026]),
        (None, None, [2026]),
    ],
)
def test_what_is_not_known_is_not_called_free_of_holidays(
    country: str | None, region: str | None, years: list[int]
) -> None:
    assert spans(country, region, years) is None
