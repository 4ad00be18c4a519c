"""`kamflow restore`: a home as it was when the backup was made; it sends nothing until `kamflow adopt`."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, inspect

from flows import runtime, single
from kamflow import settings as knobs
from kamflow.acts import erase_again
from kamflow.cli.backup import DATABASE, HOME
from kamflow.cli.home import instant
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError
from kamflow.models.message import AdoptedHome
from kamflow.store import archive, backups, copies, link_versions, supervisors
from kamflow.store.archive import Contents
from kamflow.store.engine import connect, read, write

STAGED = ".restore-"
ALIVE = 60  # seconds since a supervisor was last seen, after which it is taken for gone


@dataclass
class Restored:
    """What was brought back. `set_aside`: where what stood in the home before lies now."""

    home: Path
    taken_at: datetime
    held: int = 0
    erased: int = 0
    set_aside: Path | None = None


def restore(file: Path, /, *, options: Options = HERE) -> None:
    """Bring a home back as it was when the backup was made, or make a new one of it.

    Nothing may run on it. All goes in at the end, and before that the home stays as it was; where it broke
    off at the very end, the home opens no more until the same is restored once more.
    Settings that differ are set aside in a folder before-restore-<date>. `kamflow adopt` lets it send again.

    Parameters
    ----------
    file
        What `kamflow backup` made.
    """
    root = options.home or Path()
    root.mkdir(parents=True, exist_ok=True)
    now = instant(options.now) if options.now else runtime.clock()
    with single.alone(root):
        for left in root.glob(f"{STAGED}*"):  # of one that was killed; it holds personal data
            shutil.rmtree(left)
        done = _restored(root, file, now)
    if options.json:
        say_json(done)
        return
    say(f"restored: {done.home}, as it was at {done.taken_at:%Y-%m-%d %H:%M} UTC")
    if done.erased:
        say(f"erased once more: {done.erased} people who had been erased since")
    if done.set_aside:
        say(f"what stood here before: {done.set_aside}")
    say(
        f"{done.held} messages waited: they may have been sent since, so they are stopped (kamflow outbox)",
        "nothing is sent from here until `kamflow adopt`; `kamflow doctor` says what else is missing",
    )


def _restored(root: Path, file: Path, now: datetime) -> Restored:
    with tempfile.TemporaryDirectory(prefix=STAGED, dir=root) as made:
        staged = Path(made)
        return _bring_back(root, staged, archive.unpack(file, staged), now)


def _bring_back(root: Path, staged: Path, contents: Contents, now: datetime) -> Restored:
    home = _complete(root, staged)
    given = knobs.load(home)
    engine = connect(given.url if given.database_url else f"sqlite:///{root / 'kamflow.db'}")
    if engine.dialect.name != contents.dialect:
        raise InputError(
            f"the backup is of {contents.dialect}, the database of this home is {engine.dialect.name}: set"
            " or unset KAMFLOW_DATABASE_URL so that they are the same"
        )
    _refuse_running(engine, now)
    aside = copies.bring_back(engine, staged / DATABASE, contents.schema)
    done = Restored(root.resolve(), contents.taken_at)
    try:
        with write(aside) as session:
            session.execute(delete(AdoptedHome))
            backups.restored(session, now, contents.taken_at)
            link_versions.renew(session, now)
            done.held = backups.hold(session, now)
        done.erased = len(erase_again.erase_again(aside, knobs.load(home), now).erased)
        # Nothing opens a home with this file in it: whatever is killed from here on, restore ends it.
        (root / knobs.RESTORING).touch()
        done.set_aside = _files_in(root, home, now)
        copies.put_in_place(aside, engine, staged / DATABASE / "kamflow.db")
        (root / knobs.RESTORING).unlink()
    finally:
        aside.dispose()
        engine.dispose()
    return done


def _complete(root: Path, staged: Path) -> Path:
    """The home as it will be. Who was erased since the backup is known to the present one only."""
    home = staged / HOME
    home.mkdir(exist_ok=True)
    if (root / erase_again.FILE).is_file():
        shutil.copy2(root / erase_again.FILE, home / erase_again.FILE)
    for present in (root / "secrets").glob("*"):
        if not (home / "secrets" / present.name).exists() and present.is_file():
            (home / "secrets").mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(present, home / "secrets" / present.name)
    return home


def _refuse_running(engine: Engine, now: datetime) -> None:
    """Refuse while a supervisor on another machine works with this database."""
    if engine.dialect.name != "postgresql" or not inspect(engine).has_table("supervisor"):
        return
    with read(engine) as session:
        for each in supervisors.all_of_them(session):
            if each.stopped_at is None and (now - each.seen_at).total_seconds() < ALIVE:
                where = f"on {each.host}, pid {each.pid}"
                raise InputError(f"kamflow runs on this database {where}: stop it first")


def _files_in(root: Path, home: Path, now: datetime) -> Path | None:
    """Put the settings in their places; what differs there is kept in a folder of its own."""
    before = root / f"before-restore-{now:%Y%m%d-%H%M%S}"
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        name = path.relative_to(home)
        present = root / name
        present.parent.mkdir(mode=0o700 if name.parts[0] == "secrets" else 0o777, exist_ok=True, parents=True)
        if present.is_file():
            if archive.digest(present) == archive.digest(path):
                continue
            (before / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(present, before / name)
        path.replace(present)
    return before if before.exists() else None
