"""The drop folder: `inbox/<source>/` goes in, then to `done/`; what is refused goes to `rejects/`.

How to read a source stands in `inbox/<source>/mapping.toml`: a mapping, or only `preset = "salesforce"`.
Without one, a folder that is called like a preset is read by it.
"""

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.errors import KamflowError, Refused
from kamflow.intake import notices, tabular
from kamflow.intake.importing import run_import
from kamflow.intake.mapping import Mapping, parse
from kamflow.intake.presets import shelf
from kamflow.intake.readers import tables
from kamflow.intake.report import ImportReport
from kamflow.models.source import ImportedFile
from kamflow.settings import Company
from kamflow.store.engine import read

# A file that changed this recently may still be written.
QUIET_SECONDS = 60
LEAST = 0.7  # of the rows of the last file; fewer is held
MAPPING = "mapping.toml"
ACCEPT = ".accept"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".lock", ACCEPT)


@dataclass(slots=True)
class DropCounts:
    """What became of the files that lay there."""

    imported: int = 0
    rejected_rows: int = 0
    refused: int = 0
    held: int = 0
    waiting: int = 0


def run_drop_folder(
    engine: Engine, home: Path, now: datetime, company: Company, secret: str | None = None
) -> DropCounts:
    """Import what lies in the drop folder; a source that cannot be read does not stop the others."""
    counts = DropCounts()
    inbox = home / "inbox"
    for folder in sorted(inbox.iterdir()) if inbox.is_dir() else []:
        if folder.is_dir() and not folder.name.startswith("."):
            _Source(engine, home, now, company, folder, counts, secret).take()
    return counts


@dataclass(slots=True)
class _Source:
    """One folder of the inbox."""

    engine: Engine
    home: Path
    now: datetime
    company: Company
    folder: Path
    counts: DropCounts
    secret: str | None = None

    @property
    def name(self) -> str:
        return self.folder.name

    def take(self) -> None:
        """Import the folder's files together: orders may need the accounts beside them."""
        files = [path for path in sorted(self.folder.iterdir()) if _is_data(path)]
        if not files:
            return
        if not all(self._quiet(path) for path in files):
            self.counts.waiting += len(files)
            return
        try:
            plan = self._plan()
        except Refused as error:
            self._refuse(files, error)
            return
        ready = [path for path in files if not self._hold(path, plan)]
        if ready:
            self._import(ready, plan)

    def _import(self, files: Sequence[Path], plan: Mapping) -> None:
        try:
            report = run_import(
                self.engine, files, now=self.now, company=self.company, mapping=plan,
                rejects_folder=self.home / "rejects" / self.name, tell=self._tell,
                secret=self.secret,
            )  # fmt: skip
        except Refused as error:
            if len(files) == 1:
                self._refuse(files, error)
                return
            for path in files:  # one bad file must not keep the others out
                self._import([path], plan)
            return
        for path in files:
            self._move(path, self.home / "done" / self.name)
            path.with_name(path.name + ACCEPT).unlink(missing_ok=True)
        self.counts.imported += len(files)
        self.counts.rejected_rows += report.rejected

    def _plan(self) -> Mapping:
        path = self.folder / MAPPING
        if path.is_file():
            content = path.read_text(encoding="utf-8-sig", errors="replace")
            plan = self._named(content) or parse(content, str(path))
        elif self.name in shelf.NAMES:
            plan = shelf.preset(self.name)
        else:
            raise Refused(f'inbox/{self.name}: there is no {MAPPING}; write one, or one line: preset = "…"')
        return plan.model_copy(update={"source": self.name})

    def _named(self, content: str) -> Mapping | None:
        try:
            data = tomllib.loads(content)
        except tomllib.TOMLDecodeError:
            return None
        return shelf.preset(str(data["preset"])) if set(data) == {"preset"} else None

    def _quiet(self, path: Path) -> bool:
        """Whether nobody seems to write to it: not empty, not changed just now, no lock beside it."""
        stat = path.stat()
        age = self.now.timestamp() - stat.st_mtime
        locks = (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#"))
        # A clock that runs ahead must not make a file wait for ever.
        return (
            stat.st_size > 0 and not -3600 < age < QUIET_SECONDS and not any(each.exists() for each in locks)
        )

    def _hold(self, path: Path, plan: Mapping) -> bool:
        """Hold back a file with far fewer rows than the last of its kind, until somebody accepts it."""
        if path.with_name(path.name + ACCEPT).exists():
            return False
        rows = _rows(path, plan)
        with read(self.engine) as session:
            last = self._last(session, path)
        if rows is None or last is None or rows >= LEAST * last:
            return False
        notices.held(self.engine, self.name, path, rows, last, self.now)
        self.counts.held += 1
        return True

    def _last(self, session: Session, path: Path) -> int | None:
        query = (
            select(col(ImportedFile.name), col(ImportedFile.rows))
            .where(col(ImportedFile.source) == self.name, col(ImportedFile.state) == "imported")
            .order_by(col(ImportedFile.id).desc())
        )
        return next(
            (rows for name, rows in session.execute(query) if _series(name) == _series(path.name)), None
        )

    def _refuse(self, files: Sequence[Path], error: KamflowError) -> None:
        for path in files:
            notices.refused(self.engine, self.name, path, self.now)
            target = self._move(path, self.home / "rejects" / self.name)
            target.with_name(target.name + ".reason.txt").write_text(f"{error}\n", encoding="utf-8")
        self.counts.refused += len(files)

    def _tell(self, session: Session, report: ImportReport) -> None:
        for each in report.files:
            if each.rejected:
                notices.rejects(session, self.name, each, self.now)

    def _move(self, path: Path, folder: Path) -> Path:
        """Move a file; the name gets the moment of the import, and a number where that is taken."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{path.stem}-{self.now:%Y%m%d-%H%M%S}"
        target, number = folder / f"{stem}{path.suffix}", 1
        while not _claim(target):
            number += 1
            target = folder / f"{stem}-{number}{path.suffix}"
        os.replace(path, target)  # noqa: PTH105 - atomic, over the empty file that claims the name
        return target


def _claim(target: Path) -> bool:
    try:
        target.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _is_data(path: Path) -> bool:
    name = path.name
    hidden = name.startswith((".", "~$")) or name.casefold() == MAPPING
    return path.is_file() and not path.is_symlink() and not hidden and path.suffix.lower() not in _UNFINISHED


def _series(name: str) -> str:
    """What the files of one series share: orders-2026-09.csv and orders-2026-10.csv are one."""
    return re.sub(r"\d+", "#", name.casefold())


def _rows(path: Path, plan: Mapping) -> int | None:
    if path.suffix.lower() not in tables.SUFFIXES or plan.contact_matrix is not None or plan.form is not None:
        return None
    try:
        return sum(len(table.rows) for table in tables.read(path, tabular.dialect(plan, path)))
    except Refused:
        return None  # the import says why
