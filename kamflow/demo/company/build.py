"""The made-up company as rows of kamflow's own import templates: the same on each run.

`random.Random` is seeded and handed on from part to part; nothing reads a clock.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kamflow.demo.company import business, customers, matrix, past, staff
from kamflow.demo.company.customers import Customer
from kamflow.demo.company.matrix import Target

SEED = 20260907
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class MadeUp:
    """The company: rows by entity in the order in which they are imported."""

    tables: dict[str, Rows]
    customers: list[Customer]
    cells: list[Target]

    @property
    def digest(self) -> str:
        """A hash of everything in it."""
        text = "".join(name + as_csv(rows) for name, rows in self.tables.items())
        return hashlib.sha256(text.encode()).hexdigest()

    def write(self, folder: Path) -> list[Path]:
        """Write one CSV file per entity and return them in the order of import."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for name, rows in self.tables.items():
            if rows:
                path = folder / f"{name}.csv"
                path.write_text(as_csv(rows), encoding="utf-8", newline="")
                paths.append(path)
        return paths


def build(accounts: int = 40) -> MadeUp:
    """Make up a company with so many accounts (at least one: the classic training example)."""
    random = Random(SEED)
    made = customers.customers(max(1, accounts), random)
    cells = matrix.targets(made, random)
    tables: dict[str, Rows] = {
        "people": staff.people(),
        "absences": staff.absences(),
        "accounts": [customer.row() for customer in made],
        "closings": customers.closings(made),
        "teams": customers.teams(made) + matrix.core_teams(cells),
        "contacts": [contact for customer in made for contact in customer.contacts],
        "targets": [cell.row() for cell in cells],
        "projects": business.projects(made, random),
        "revenue": business.revenue(made, random),
        "interactions": past.interactions(cells, made, random),
        "meetings": business.meetings(made, random),
    }
    return MadeUp(tables, made, cells)


def as_csv(rows: Rows) -> str:
    """Rows with a header; dates as ISO, amounts with a point."""
    if not rows:
        return ""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
