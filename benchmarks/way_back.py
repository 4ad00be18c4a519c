"""How long does it take from a customer's answer to the KAM's post in Slack?

    python benchmarks/way_back.py [--small]

A whole home at work: Prefect's server, runner, clock and doors as processes of their own, SQLite, our own
Slack. One unhappy answer after the other comes in by the page; counted is the time from the answered POST to
the post of the nudge that it opened. docs/measuring.md says what is counted.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import monotonic

import httpx
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.end_to_end.whole_home import WholeHome, at_work
from tests.flows.prefect_api import eventually

ALL, SMALL = 20, 5
show = Console(highlight=False, width=110).print


def main() -> None:
    """Measure and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{SMALL} answers instead of {ALL}")
    asked, _ = parser.parse_known_args()
    number = SMALL if asked.small else ALL
    folder = Path(tempfile.mkdtemp(prefix="kamflow-"))
    try:
        with at_work(folder, number) as whole:
            took = [latency(whole, path) for path in whole.links]
    finally:
        shutil.rmtree(folder)
    load = os.getloadavg()[0]
    show(f"{number} answers, seconds to the post in Slack: {' '.join(f'{each:.1f}' for each in took)}")
    show(f"median {median(took):.1f} s, worst {max(took):.1f} s (load of the machine at the end {load:.1f})")


def latency(whole: WholeHome, path: str) -> float:
    """Seconds from the answer to the post of the nudge that it opens."""
    before = len(whole.posts())
    answer(whole.public + path, 2)
    begun = monotonic()
    eventually("a post", lambda: len(whole.posts()) > before, 90)
    return whole.posts()[-1].at - begun


def answer(url: str, score: int) -> None:
    """Send the form of the survey as a browser does."""
    form = {"score": str(score), "comment": "", "version": "0"}
    answered = httpx.post(url, data=form, headers={"sec-fetch-site": "same-origin"}, timeout=30)
    if not answered.is_redirect:
        raise RuntimeError(f"the page did not take the answer: {answered.status_code}")


if __name__ == "__main__":
    main()
