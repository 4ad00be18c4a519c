"""Days under blows until the time is up, then peace, and the verdict."""

import random
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from subprocess import TimeoutExpired
from time import monotonic

from sqlalchemy import select
from sqlmodel import col

from kamflow.models.watch import Incident
from kamflow.store import engine as db
from kamflow.store import incidents
from tests.end_to_end.chaos import processes
from tests.end_to_end.chaos.days import Days
from tests.end_to_end.chaos.household import Household, engine_of, household
from tests.end_to_end.chaos.trouble import Pace, Trouble
from tests.end_to_end.chaos.verdict import Verdict, judged, settled, standing
from tests.flows.prefect_api import eventually

FIRST = date(2026, 9, 7)
PEACE_SECONDS = 600.0


def run(
    folder: Path,
    *,
    minutes: float,
    seed: int,
    plan: Sequence[str] | None = None,
    accounts: int = 12,
    pace: Pace | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> Verdict:
    """Play days in `folder` while things break: for so many minutes, and until each blow of `plan` fell.

    The minutes begin once all is ready, and after the last of the plan nothing more breaks: a slow machine
    has the same trouble, and is not struck again and again before it is back.
    """
    with household(folder, accounts, FIRST) as home:
        engine = engine_of(home)
        days = Days(home, engine, random.Random(seed))
        trouble = Trouble(home, random.Random(seed + 1), pace or Pace(), plan=plan)
        try:
            home.start()
            home.wait_ready()
            found = processes.of_home(home.folder)
            assert all(found[each] for each in ("up", "server", "runner")), found  # or no blow would be felt
            say("kamflow up is ready; trouble begins")
            trouble.start()
            end = monotonic() + minutes * 60
            last = FIRST
            for last in days.play(FIRST, FIRST + timedelta(days=400)):
                say(f"{last} is over: {dict(trouble.done)}")
                if monotonic() > end and trouble.enough:
                    break
            trouble.stop()
            home.wait_ready()
            # What failed a moment before the end of trouble is tried again up to a quarter of an hour later.
            home.set_clock(last, 11, 45)
            eventually("all is calm", lambda: days.calm() and settled(engine), PEACE_SECONDS)
            _peace(home, days)
            _known(home)
            return judged(home, days, trouble, last)
        finally:
            trouble.stop()
            _end(home)
            engine.dispose()


def _peace(home: Household, days: Days) -> None:
    """Wait until what is over is known to be over, and told."""

    def ended() -> bool:
        home.keep_up()
        with db.read(days.engine) as session:
            still = session.execute(select(Incident.id).where(col(Incident.closed_at).is_(None))).first()
            untold = incidents.to_tell(session)
        return not (still or untold) and settled(days.engine)

    with suppress(AssertionError):
        eventually("every trouble is told to be over", ended, 300)


def _known(home: Household) -> None:
    """Wait until Prefect knows the end of each run, too: who did it may have been killed before it could say
    so, and the watchdog gives it minutes."""

    def told() -> bool:
        home.keep_up()
        return standing(home) == []

    with suppress(AssertionError):
        eventually("Prefect knows what ended", told, 300)


def _end(home: Household) -> None:
    """Stop `kamflow up`; whatever does not stop by itself is killed."""
    if home.up is not None and home.up.poll() is None:
        home.up.send_signal(signal.SIGTERM)
        with suppress(TimeoutExpired):
            home.up.wait(40)
    for found in processes.of_home(home.folder).values():
        for process in found:
            processes.kill(process)
