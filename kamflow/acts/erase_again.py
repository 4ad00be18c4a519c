"""A restored backup holds who was erased since: `<home>/erased.jsonl` says whom to erase again.

It holds ids, days and keyed hashes, never a name. A row is erased only if a hash says that it is the same
person: after a restore the same number may be somebody else's.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.acts import erase
from kamflow.models.contact import Contact
from kamflow.models.erasure import Erased
from kamflow.models.person import Person
from kamflow.settings import Settings
from kamflow.store import erasures, suppressed
from kamflow.store.engine import read, write
from kamflow.store.named_in_text import Hit

FILE = "erased.jsonl"


@dataclass
class Again:
    """What was erased again; `kept_out` were not in the backup, `unlike` are other people by now, `left` are
    texts that name somebody and are for a human to edit once more."""

    erased: list[tuple[str, int]] = field(default_factory=list)
    kept_out: int = 0
    unlike: list[tuple[str, int]] = field(default_factory=list)
    left: list[Hit] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    """One line of the file."""

    kind: Erased
    row: int
    day: date
    digests: frozenset[str]
    replaced: bool = False
    readmitted: bool = False


def write_down(engine: Engine, home: Path, *, replaced: Iterable[int] = ()) -> int:
    """Bring the file up to date with the database: after an erasure, before a backup. How many lines are new.

    `replaced` are the erasures whose texts were swapped, too.
    """
    known = {(line.kind, line.row, line.digests) for line in _lines(home)}
    with read(engine) as session:
        listed = erasures.all_of(session)
    new = [each for each in listed if each.digests and (each.kind, each.row, each.digests) not in known]
    if new:
        swapped = set(replaced)
        lines = [_Line(each.kind, each.row, each.day, each.digests, each.number in swapped) for each in new]
        with (home / FILE).open("a", encoding="utf-8") as out:
            (home / FILE).chmod(0o600)
            out.writelines(map(_written, lines))
    return len(new)


def readmitted(home: Path, digests: Collection[str]) -> None:
    """Remember that somebody with one of these hashes may come back: the old row is still erased again."""
    lines = [replace(line, readmitted=True) if line.digests & set(digests) else line for line in _lines(home)]
    if lines:
        beside = home / f"{FILE}.new"
        beside.write_text("".join(map(_written, lines)), encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(home / FILE)


def erase_again(engine: Engine, settings: Settings, now: datetime) -> Again:
    """Erase in a restored database whoever was erased since it was backed up; run again it changes nothing.

    Raises:
        ConfigError: there are lines, but no secret key to know people again by.
    """
    done, today = Again(), now.astimezone(ZoneInfo(settings.company.zone)).date()
    lines = _lines(settings.home)
    if not lines:
        return done
    key = erase.secret(settings)
    for line in lines:
        with write(engine) as session:
            _once_more(session, line, key, now, today, done)
    return done


def _once_more(session: Session, line: _Line, key: str, now: datetime, today: date, done: Again) -> None:
    row = session.get(Contact if line.kind == Erased.CONTACT else Person, line.row)
    if row is not None and row.erased_on is not None:
        return
    theirs = suppressed.identity(session, line.kind, line.row) if row is not None else None
    same = theirs is not None and line.digests & set(suppressed.digests(line.kind, theirs, key))
    if same:
        seen = erase.foresee(session, line.kind, line.row)
        made = erase.erase(session, seen, key, now, today, replace=line.replaced)
        suppressed.note(session, made.erasure, line.digests)
        if line.readmitted:
            suppressed.lift(session, made.erasure)
        done.erased.append((line.kind.value, line.row))
        done.left += made.left
        return
    if row is not None:
        done.unlike.append((line.kind.value, line.row))
    done.kept_out += _kept_out(session, line, now)


def _kept_out(session: Session, line: _Line, now: datetime) -> bool:
    """Let no import bring back whom the backup does not know."""
    known: set[str] = set().union(*(each.digests for each in erasures.all_of(session)))
    if line.readmitted or not line.digests or line.digests <= known:
        return False
    erasures.note(session, line.kind, line.row, line.day, now, None, line.digests)
    return True


def _lines(home: Path) -> list[_Line]:
    path = home / FILE
    if not path.is_file():
        return []
    return [_read(json.loads(text)) for text in path.read_text(encoding="utf-8").splitlines() if text.strip()]


def _read(said: dict[str, object]) -> _Line:
    digests = said.get("digests")
    return _Line(
        Erased(str(said["kind"])),
        int(str(said["id"])),
        date.fromisoformat(str(said["day"])),
        frozenset(map(str, digests if isinstance(digests, list) else ())),
        bool(said.get("replaced")),
        bool(said.get("readmitted")),
    )


def _written(each: _Line) -> str:
    said = {
        "kind": each.kind.value,
        "id": each.row,
        "day": each.day.isoformat(),
        "replaced": each.replaced,
        "readmitted": each.readmitted,
        "digests": sorted(each.digests),
    }
    return json.dumps(said) + "\n"
