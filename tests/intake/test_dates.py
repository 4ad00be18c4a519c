"""Dates that can only mean one day, and those that need a stated format."""

from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kamflow.intake.dates import Undecidable, day, parse

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("written", ["2026-03-12", "20260312", "12.03.2026", "12.3.2026", "2026/03/12"])
def test_the_usual_spellings_need_no_format(written: str):
    assert parse(written, None, BERLIN) == date(2026, 3, 12)


@pytest.mark.parametrize("written", ["03/04/2026", "3/4/2026", "03-04-2026", "03/04/2026 10:15"])
def test_day_and_month_that_can_be_exchanged_are_not_guessed(written: str):
    with pytest.raises(Undecidable):
        parse(written, None, BERLIN)


@pytest.mark.parametrize(
    ("written", "style", "month"),
    [("03/04/2026", "dd/mm/yyyy", 4), ("03/04/2026", "mm/dd/yyyy", 3), ("03-04-2026", "dd-mm-yyyy", 4)],
)
def test_a_stated_format_decides(written: str, style: str, month: int):
    assert parse(written, style, BERLIN).month == month


@pytest.mark.parametrize("written", ["25/04/2026", "04/25/2026", "04/04/2026"])
def test_a_date_that_fits_one_way_only_is_taken(written: str):
    assert parse(written, None, BERLIN).month == 4


@pytest.mark.parametrize(
    ("written", "style"),
    [
        ("12.03.26", None),
        ("31.02.2026", None),
        ("2026-13-01", None),
        ("12.03.2026", "yyyymmdd"),
        ("٢٠٢٦-٠٣-١٢", None),
        ("tomorrow", None),
        ("", None),
        ("2102", "ddmm"),
    ],
)
def test_what_is_no_such_date_is_refused(written: str, style: str | None):
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        parse(written, style, BERLIN)


def test_a_moment_keeps_its_zone_and_falls_on_the_local_day():
    moment = parse("2026-03-12T23:30:00.123+0000", None, BERLIN)
    assert isinstance(moment, datetime)
    assert (moment.tzinfo, day(moment, BERLIN)) == (UTC, date(2026, 3, 13))


def test_a_date_of_day_and_month_takes_the_stated_year():
    assert parse("2102", "ddmm", BERLIN, 2018) == date(2018, 2, 21)
    assert parse("102", "ddmm", BERLIN, 2018) == date(2018, 2, 1)


@given(some.dates(min_value=date(1900, 1, 1), max_value=date(2999, 1, 1)))
def test_every_day_reads_back(on: date):
    spellings = (on.isoformat(), f"{on:%d.%m.%Y}", f"{on:%Y%m%d}")
    assert {parse(each, None, BERLIN) for each in spellings} == {on}


@given(some.text(max_size=20), some.sampled_from([None, "iso", "dd/mm/yyyy", "ddmm", "yyyymmdd"]))
def test_any_text_is_a_date_or_a_value_error(written: str, style: str | None):
    with suppress(ValueError):
        parse(written, style, BERLIN, 2026)
