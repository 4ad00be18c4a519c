"""`kamflow import`: exports of other systems in, every bad row back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.runtime import Home
from kamflow.cli.home import open_home
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table, warn
from kamflow.errors import Refused
from kamflow.intake.forms import filled as forms
from kamflow.intake.importing import run_import
from kamflow.intake.recognise import draft, draft_path, recognise
from kamflow.intake.report import STATES, ImportReport
from kamflow.intake.tabular import Progress
from kamflow.store import lookup
from kamflow.store.engine import read

SHOWN_REJECTS = 5


def import_(
    *paths: Path,
    preset: str | None = None,
    mapping: Annotated[Path | None, Parameter(name="--map")] = None,
    source: str | None = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    common: Options = HERE,
) -> int:
    """Read exports: CSV, Excel, JSON, calendars. Without preset and mapping: say what they seem to be.

    Parameters
    ----------
    paths
        Files, or folders with files that the mapping speaks of.
    preset
        kamflow, salesforce, salesforce-tree, calendar, contact-matrix or form. A form that `kamflow
        export` wrote needs none.
    mapping
        A mapping file (TOML).
    source
        Keep the ids under this source instead of the mapping's.
    dry_run
        Do everything, then take it back.
    """
    if preset is None and mapping is None:
        if not forms.are_filled(paths):
            return _recognise(paths, common)
        preset = "form"
    home = open_home(common)
    folder = None if dry_run else home.settings.home / "rejects"
    try:
        with _bar() as progress:
            report = run_import(
                home.engine, paths, now=home.now(), company=home.settings.company, preset=preset,
                mapping=mapping, dry_run=dry_run, rejects_folder=folder, source=source, progress=progress,
                actor=_actor(home, common), secret=_secret(home),
            )  # fmt: skip
    finally:
        home.engine.dispose()
    if common.json:
        say_json(report.as_json())
    else:
        _tell(report)
    return report.exit_code


def _secret(home: Home) -> str | None:
    key = home.settings.secret_key
    return key.get_secret_value() if key else None


def _actor(home: Home, common: Options) -> int | None:
    """Who imports; operations where nobody is named."""
    if common.person is None:
        return None
    with read(home.engine) as session:
        return lookup.person(session, common.person).id


def _recognise(paths: tuple[Path, ...], common: Options) -> int:
    """Write a draft beside each file; nothing is imported, so the answer is 2."""
    for path in paths:
        if not path.is_file():
            folder = "a folder: name the files in it, or a --preset" if path.is_dir() else "no such file"
            raise Refused(f"{path}: {folder}")
    found = [recognise(path) for path in paths]
    drafts: dict[str, str] = {}
    for each in found:
        target = draft_path(each.path)
        target.write_text(draft(each), encoding="utf-8")
        drafts[str(each.path)] = str(target)
    if common.json:
        say_json({"recognised": {str(e.path): e.told() for e in found}, "drafts": drafts})
        return 2
    for each in found:
        say(*each.told())
        say(f"draft mapping: {drafts[str(each.path)]}")
    if not found:
        warn("kamflow: name a file to import")
    return 2


def _tell(report: ImportReport) -> None:
    rows = [
        [name, *(counter[state] for state in STATES)]
        for name, counter in report.counts.items()
        if any(counter.values())
    ]
    if rows:
        table(["", *STATES], rows)
    else:
        say("nothing was read: no file holds a row below its header")
    for entity, found in report.unmatched.items():
        for key, each in sorted(found.items()):
            say(f"{entity} without an account: {key or '(empty)'}: {each.rows} rows, {each.amount:.2f}")
    say(*report.receipts, *report.notes)
    for record in report.rejects[:SHOWN_REJECTS]:
        for problem in record.problems:
            say(f"{record.where}, {problem.column} {problem.value!r}: expected {problem.expected}")
    if len(report.rejects) > SHOWN_REJECTS:
        say(f"… and {len(report.rejects) - SHOWN_REJECTS} more rows")
    say(*(f"rejected rows: {path}" for path in report.reject_files))
    if report.dry_run:
        say("dry run: nothing was written")


@contextmanager
def _bar() -> Iterator[Progress | None]:
    """A progress bar on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
