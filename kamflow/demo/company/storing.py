"""Put the made-up company into a home: through the real importer, as any company's data comes in."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.demo.company import beside
from kamflow.demo.company.build import MadeUp
from kamflow.errors import KamflowError
from kamflow.intake.importing import run_import
from kamflow.models.account import Account
from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store.engine import write

# Which system each file would come from, in the order of import.
SOURCES = (
    ("kamflow", ("people", "absences")),
    ("crm", ("accounts", "contacts", "projects", "interactions")),
    ("kamflow", ("closings", "teams", "targets", "meetings")),
    ("sap", ("revenue",)),
    (
        "kamflow",
        ("collaboration", "measures", "goals", "positions", "criteria", "gaps", "competitors", "complaints",
         "business_cases", "negotiations", "services", "services_given"),
    ),
)  # fmt: skip
IMPORTED = datetime(2026, 9, 4, 16, 0, tzinfo=UTC)


def store(engine: Engine, made: MadeUp, folder: Path, company: Company) -> None:
    """Write the files into `folder` and import them into an empty database.

    Raises:
        KamflowError: a row came back, so the made-up company does not fit kamflow's templates.
    """
    files = {path.stem: path for path in made.write(folder)}
    for source, names in SOURCES:
        paths = [files[name] for name in names if name in files]
        report = run_import(engine, paths, now=IMPORTED, company=company, preset="kamflow", source=source)
        if report.rejects:
            raise KamflowError(f"the made-up {', '.join(names)}: {len(report.rejects)} rows were rejected")
    with write(engine) as session:
        beside.write(session, made)


def people(session: Session) -> dict[str, int]:
    """Key -> id of our people."""
    return dict(session.execute(select(col(Person.key), col(Person.id))).tuples().all())


def accounts(session: Session) -> dict[str, int]:
    """Key -> id of the accounts."""
    return dict(session.execute(select(col(Account.key), col(Account.id))).tuples().all())
