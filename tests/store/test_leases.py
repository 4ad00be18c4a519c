"""Of several who want a lease one has it, on both databases and however many ask at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from kamflow.models.watch import Lease
from kamflow.store import engine as db
from kamflow.store import leases
from tests.conftest import NOW

SECONDS = 12.0


def take(engine: Engine, holder: str, seconds: float = 0) -> bool:
    return leases.take(engine, "clock", holder, NOW + timedelta(seconds=seconds), SECONDS)


@contextmanager
def engines(url: str, many: int) -> Iterator[list[Engine]]:
    made = [db.connect(url) for _ in range(many)]
    yield made
    for each in made:
        each.dispose()


def test_of_eight_at_once_one_takes_it_and_after_its_end_again_one(database_url: str) -> None:
    with engines(database_url, 8) as own, ThreadPoolExecutor(8) as threads:
        for seconds in (0.0, SECONDS, 2 * SECONDS):
            start = Barrier(8)

            def at_once(number: int, seconds: float = seconds, start: Barrier = start) -> bool:
                start.wait()
                return take(own[number], f"supervisor-{number}-{seconds}", seconds)

            assert sorted(threads.map(at_once, range(8)))[-2:] == [False, True]


def test_who_holds_it_prolongs_it_and_another_has_it_only_after_its_end(engine: Engine) -> None:
    assert take(engine, "first")
    assert take(engine, "first", 10)
    assert not take(engine, "second", 21.9)
    assert take(engine, "second", 22)
    assert not take(engine, "first", 23)
    with db.read(engine) as session:
        held = leases.held(session, "clock", NOW + timedelta(seconds=25))
        assert (held and held.holder, held and held.term) == ("second", 2)


def test_what_is_given_back_is_free_at_once_and_only_its_holder_gives_it_back(sqlite_engine: Engine) -> None:
    def give_back(holder: str) -> None:
        with db.write(sqlite_engine) as session:
            leases.give_back(session, "clock", holder, NOW)

    take(sqlite_engine, "first")
    give_back("second")
    assert not take(sqlite_engine, "second")
    give_back("first")
    assert take(sqlite_engine, "second")


def of(engine: Engine, seconds: float = 0) -> tuple[datetime, datetime, int]:
    """Since when and until when it is held, and by the how-manieth."""
    with db.read(engine) as session:
        held = leases.held(session, "clock", NOW + timedelta(seconds=seconds))
        assert held is not None
        return held.since, held.until, held.term


def test_it_is_held_since_it_was_taken_until_a_while_after_it_was_prolonged(sqlite_engine: Engine) -> None:
    def at(seconds: float) -> datetime:
        return NOW + timedelta(seconds=seconds)

    take(sqlite_engine, "first")
    take(sqlite_engine, "first", 5)
    assert of(sqlite_engine, 5) == (at(0), at(17), 1)
    take(sqlite_engine, "second", 20)
    assert of(sqlite_engine, 20) == (at(20), at(32), 2)
    take(sqlite_engine, "second", 25)
    assert of(sqlite_engine, 25) == (at(20), at(37), 2)


def test_nobody_holds_what_was_never_taken_or_has_ended(sqlite_engine: Engine) -> None:
    def holder(seconds: float) -> str | None:
        with db.read(sqlite_engine) as session:
            held = leases.held(session, "clock", NOW + timedelta(seconds=seconds))
            return held and held.holder

    assert holder(0) is None
    take(sqlite_engine, "first")
    assert (holder(SECONDS - 0.1), holder(SECONDS)) == ("first", None)


@pytest.mark.parametrize("seconds", [0, 2 * SECONDS])
@pytest.mark.parametrize("ended", [True, False])
def test_who_knows_whether_another_s_has_ended_is_believed_and_not_the_clock(
    sqlite_engine: Engine, seconds: float, ended: bool
) -> None:
    asked: list[str] = []

    def known(lease: Lease) -> bool:
        asked.append(lease.holder)
        return ended

    def taken(holder: str, seconds: float) -> bool:
        now = NOW + timedelta(seconds=seconds)
        with db.write(sqlite_engine) as session:
            return leases.taken(session, "clock", holder, now, SECONDS, known)

    take(sqlite_engine, "first")
    assert taken("first", 0)
    assert asked == []  # one's own need not have ended
    assert taken("second", seconds) == ended
    assert asked == ["first"]


@pytest.mark.parametrize("seconds", [5, 0, -3600])  # the last: its clock was set back meanwhile
def test_what_is_given_back_is_seen_to_be_whatever_the_clock_says(
    sqlite_engine: Engine, seconds: float
) -> None:
    now = NOW + timedelta(seconds=seconds)

    def given_back() -> bool:
        with db.read(sqlite_engine) as session:
            return leases.given_back(session.get_one(Lease, "clock"))

    take(sqlite_engine, "first")
    assert not given_back()
    with db.write(sqlite_engine) as session:
        leases.give_back(session, "clock", "first", now)
    assert given_back()
    with db.read(sqlite_engine) as session:
        assert leases.held(session, "clock", now) is None
    assert take(sqlite_engine, "second", seconds)


def test_an_end_that_a_wrong_clock_wrote_into_the_far_future_holds_nobody_up(sqlite_engine: Engine) -> None:
    def at(hours: int) -> datetime:
        return NOW + timedelta(hours=hours)

    assert leases.take(sqlite_engine, "clock", "first", at(3), SECONDS)
    assert leases.take(sqlite_engine, "clock", "second", at(0), SECONDS)
