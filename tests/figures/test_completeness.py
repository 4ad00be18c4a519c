"""When a quarter is complete: every source has called every day of it complete."""

from datetime import date

import pytest

from kamflow.figures.completeness import Statement, completed_on
from kamflow.periods import Period

QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
JULY, AUGUST, SEPTEMBER = (Period(date(2026, m, 1), date(2026, m, d)) for m, d in ((7, 31), (8, 31), (9, 30)))


def said(source: str, period: Period, day: int, month: int = 10) -> Statement:
    return Statement(source, period.first, period.last, date(2026, month, day))


@pytest.mark.parametrize(
    ("statements", "sources", "on"),
    [
        ([said("sap", QUARTER, 6)], ("sap",), date(2026, 10, 6)),
        ([said("sap", QUARTER, 6)], ("sap", "abas"), None),
        ([said("sap", QUARTER, 6), said("abas", QUARTER, 9)], ("sap", "abas"), date(2026, 10, 9)),
        # month by month, in whatever order they were called complete
        (
            [said("sap", JULY, 9), said("sap", SEPTEMBER, 5), said("sap", AUGUST, 3, 9)],
            ("sap",),
            date(2026, 10, 9),
        ),
        ([said("sap", JULY, 9), said("sap", SEPTEMBER, 5)], ("sap",), None),
        # a year covers its quarter; the first statement that completes it counts
        (
            [said("sap", QUARTER, 6), said("sap", Period(date(2026, 1, 1), date(2026, 12, 31)), 20)],
            ("sap",),
            date(2026, 10, 6),
        ),
        ([said("sap", QUARTER, 6)], (), None),
        ([], ("sap",), None),
    ],
)
def test_a_quarter_is_complete_with_the_last_statement_it_needs(
    statements: list[Statement], sources: tuple[str, ...], on: date | None
) -> None:
    assert completed_on(QUARTER, sources, statements) == on
    assert completed_on(QUARTER, sources, statements[::-1]) == on
