"""How fast does kamflow deliver, beside the programs that people would use instead?

    python benchmarks/delivery.py [--small] [--number N]... [--rounds N] [--database sqlite|postgresql|URL]...
                                  [--memory N] [--part beside|far|memory]... [--body ready|nudge|digest]...

All send the same mails to the same SMTP server, which is a process of its own; each is a process (or two)
that does nothing else. docs/measuring.md says what is counted.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import delivery_ours as ours
import delivery_process as process
import night
from delivery_round import BOTH, KEPT, OFFICE, OURS, POOLED, TWO, Bench, Body, Line
from rich.console import Console
from rich.table import Table

NUMBERS, ROUNDS = (2_000, 10_000), 3
SMALL = (300,)
READY, NUDGE, DIGEST = "ready, 5 KB", "one nudge", "digest of 7"
PARTS, BODIES = ("beside", "far", "memory"), {"ready": READY, "nudge": NUDGE, "digest": DIGEST}
DELAY, DELAYED, READY_BYTES = 0.01, 1_000, 5_000
MEMORY, SMALL_MEMORY = 100_000, 2_000

show = Console(highlight=False, width=120).print


def main() -> None:
    """Measure what the command line asks for and print it."""
    asked = _arguments()
    one, seven = ours.as_rendered(1), ours.as_rendered(7)
    every = (
        Body(READY, 1, ours.cut(one, READY_BYTES), ready=True),
        Body(NUDGE, 1, one),
        Body(DIGEST, 7, seven),
    )
    bodies = tuple(each for each in every if each.title in {BODIES[name] for name in asked.body or BODIES})
    parts = asked.part or PARTS
    for body in bodies:
        show(f"{body.title}: {len(body.mail.html.encode()):,} bytes of HTML, {len(body.raw):,} in all")
    for name in (asked.database or ("sqlite", "postgresql")) if "beside" in parts else ():
        with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder, process.sink() as sink:
            home = Path(folder)
            with server(name, home) as url:
                for number in asked.number or (SMALL if asked.small else NUMBERS):
                    rounds = 1 if asked.small or number > NUMBERS[0] else asked.rounds
                    beside(name, Bench(url, home, sink, number), number, bodies, rounds)
    if "far" in parts:
        far_away(every[:2], SMALL[0] if asked.small else DELAYED)
    if "memory" in parts:
        memory(asked.memory or (SMALL_MEMORY if asked.small else MEMORY))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{SMALL[0]} messages")
    parser.add_argument("--number", type=int, action="append", help="so many messages")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="repetitions up to 2,000 messages")
    parser.add_argument("--memory", type=int, help="so many messages for the look at the memory")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; may be repeated")
    parser.add_argument("--body", action="append", choices=BODIES, help="only this mail; may be repeated")
    parser.add_argument("--database", action="append", help="sqlite, postgresql or the URL of a server")
    return parser.parse_known_args()[0]


@contextmanager
def server(name: str, folder: Path) -> Iterator[str]:
    """A place for databases: files in a folder, our own PostgreSQL, or the one that a URL names."""
    if name == "sqlite":
        yield f"sqlite:///{folder}/kamflow.db"
    elif name != "postgresql":
        yield name
    else:
        with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as own, night.own_server(Path(own)) as url:
            yield url


def beside(name: str, bench: Bench, number: int, bodies: tuple[Body, ...], rounds: int) -> None:
    """All programs on one database, in turn; medians of the rounds."""
    nudges = sorted({body.nudges for body in bodies})
    for each in nudges:
        bench.build(each)
    found = {body.title: [bench.round(body) for _ in range(rounds)] for body in bodies}
    for at_once in (1, 100):
        bench.add(at_once)
    for each in nudges:
        bench.forget(each)
    show(f"\n[bold]{name}[/], {number:,} messages, median of {rounds}")
    columns = [title for body in bodies for title in (body.title, "CPU ms", "ratio")]
    table = Table("a second", *columns, "lost, doubled", box=None)
    medians = {title: {line: _median(line, each) for line in each[0]} for title, each in found.items()}
    for line in dict.fromkeys(line for each in medians.values() for line in each):
        cells = [_cells(medians[body.title], line) for body in bodies]
        wrong = sum(one[line].wrong for each in found.values() for one in each if line in one)
        table.add_row(line, *(cell for each in cells for cell in each), f"{wrong}")
    show(table)
    _aims(medians)
    queue = Table("into the queue", "a second", "CPU ms", box=None)
    for title, rate in sorted(bench.enqueued.items()):
        queue.add_row(title, f"{rate.rate:,.0f}", f"{rate.cpu:.2f}")
    show(queue)


def _median(line: str, rounds: list[dict[str, Line]]) -> Line:
    lines = [each[line] for each in rounds]
    return Line(median(each.rate for each in lines), median(each.cpu for each in lines), 0)


def _cells(lines: Mapping[str, Line], line: str) -> tuple[str, str, str]:
    one, base = lines.get(line), lines[POOLED]
    if one is None:
        return "", "", ""
    return f"{one.rate:,.0f}", f"{one.cpu:.2f}", f"{one.rate / base.rate:.2f}"


def _aims(medians: Mapping[str, Mapping[str, Line]]) -> None:
    """How far we are: beside post-office with the same mail, beside pooled aiosmtplib with a ready one."""
    ready, one = medians.get(READY, {}), medians.get(NUDGE, {})
    for title, aim in ((NUDGE, "2.0"), (DIGEST, "1.3")):
        if OFFICE in (lines := medians.get(title, {})):
            first, *two = (f"{lines[name].rate / lines[OFFICE].rate:.2f}" for name in (OURS, TWO, KEPT, BOTH))
            show(f"{title} / post-office: {first}; by two {two[0]}, {two[1]} and {two[2]} (aim {aim})")
    if OFFICE in ready and one:
        show(f"one nudge / post-office with 5 KB: {one[TWO].rate / ready[OFFICE].rate:.2f}")
    if ready:
        first, both = (f"{ready[name].rate / ready[POOLED].rate:.2f}" for name in (OURS, BOTH))
        show(f"ready / pooled aiosmtplib: {first} (aim 0.9), {both} by two")


def far_away(bodies: tuple[Body, ...], number: int) -> None:
    """A server that answers each command later, over 8 and 16 connections; a second process renders."""
    with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder, process.sink(DELAY) as sink:
        bench = Bench(f"sqlite:///{folder}/kamflow.db", Path(folder), sink, number)
        bench.build(1)
        show(f"\n[bold]{DELAY * 1000:.0f} ms before each reply[/], SQLite, {number:,} messages")
        for body in bodies:
            two = {} if body.ready else {"processes": 2, "kept": True}
            few, many = (bench.ours(body, connections=each, **two).rate for each in (8, 16))
            show(f"{body.title}: {few:,.0f} a second by 8 connections, {many:,.0f} by 16;", end=" ")
            show(f"{many / few:.2f} times (aim 1.8)")


def memory(number: int) -> None:
    """What one process holds while it renders and sends very many."""
    with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder, process.sink() as sink:
        url = f"sqlite:///{folder}/kamflow.db"
        process.together(ours.built, (url, Path(folder), number, 1))
        took = process.together(
            ours.sent, (url, Path(folder), ours.Sending(sink.port, processes=2, watched=True))
        )
        caught = sink.caught()
    held: list[int] = took.answers[0].memory
    tenth, half = held[len(held) // 10], held[len(held) // 2]
    show(f"\n[bold]Memory[/] over {number:,} messages (one nudge, SQLite):", end=" ")
    show(f"{number / took.seconds:,.0f} a second,", end=" ")
    show(f"both processes held {tenth} MB after a tenth of the time, {half} MB after half,", end=" ")
    show(f"{held[-1]} MB at the end, {max(held)} MB at most;", end=" ")
    show(f"{number - caught.taken + caught.doubled} lost, {caught.doubled} doubled")


if __name__ == "__main__":
    main()
