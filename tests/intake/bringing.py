"""Short ways to import in a test."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from kamflow.intake.importing import run_import
from kamflow.intake.report import ImportReport
from kamflow.settings import Company
from kamflow.store.engine import read, write

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def bring(engine: Engine, *paths: Path, company: Company | None = None, **options: Any) -> ImportReport:
    """Import at the fixed moment; `preset` or `mapping` among the options."""
    options = {"now": NOW} | options
    return run_import(engine, paths, company=company or Company(), **options)


def counts(report: ImportReport, entity: str) -> tuple[int, int, int, int]:
    """(new, changed, unchanged, rejected)."""
    found = report.counts[entity]
    return found["new"], found["changed"], found["unchanged"], found["rejected"]


def rows(engine: Engine, model: type[SQLModel]) -> list[Any]:
    """All rows of a table, the oldest first."""
    with read(engine) as session:
        ordered = select(model).order_by(*model.__table__.primary_key)
        return list(session.execute(ordered).scalars())


def put(engine: Engine, *things: SQLModel) -> None:
    with write(engine) as session:
        session.add_all(things)


def first_problem(report: ImportReport) -> tuple[str, int, str, str, str]:
    """(file, line, column, value, expected) of the first row that came back."""
    record = report.rejects[0]
    problem = record.problems[0]
    return record.table.file, record.row.line, problem.column, problem.value, problem.expected
