"""A transaction that finds the database locked is tried again, but not for ever."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from flows.runtime import ATTEMPTS, persistent

LOCKED = OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))


def failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    tried: list[int] = []

    def work() -> str:
        tried.append(1)
        if len(tried) <= times:
            raise error
        return "done"

    return work, tried


def test_a_locked_database_is_tried_again() -> None:
    work, tried = failing(ATTEMPTS - 1, LOCKED)

    assert (persistent(work), len(tried)) == ("done", ATTEMPTS)


def test_a_database_that_stays_locked_fails_the_run() -> None:
    work, tried = failing(ATTEMPTS, LOCKED)

    with pytest.raises(OperationalError):
        persistent(work)
    assert len(tried) == ATTEMPTS


def test_what_is_wrong_with_the_data_is_not_tried_again() -> None:
    work, tried = failing(1, IntegrityError("INSERT", None, Exception("unique")))

    with pytest.raises(IntegrityError):
        persistent(work)
    assert len(tried) == 1
