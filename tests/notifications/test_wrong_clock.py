"""A clock that is set back, jumps ahead or changes for summer: no flood, no gap, digests at local time."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kamflow.store import engine as db
from notifications import outbox
from tests.conftest import FixedClock
from tests.notifications.cast import ANNA, announced, member, nudge
from tests.notifications.conftest import PostOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HALF_PAST_EIGHT = time(8, 30)


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Europe/Berlin", date(2028, 3, 26)),
        ("America/New_York", date(2026, 11, 1)),
        ("America/New_York", date(2027, 3, 14)),
        ("Australia/Lord_Howe", date(2027, 4, 4)),  # by half an hour
        ("Africa/Casablanca", date(2027, 2, 7)),  # for the month of Ramadan
    ],
)
@pytest.mark.usefixtures("database_url")
def test_around_a_change_of_the_clocks_there_is_one_digest_a_day_at_half_past_eight(zone: str, night: date):
    here, reader = ZoneInfo(zone), member(weekdays="1234567", region=None, zone=zone)
    now = datetime.combine(night - timedelta(days=2), time(), here).astimezone(ZoneInfo("UTC"))
    end, told, last = now + timedelta(days=5), [], {}
    while now < end:
        new = nudge(opened_on=now.astimezone(here).date())
        for each in announced([new], now, reader, last=last):
            told.append(now.astimezone(here))
            last[ANNA] = each.day
        now += timedelta(minutes=10)

    assert [each.time() for each in told] == [HALF_PAST_EIGHT] * 5
    assert len({each.date() for each in told}) == 5


def passing(post_office: PostOffice, hours: float) -> None:
    """Compose and deliver every quarter of an hour."""
    for _ in range(int(hours * 4)):
        post_office.compose()
        post_office.deliver()
        post_office.clock.advance(minutes=15)


def test_an_hour_that_comes_again_tells_nobody_anything_twice(post_office: PostOffice):
    anna, ben = post_office.person("Anna"), post_office.person("Ben")
    post_office.nudge(anna)
    post_office.nudge(ben, urgency="now")
    passing(post_office, 0.5)

    post_office.clock.advance(hours=-1)
    passing(post_office, 2)

    assert Counter(mail.recipients for mail in post_office.smtp.messages) == {
        ("anna@example.com",): 1,
        ("ben@example.com",): 1,
    }


def test_after_a_day_that_never_was_there_is_no_flood_and_the_next_day_tells_what_is_new(
    post_office: PostOffice,
):
    anna = post_office.person("Anna")
    post_office.nudge(anna)
    passing(post_office, 0.5)
    post_office.clock.advance(days=1)
    post_office.nudge(anna, "tomorrow's")
    passing(post_office, 0.5)
    assert len(post_office.smtp.messages) == 2

    post_office.clock.advance(days=-1)
    passing(post_office, 1)
    post_office.nudge(anna, "new", opened_on=date(2026, 9, 8), staged_on=date(2026, 9, 8))
    for _ in range(3):
        passing(post_office, 0.5)
        post_office.clock.advance(days=1)
    assert len(post_office.smtp.messages) == 3


@pytest.mark.parametrize("trouble", ["put off", "crashed"])
def test_what_waits_for_a_time_before_the_clock_was_set_back_does_not_wait_an_hour_longer(
    post_office: PostOffice, trouble: str
):
    post_office.nudge(post_office.person("Anna"))
    post_office.compose()
    if trouble == "put off":
        post_office.smtp.rule = lambda stage, _: b"451 later\r\n" if stage == "rcpt" else None
        post_office.deliver()
    else:
        crashed(post_office)
    post_office.smtp.rule = None

    post_office.clock.advance(minutes=-57)
    post_office.deliver()
    for _ in range(2):
        post_office.clock.advance(minutes=3)
        post_office.deliver()
    assert post_office.states() == [("sent", None)]


def test_a_lease_survives_a_jump_of_a_day_while_its_mail_is_sent(post_office: PostOffice, clock: FixedClock):
    for name in ("Anna", "Ben", "Clara"):
        post_office.nudge(post_office.person(name))
    post_office.compose()

    def jumps(stage: str, _: str) -> None:
        if stage == "data":
            clock.advance(days=1)

    post_office.smtp.rule = jumps
    post_office.deliver()
    assert {*post_office.states()} == {("sent", None)}
    assert set(post_office.smtp.counts.values()) == {1}


def crashed(post_office: PostOffice) -> None:
    """A dispatcher has claimed what is due, and is no more."""
    lease = timedelta(seconds=post_office.settings.delivery.lease_seconds)
    with db.write(post_office.engine) as session:
        assert outbox.claim(session, "gone", post_office.clock(), lease, 10)
