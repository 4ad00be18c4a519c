"""A lease that could not be prolonged once is prolonged at the next beat."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from notifications.lease import Lease
from tests.conftest import FixedClock


class Desk:
    """Takes nothing at first."""

    def __init__(self) -> None:
        self.asked = 0

    async def write(self, _: Any) -> list[int]:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("can't start new thread")
        return [7]


def test_whatever_keeps_a_lease_from_being_prolonged_does_not_end_the_beat(clock: FixedClock) -> None:
    desk: Any = Desk()
    pauses: list[float] = []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    async def beats() -> bool:
        lease = Lease(desk, "worker", clock, timedelta(seconds=90), wait)
        held: Any = SimpleNamespace(id=7, until=clock())
        lease.take([held])
        async with lease.kept():
            for _ in range(20):
                await asyncio.sleep(0)
            return await lease.holds(7)

    assert asyncio.run(beats())
    assert desk.asked > 2
    assert pauses[:4] == [30, 10, 30, 30]  # sooner than the notice is over that others give meanwhile
