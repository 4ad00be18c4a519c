"""How long does a night of all rules take, and how does that grow with the accounts?

    python benchmarks/all_rules.py [--small] [--accounts N]… [--database sqlite|postgresql|URL]…

1,000, 10,000 and 100,000 accounts of whole.py (read there who is a key account), in a night in which the
quarter is complete: everything opens; the same day once more; the next day, on which nobody did anything. The
rules are those of the registry. Each night in a process of its own; docs/measuring.md says what is counted.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import load
import night
import steps
from rich.console import Console
from rich.table import Table

SIZES, SMALL = (1_000, 10_000, 100_000), (500, 1_000)
NIGHTS: tuple[tuple[str, Callable[[str], list[steps.Figures]]], ...] = (
    ("first night", steps.whole_night),
    ("same day again", steps.whole_night),
    ("next day, no news", steps.whole_next_night),
)

show = Console(highlight=False, width=110).print


class Before(NamedTuple):
    """The size before, with the CPU of each line."""

    accounts: int
    cpu: dict[tuple[str, str], float]


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{SMALL} accounts instead of {SIZES}")
    parser.add_argument("--accounts", type=int, action="append", help="so many accounts")
    parser.add_argument(
        "--database", action="append", help="sqlite (default), postgresql or the URL of a server"
    )
    asked, _ = parser.parse_known_args()
    sizes = asked.accounts or (SMALL if asked.small else SIZES)
    for name in asked.database or ("sqlite",):
        with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder:
            if name == "sqlite":
                _bench("SQLite", f"sqlite:///{folder}/kamflow.db", sizes)
            elif name == "postgresql":
                with night.own_server(Path(folder)) as url:
                    _bench("PostgreSQL", url, sizes)
            else:
                _bench("PostgreSQL", name, sizes)
    show("\nratio: CPU per account to that of the size before; up to 1.1 it grows no faster than accounts")


def _bench(title: str, url: str, sizes: tuple[int, ...]) -> None:
    work, before = load.sibling(url, "kamflow_bench_whole"), None
    for accounts in sizes:
        built = night.alone(steps.build_whole, work, accounts)
        show(f"\n[bold]{title}[/]: {accounts:,} accounts, {built.counts}; built in {built.seconds:.0f} s")
        try:
            before = _size(work, accounts, before)
        finally:
            night.alone(steps.remove, work)


def _size(work: str, accounts: int, before: Before | None) -> Before:
    head = ("night", "rule", "seconds", "CPU", "ratio", "peak MB", "opened / updated / closed")
    table, cpu = Table(*head, box=None), {}
    for name, step in NIGHTS:
        found: list[steps.Figures] = night.alone(step, work)
        for each in found:
            line = (name, each.name)
            cpu[line] = each.cpu
            table.add_row(name, each.name, *_shown(each, _ratio(line, each.cpu, accounts, before)))
        table.add_section()
    show(table)
    return Before(accounts, cpu)


def _ratio(line: tuple[str, str], cpu: float, accounts: int, before: Before | None) -> str:
    if before is None or line not in before.cpu:
        return ""
    return f"{cpu / before.cpu[line] / (accounts / before.accounts):.2f}"


def _shown(each: steps.Figures, ratio: str) -> tuple[Any, ...]:
    return f"{each.seconds:.2f}", f"{each.cpu:.2f}", ratio, str(each.megabytes), each.counts


if __name__ == "__main__":
    main()
