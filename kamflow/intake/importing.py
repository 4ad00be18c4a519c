"""One import: read, convert, write, all in one transaction; every bad row comes back."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session

from kamflow.errors import Refused
from kamflow.intake import known, rejects, tabular
from kamflow.intake.calendars import importing as calendars
from kamflow.intake.context import Context
from kamflow.intake.forms import contact_matrix, filled
from kamflow.intake.mapping import Mapping, load
from kamflow.intake.presets import shelf
from kamflow.intake.readers import tables
from kamflow.intake.report import FileRead, ImportReport
from kamflow.intake.tabular import Progress
from kamflow.models.revenue import ExchangeRate
from kamflow.models.source import ImportedFile, Source
from kamflow.settings import Company
from kamflow.store import encounters, events, rounds
from kamflow.store.engine import lock, write


class _DryRun(Exception):
    """Rolls back what a dry run wrote."""


def run_import(  # noqa: PLR0913 - each is a decision of the caller
    engine: Engine,
    paths: Sequence[Path],
    *,
    now: datetime,
    company: Company,
    preset: str | None = None,
    mapping: Mapping | Path | None = None,
    dry_run: bool = False,
    rejects_folder: Path | None = None,
    source: str | None = None,
    progress: Progress | None = None,
    actor: int | None = None,
    tell: Callable[[Session, ImportReport], None] = lambda _session, _report: None,
    secret: str | None = None,
) -> ImportReport:
    """Import files by a preset or a mapping.

    All good rows go in, bad ones stand in `report.rejects` and, with `rejects_folder`, in files there.
    `source` overrides the mapping's. `progress` is told (what, done, of), `tell` writes in the transaction.
    `actor` is the person who imports, None operations. By the `secret` of the home it knows who was erased.

    Raises:
        Refused: nothing was written; the message says why and what to do.
    """
    plan = _plan(preset, mapping, source)
    files = _files(paths, plan)
    report = ImportReport(plan.source, dry_run)
    try:
        with suppress(_DryRun), write(engine) as session:
            if plan.meetings or plan.form is not None:
                rounds.hold_all(session)  # first, as acts on meetings do: a form may bring some of them
            lock(session, encounters.LOCK)
            ctx = _context(session, report, plan, company, now)
            ctx.actor, ctx.secret = actor, secret
            _read_in(ctx, plan, files, progress)
            _record(ctx)
            if dry_run:
                raise _DryRun
            tell(session, report)
            # Before the commit: rows that are neither in nor given back would be lost.
            report.reject_files = rejects.write(report.rejects, rejects_folder, now) if rejects_folder else []
    except BaseException:
        for path in report.reject_files:
            path.unlink(missing_ok=True)
        raise
    return report


def _plan(preset: str | None, mapping: Mapping | Path | None, source: str | None) -> Mapping:
    if (preset is None) == (mapping is None):
        raise Refused("give either a preset or a mapping")
    plan = load(mapping) if isinstance(mapping, Path) else mapping or shelf.preset(preset or "")
    return plan.model_copy(update={"source": source}) if source else plan


def _files(paths: Sequence[Path], plan: Mapping) -> list[Path]:
    """Folders stand for the files in them that the mapping speaks of."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [each for each in sorted(path.rglob("*")) if each.is_file() and _wanted(each, plan)]
        elif path.is_file():
            found.append(path)
        else:
            raise Refused(f"{path}: no such file or folder")
    if not found:
        raise Refused(f"{', '.join(map(str, paths)) or 'no path'}: no file there that the mapping reads")
    return found


def _wanted(path: Path, plan: Mapping) -> bool:
    suffix = path.suffix.lower()
    if plan.calendar is not None:
        return suffix == ".ics"
    if plan.contact_matrix is not None or plan.form is not None:
        return suffix in (".xlsx", ".xlsm") and not path.name.startswith("~$")
    return suffix in tables.SUFFIXES and tabular.speaks_of(plan, path)


def _context(
    session: Session, report: ImportReport, plan: Mapping, company: Company, now: datetime
) -> Context:
    rates: dict[str, list[tuple[date, Decimal]]] = {}
    for rate in session.execute(select(ExchangeRate)).scalars():
        rates.setdefault(rate.currency, []).append((rate.from_day, rate.rate))
    if session.get(Source, plan.source) is None:
        session.add(Source(key=plan.source))
        session.flush()
    return Context(session, known.load(session, plan.source), report, company, now, rates, plan.currency)


def _read_in(ctx: Context, plan: Mapping, files: Sequence[Path], progress: Progress | None) -> None:
    for path in files:
        ctx.report.files.append(FileRead(path.name, hashlib.sha256(path.read_bytes()).hexdigest()))
    if plan.calendar is not None:
        calendars.read_in(ctx, plan.calendar, files)
    elif plan.contact_matrix is not None:
        contact_matrix.read_in(ctx, plan.contact_matrix, files)
    elif plan.form is not None:
        filled.read_in(ctx, files)
    else:
        tabular.read_in(ctx, plan, files, progress)


def _record(ctx: Context) -> None:
    """Write down what was imported: ids and figures only."""
    bad = {(record.table.file, record.row.line) for record in ctx.report.rejects}
    per_file = Counter(file for file, _ in bad)
    for each in ctx.report.files:
        each.rejected = per_file[each.name]
        stored = ImportedFile(
            source=ctx.source,
            name=each.name,
            digest=each.digest,
            rows=each.rows,
            rejected=each.rejected,
            counts={name: dict(counter) for name, counter in each.counts.items()},
            imported_at=ctx.now,
        )
        ctx.session.add(stored)
        ctx.session.flush()
        each.row_id = stored.id
        ctx.happened("file.imported", file=stored.id, rows=each.rows, rejected=each.rejected)
    events.record_many(ctx.session, ctx.events)
