from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kamflow.errors import Ambiguous, Permanent, Temporary
from notifications.retry import (
    FIRST_WAIT,
    JITTER,
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    TAKEN_AT_ITS_WORD,
    next_attempt,
)

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
BUSY = Temporary("try later", cause="deferred")
RANDOM = st.floats(0, 1, exclude_max=True)


def wait(attempt: int, error: Temporary | Ambiguous = BUSY, random: float = 0.0) -> float:
    at = next_attempt(attempt, NOW, error, random)
    assert at is not None
    return (at - NOW).total_seconds()


def test_the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour():
    assert [wait(attempt) for attempt in range(1, 8)] == [30, 60, 120, 240, 480, 900, 900]


def test_a_permanent_error_is_not_tried_again():
    assert next_attempt(1, NOW, Permanent("no such user", cause="recipient-refused"), 0.5) is None


def test_it_gives_up_after_about_a_day():
    waits = [wait(attempt, random=0.5) for attempt in range(1, MAX_ATTEMPTS)]

    assert timedelta(hours=23) < timedelta(seconds=sum(waits)) < timedelta(hours=25)
    assert next_attempt(MAX_ATTEMPTS, NOW, BUSY, 0.5) is None


def test_a_lost_answer_is_looked_up_after_the_usual_wait():
    assert wait(2, Ambiguous("no answer", cause="lost-answer")) == 60


def test_the_time_the_other_side_named_counts_as_said():
    assert wait(1, Temporary("patience", cause="ratelimited", retry_after=2)) == 2
    assert wait(1, Temporary("patience", cause="ratelimited", retry_after=7200)) == 7200


def test_a_server_that_always_says_in_a_second_is_not_hammered():
    impatient = Temporary("patience", cause="ratelimited", retry_after=1)

    assert wait(TAKEN_AT_ITS_WORD, impatient) == 1
    assert wait(TAKEN_AT_ITS_WORD + 1, impatient) == LONGEST_WAIT


def test_a_made_up_time_does_not_park_a_message_for_ever():
    assert wait(1, Temporary("patience", cause="ratelimited", retry_after=float("inf"))) == 24 * 3600


@given(attempt=st.integers(1, MAX_ATTEMPTS - 1), random=RANDOM)
def test_jitter_only_shortens_and_never_by_more_than_its_share(attempt: int, random: float):
    full = wait(attempt)

    assert full * (1 - JITTER) <= wait(attempt, random=random) <= full
    assert FIRST_WAIT <= full <= LONGEST_WAIT


@given(attempt=st.integers(1, MAX_ATTEMPTS - 1), random=RANDOM, told=st.floats(0, 80_000))
def test_it_never_comes_back_before_the_time_named(attempt: int, random: float, told: float):
    error = Temporary("patience", cause="ratelimited", retry_after=told)

    assert wait(attempt, error, random) >= told - 1e-6
