"""A few blows while days pass: nothing is lost, nothing doubled, nothing left standing."""

from pathlib import Path

import pytest

from tests.end_to_end.chaos.run import run
from tests.end_to_end.chaos.trouble import Pace

pytestmark = pytest.mark.slow

SHORT = Pace(blow=(4.0, 9.0), away=(5.0, 15.0), long_away=(15.0, 20.0))

BLOWS = ("flow", "email", "runner", "slack", "server", "up")


@pytest.mark.timeout(1800)  # a busy machine may take minutes to be ready, and again to be calm
def test_days_under_blows_end_as_if_nothing_had_happened(tmp_path: Path) -> None:
    verdict = run(tmp_path / "home", minutes=0, plan=BLOWS, seed=3, accounts=6, pace=SHORT)

    assert verdict.wrong == ()
    assert verdict.counted["mails"]
