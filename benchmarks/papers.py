"""How many briefings and mails does one process make in a second, and how does its memory grow?

    python benchmarks/papers.py [--small]

Briefings of one page with a chart of revenue (a customer and figures of its own each), digests as HTML and
text. Beside each, in the same process, a reference: typst alone on a page of one line, mrml alone on a mail
of one line. Each line in a process of its own; docs/measuring.md says what is counted.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

import mrml
import night
import typst
from rich.console import Console
from rich.table import Table

from kamflow.store.names import AccountName
from notifications.render import briefing_example, briefing_page, examples, fonts, html
from notifications.render import training_example as training
from notifications.render.house import House

ALL, SMALL = 1_000, 50
WARM = 5  # before anything is counted
ROUNDS = 5
LINE = '#set document(title: "x", date: datetime(year: 2026, month: 9, day: 1))\n= x #sys.inputs.number'
MAIL = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"

show = Console(highlight=False, width=110).print


class Figures(NamedTuple):
    """Seconds on the wall and of CPU for one, the reference's CPU for one, and MB before and after."""

    seconds: float
    cpu: float
    reference: float
    before: int
    after: int


def main() -> None:
    """Measure and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{SMALL} of each instead of {ALL:,}")
    asked, _ = parser.parse_known_args()
    number = SMALL if asked.small else ALL
    table = Table(
        "", "a second", "CPU ms", "reference", "ratio", "MB before", f"MB after {number:,}", box=None
    )
    for name, step in (("briefing with a chart", briefings), ("mail", mails)):
        each = night.alone(step, number)
        table.add_row(
            name,
            f"{1 / each.seconds:.1f}",
            f"{each.cpu * 1000:.1f}",
            f"{each.reference * 1000:.2f}",
            f"{each.cpu / each.reference:.1f}",
            str(each.before),
            str(each.after),
        )
    show("\n[bold]Papers and mails[/], one process")
    show(table)


def briefings(number: int) -> Figures:
    """One-page PDFs."""
    compiler, line = typst.Compiler(font_paths=fonts.book()), LINE.encode()

    def reference(at: int) -> object:
        number = {"number": str(at)}
        return compiler.compile(line, format="pdf", sys_inputs=number, pdf_standards=["ua-1", "a-2a"])

    return _measured(_briefing, reference, number)


def mails(number: int) -> Figures:
    """Digests with three things in them."""
    return _measured(_mail, lambda at: mrml.to_html(MAIL.format(at)), number)


def _briefing(at: int) -> object:
    facts = briefing_example.briefing()
    for line in facts["series"]:
        for part in line["parts"]:
            part["before"] = f"{50_000 + at * 37 % 40_000}.00"
    names = training.names("de")
    mine = replace(names, accounts={**names.accounts, 1: AccountName(f"Muster {at} AG", "", "")})
    return briefing_page.page(facts, "de", mine, House(company="Beispiel Technik GmbH"))


def _mail(at: int) -> object:
    return html.laid_out(replace(examples.example("digest", "daily", "de"), heading=f"Guten Tag {at}"))


def _measured(step: Callable[[int], object], reference: Callable[[int], object], number: int) -> Figures:
    numbers = count()
    for _ in range(WARM):
        step(next(numbers))
        reference(next(numbers))
    before, found, bare = _megabytes(), [], []
    for _ in range(ROUNDS):
        with _clock(bare, number // ROUNDS):
            for _ in range(number // ROUNDS):
                reference(next(numbers))
        with _clock(found, number // ROUNDS):
            for _ in range(number // ROUNDS):
                step(next(numbers))
    seconds, cpu = (median(each[at] for each in found) for at in (0, 1))
    return Figures(seconds, cpu, median(each[1] for each in bare), before, _megabytes())


@contextmanager
def _clock(into: list[tuple[float, float]], number: int) -> Iterator[None]:
    seconds, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(((time.perf_counter() - seconds) / number, (time.process_time() - cpu) / number))


def _megabytes() -> int:
    """What the process holds now; its peak where the machine does not say."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() // 1_000_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000


if __name__ == "__main__":
    main()
