"""How long does it take to rehearse a full year, and how much memory?

    python benchmarks/rehearsal.py [--accounts N]… [--people idle|diligent]

Each size in a process of its own. The made-up company of company.py, with classes, planned months, a head of
KAM above the KAMs, and sponsors who read once a month.
"""

import argparse
import resource
import sqlite3
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

import company
import load
from rich.console import Console
from rich.table import Table

from flows.rehearse import rehearse
from flows.runtime import Home
from kamflow.policy import Policy
from kamflow.settings import Company, Settings

SECONDS, MEGABYTES = 60, 500
STAMP = datetime(2026, 9, 7, 5, tzinfo=UTC)
YEAR = date(2027, 1, 1), date(2027, 12, 31)
CLASSES = """UPDATE account SET meeting_month = 1 + id % 12, account_class =
    CASE WHEN id % 5 = 0 THEN 'key' WHEN id % 5 < 3 THEN 'major' WHEN id % 5 = 3 THEN 'target' ELSE 'A' END"""
HEAD = """INSERT INTO person (id, key, name, language, zone, country, weekdays, level, channel, digest)
    VALUES (401, 'head', 'Head', 'de', 'Europe/Berlin', 'DE', '12345', 'other', 'email', 'daily')"""
ABOVE = (
    "INSERT INTO person_role VALUES (401, 'head')",
    f"UPDATE person SET superior_id = 401 WHERE id <= {max(company.KAMS)}",  # noqa: S608 - our own number
    "UPDATE person SET digest = 'first-tuesday' WHERE level = 'board'",
)

show = Console(highlight=False, width=100).print


@dataclass(frozen=True)
class Figures:
    """What a year took. `megabytes` is the peak of its process."""

    seconds: float
    cpu: float
    megabytes: int
    told: int
    messages: int


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, action="append", help="default 500, 1,000 and 2,000")
    parser.add_argument("--people", choices=("idle", "diligent"), default="idle")
    asked = parser.parse_args()
    head = (
        "accounts",
        f"seconds (< {SECONDS})",
        "CPU",
        f"peak MB (< {MEGABYTES})",
        "told",
        "messages",
        "ratio",
    )
    table = Table(*head, box=None)
    before: tuple[int, Figures] | None = None
    for accounts in asked.accounts or (500, 1000, 2000):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = pool.submit(year, accounts, asked.people == "diligent").result()
        ratio = "" if before is None else f"{found.cpu / before[1].cpu / (accounts / before[0]):.2f}"
        figures = (f"{found.seconds:.1f}", f"{found.cpu:.1f}", str(found.megabytes))
        table.add_row(f"{accounts:,}", *figures, f"{found.told:,}", f"{found.messages:,}", ratio)
        before = accounts, found
    show(table)
    show(
        "ratio: CPU to that of the size before, by account; not above 1.1 is growing no faster than accounts"
    )


def year(accounts: int, diligent: bool) -> Figures:
    """Build a company and rehearse its next year."""
    with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder:
        url = f"sqlite:///{folder}/kamflow.db"
        load.build(url, accounts)
        with closing(sqlite3.connect(f"{folder}/kamflow.db")) as connection, connection:
            for statement in (CLASSES, HEAD, *ABOVE):
                connection.execute(statement)
        settings = Settings(home=Path(folder), company=Company(region="BY"))
        home = Home(settings, Policy(), None, lambda: STAMP)
        wall, cpu = perf_counter(), process_time()
        found = rehearse(home, url, *YEAR, diligent)
        wall, cpu = perf_counter() - wall, process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Figures(wall, cpu, peak, found.total.told, found.total.messages)


if __name__ == "__main__":
    main()
