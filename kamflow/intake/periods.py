"""Periods as people write them: 2026, 2026/27, 2026-Q3, Q3 2026, or first..last."""

import re
from datetime import date

from kamflow.errors import InputError
from kamflow.periods import Changes, Period, fiscal_year, quarters

_NUMBER = r"(?P<year>\d{4})(?:/(?:\d{2})?(?P<last>\d{2}))?"
_YEAR = re.compile(rf"(?:FY|GJ)?\s*{_NUMBER}", re.IGNORECASE)
_QUARTER = (
    re.compile(rf"{_NUMBER}\s*[-/ ]?\s*Q(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(rf"Q(?P<quarter>[1-4])\s*[-/ ]?\s*{_NUMBER}", re.IGNORECASE),
)


def period(written: str, start_month: int, changes: Changes = ()) -> Period | None:
    """The fiscal year or quarter meant; a year is called by the calendar year in which it begins.

    Where two begin in one calendar year, since the fiscal year was changed, 2027 is the first of them
    and 2027/28 the one that ends in 2028.
    """
    written = written.strip()
    if found := _YEAR.fullmatch(written):
        return _year(found, start_month, changes)
    if found := next(filter(None, (form.fullmatch(written) for form in _QUARTER)), None):
        year = _year(found, start_month, changes)
        parts = quarters(year) if year else ()
        number = int(found["quarter"])
        return parts[number - 1] if number <= len(parts) else None
    try:
        return Period.parse(written)
    except InputError:
        return None


def _year(found: re.Match[str], start_month: int, changes: Changes) -> Period | None:
    number = int(found["year"])
    if not 1990 <= number <= 2200:
        return None
    months = (fiscal_year(date(number, month, 1), start_month, changes) for month in range(1, 13))
    begun = [year for year in dict.fromkeys(months) if year.first.year == number]
    if len(begun) > 1 and found["last"]:
        begun = [year for year in begun if year.last.year % 100 == int(found["last"])]
    return begun[0] if begun else None
