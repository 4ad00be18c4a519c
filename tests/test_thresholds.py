"""Thresholds that no night and no delivery could use are refused where they are set."""

import pytest

from kamflow.errors import ConfigError
from kamflow.policy import parse


@pytest.mark.parametrize("hour", ["24:00", "25:00", "09:60", "9:00", "09.00", "٠٩:٠٠", "09:00\n"])
@pytest.mark.parametrize("knob", ["send_from", "send_until"])
def test_an_hour_is_a_time_of_day(knob: str, hour: str) -> None:
    with pytest.raises(ConfigError, match=rf"survey_dispatch.{knob} = .*: expected a time of day"):
        parse({"survey_dispatch": {knob: hour}})


@pytest.mark.parametrize("day", ["99-99", "00-10", "04-31", "02-29", "2-1", "W1-1", "12-1٠"])
@pytest.mark.parametrize(
    ("table", "knob"),
    [
        ("survey_dispatch", "season_from"),
        ("survey_dispatch", "season_until"),
        ("cadence", "quiet_from"),
        ("cadence", "quiet_until"),
    ],
)
def test_an_end_of_a_season_is_a_day_of_every_year(table: str, knob: str, day: str) -> None:
    with pytest.raises(ConfigError, match=rf"{table}.{knob} = .*: expected month and day"):
        parse({table: {knob: day}})


def test_the_last_hours_and_days_of_all_are_taken() -> None:
    survey = {"send_until": "23:59", "season_from": "02-28"}
    policy = parse({"survey_dispatch": survey, "cadence": {"quiet_until": "12-31"}})

    assert (policy.survey_dispatch.send_until, policy.survey_dispatch.season_from) == ("23:59", "02-28")
    assert policy.cadence.quiet_until == "12-31"
