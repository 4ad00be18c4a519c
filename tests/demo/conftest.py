from collections.abc import Iterator
from datetime import date

import pytest

from kamflow.demo.gathering import gather
from kamflow.demo.play import FIRST, LAST, play
from kamflow.demo.stage import staged
from tests.demo.played import Played


def _played(accounts: int, last: date) -> Iterator[Played]:
    with staged(accounts, None, FIRST) as stage:
        diary = play(stage, last=last)
        yield stage, diary, gather(stage, diary)


@pytest.fixture(scope="session")
def week() -> Iterator[Played]:
    yield from _played(5, date(2026, 9, 9))


@pytest.fixture(scope="session")
def weeks() -> Iterator[Played]:
    yield from _played(40, LAST)
