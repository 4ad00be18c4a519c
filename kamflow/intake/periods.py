"""Periods as people write them: 2026, 2026/27, 2026-Q3, Q3 2026, or first..last."""

import re
from datetime import date

from kamflow.errors import InputError
from kamflow.periods import Period, fiscal_year, quarters

_YEAR = re.compile(r"(?:FY|GJ)?\s*(\d{4})(?:/\d{2}(?:\d{2})?)?", re.IGNORECASE)
_QUARTER = re.compile(
    r"(\d{4})(?:/\d{2})?\s*[-/ ]?\s*Q([1-4])|Q([1-4])\s*[-/ ]?\s*(\d{4})(?:/\d{2})?", re.IGNORECASE
)


def period(written: str, start_month: int) -> Period | None:
    """The fiscal year or quarter meant; a year is called by the calendar year in which it begins."""
    written = written.strip()
    if found := _YEAR.fullmatch(written):
        return _year(int(found[1]), start_month)
    if found := _QUARTER.fullmatch(written):
        year = _year(int(found[1] or found[4]), start_month)
        return quarters(year)[int(found[2] or found[3]) - 1] if year else None
    try:
        return Period.parse(written)
    except InputError:
        return None


def _year(number: int, start_month: int) -> Period | None:
    if not 1990 <= number <= 2200:
        return None
    return fiscal_year(date(number, start_month, 1), start_month)
