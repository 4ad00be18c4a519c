"""The made-up company as rows of kamflow's own import templates: the same on each run.

`random.Random` is seeded and handed on from part to part; nothing reads a clock.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kamflow.demo.company import (
    business,
    customers,
    matrix,
    measures,
    past,
    requests,
    satisfaction,
    services,
    staff,
    talks,
    tools,
)
from kamflow.demo.company.customers import Customer
from kamflow.demo.company.matrix import Target
from kamflow.demo.company.requests import Asked
from kamflow.demo.company.satisfaction import Answered

SEED = 20260907
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class MadeUp:
    """The company: rows by entity in the order in which they are imported.

    `late` is revenue that comes on stage; `asked` what departments were asked for, `answers` what an agency's
    survey brought: no file carries these.
    """

    tables: dict[str, Rows]
    customers: list[Customer]
    cells: list[Target]
    late: Rows
    asked: list[Asked]
    answers: list[Answered]

    @property
    def digest(self) -> str:
        """A hash of everything in it."""
        tables = self.tables | {"late": self.late}
        text = "".join(name + as_csv(rows) for name, rows in tables.items()) + repr(
            (self.asked, self.answers)
        )
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
    talks.plan_months(made)
    satisfaction.ask_for_consent(made, Random("consent"))
    cells = matrix.targets(made, random)
    projects, entries = business.projects(made, random), business.revenue(made, random)
    tables: dict[str, Rows] = {
        "people": staff.people(),
        "absences": staff.absences(),
        "accounts": [customer.row() for customer in made],
        "closings": customers.closings(made),
        "teams": customers.teams(made) + matrix.core_teams(cells),
        "contacts": [contact for customer in made for contact in customer.contacts],
        "targets": [cell.row() for cell in cells],
        "projects": projects,
        "revenue": [row for row in entries if not business.comes_late(row)],
        "interactions": past.interactions(cells, made, random),
        "meetings": talks.meetings(made),
    }
    return MadeUp(
        tables | _of_training(made),
        made,
        cells,
        late=[row for row in entries if business.comes_late(row)],
        asked=requests.asked(made),
        answers=satisfaction.earlier(made),
    )


def _of_training(made: list[Customer]) -> dict[str, Rows]:
    """The tools of KAM training, from dice of their own: what is thrown here changes nothing elsewhere."""
    random = Random("tools of training")
    return {
        "collaboration": requests.rules(),
        "measures": measures.measures(made, random),
        "goals": tools.goals(made, random),
        "positions": tools.positions(made, random),
        "criteria": tools.criteria(made, random),
        "gaps": tools.gaps(made, random),
        "competitors": tools.competitors(made, random),
        "complaints": tools.complaints(made),
        "business_cases": tools.business_cases(made),
        "negotiations": tools.negotiations(made),
        "services": services.catalogue(),
        "services_given": services.given(made, random),
    }


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
