"""What an import did: per entity new, changed, unchanged, rejected; and what came back."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from kamflow.intake.entities.catalogue import ENTITIES
from kamflow.intake.record import Record

STATES = ("new", "changed", "unchanged", "rejected", "skipped")


@dataclass(slots=True)
class Unmatched:
    """Rows whose account is unknown, with the money they carry."""

    rows: int = 0
    amount: Decimal = Decimal(0)


@dataclass(slots=True)
class FileRead:
    """A file, how many rows it had and how many came back."""

    name: str
    digest: str
    rows: int = 0
    rejected: int = 0
    row_id: int | None = None
    counts: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(slots=True)
class ImportReport:
    """Counts and rejects of one import; with `dry_run` nothing of it was kept."""

    source: str
    dry_run: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {e.name: Counter() for e in ENTITIES})
    rejects: list[Record] = field(default_factory=list)
    unmatched: dict[str, dict[str, Unmatched]] = field(default_factory=dict)
    files: list[FileRead] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reject_files: list[Path] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return sum(each["rejected"] for each in self.counts.values())

    @property
    def changes(self) -> int:
        return sum(each["new"] + each["changed"] for each in self.counts.values())

    @property
    def exit_code(self) -> int:
        """0 all in, 1 some rejected."""
        return 1 if self.rejected else 0

    def count(self, entity: str, state: str, file: str, number: int = 1) -> None:
        self.counts.setdefault(entity, Counter())[state] += number
        for each in self.files:
            if each.name == file:
                each.counts.setdefault(entity, Counter())[state] += number

    def reject(self, record: Record) -> None:
        """Note a row that comes back."""
        self.rejects.append(record)
        self.count(record.entity, "rejected", record.table.file)

    def as_json(self) -> dict[str, Any]:
        """The keys of design.md section 10, then what else is worth knowing."""
        told: dict[str, Any] = {
            name: {state: counter[state] for state in STATES} for name, counter in self.counts.items()
        }
        unmatched = {
            entity: {
                key: {"rows": each.rows, "amount": f"{each.amount:.2f}"}
                for key, each in sorted(found.items())
            }
            for entity, found in self.unmatched.items()
        }
        return told | {
            "dry_run": self.dry_run,
            "unmatched": unmatched,
            "receipts": self.receipts,
            "notes": self.notes,
            "rejects": [str(each) for each in self.reject_files],
        }
