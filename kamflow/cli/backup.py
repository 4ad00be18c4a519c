"""`kamflow backup`: one archive of what cannot be had again, while everything runs."""

import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from kamflow.acts import erase_again
from kamflow.cli import glass
from kamflow.cli.home import opened, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError
from kamflow.settings import Settings
from kamflow.store import archive, backups, copies
from kamflow.store.archive import Contents
from kamflow.store.engine import write

FOLDER = "backups"
DATABASE, HOME = "database", "home"
# Passwords are not in it: they come from the environment, or are written into the secrets folder again.
# Without the secret key links, surveys and erasures of the restored data would be dead.
KEPT = ("kamflow.toml", "secrets/secret_key", erase_again.FILE)


def backup(
    file: Path | None = None,
    /,
    *,
    keep: Annotated[int | None, Parameter(negative="")] = None,
    options: Options = HERE,
) -> None:
    """Write database, settings, secret key and brand into one archive, while everything runs.

    It holds personal data: keep it as safe as the database. Not in it: passwords, Prefect's own database and
    the files in inbox and rejects, which can be had again.

    Parameters
    ----------
    file
        Where to; backups/kamflow-<date>-<time>.tar.gz of the home if not given.
    keep
        Afterwards delete all but so many of the newest archives in the folder backups.
    """
    if keep is not None and keep < 1:
        raise InputError("--keep: keep at least one")
    with reading(options) as desk:
        glass.operates(desk, "make a backup")
    with opened(options) as home:
        now, root = home.now(), home.settings.home
        target = file or root / FOLDER / f"kamflow-{now:%Y%m%d-%H%M%S}.tar.gz"
        if file is None:
            target.parent.mkdir(mode=0o700, exist_ok=True)
        erase_again.write_down(home.engine, root)
        with tempfile.TemporaryDirectory(prefix=".kamflow-", dir=target.parent) as made:
            staged = Path(made)
            (staged / DATABASE).mkdir()
            schema = copies.write_out(home.engine, staged / DATABASE)
            for path in _files(home.settings):
                (staged / HOME / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / path, staged / HOME / path)
            found = sorted(each for each in staged.rglob("*") if each.is_file())
            files = {each.relative_to(staged).as_posix(): archive.digest(each) for each in found}
            dialect = home.engine.dialect.name
            size = archive.pack(target, Contents(version("kamflow"), schema, dialect, now, files), staged)
        with write(home.engine) as session:
            backups.made(session, now, size)
    gone = _older(root / FOLDER, keep) if keep is not None else 0
    if options.json:
        say_json({"file": target.resolve(), "bytes": size, "schema": schema, "deleted": gone})
        return
    say(f"backup: {target.resolve()} ({max(size // 1000, 1):,} kB)", "it holds personal data: keep it safe")
    if gone:
        say(f"deleted: {gone} older ones")


def _files(settings: Settings) -> Iterator[Path]:
    """What of the home goes along, by its path in it; what lies elsewhere stays there."""
    brand, bundle = settings.brand, settings.http.ca_bundle
    fonts = sorted((settings.home / brand.fonts).rglob("*")) if brand.fonts else []
    for path in (*map(Path, KEPT), brand.logo, bundle, *fonts):
        whole = settings.home / path if path else None
        if whole is not None and whole.is_file() and whole.resolve().is_relative_to(settings.home.resolve()):
            yield whole.resolve().relative_to(settings.home.resolve())


def _older(folder: Path, keep: int) -> int:
    """Delete all but the newest; the names tell their age."""
    old = sorted(folder.glob("kamflow-*.tar.gz"))[:-keep]
    for each in old:
        each.unlink()
    return len(old)
