import asyncio
import time

import pytest

from tests.notifications.channels.hourglass import LOOK, in_no_time, now


def test_the_clock_stands_still_while_a_thread_is_at_work():
    async def work() -> float:
        async with asyncio.timeout(1):
            await asyncio.to_thread(time.sleep, 20 * LOOK)
        return now()

    assert in_no_time(work()) == 1000.0


def test_the_clock_goes_on_once_the_last_thread_has_ended():
    async def work() -> None:
        await asyncio.gather(*(asyncio.to_thread(time.sleep, each * LOOK) for each in (1, 2)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.Event().wait()
        assert now() == 1001.0

    in_no_time(work())
