"""`kamflow init`: a new home, or an existing one brought up to date."""

import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, inspect

from flows import runtime
from kamflow import policy, settings
from kamflow.cli.home import instant
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import ConfigError
from kamflow.intake.presets import shelf
from kamflow.store import adopted, migrate
from kamflow.store.engine import connect, write

FOLDERS = ("inbox", "rejects")
SECRET = "secrets/secret_key"  # noqa: S105 - where it lies, not what it is
TEMPLATES = "import-templates/"
TOML = Path(__file__).with_name("kamflow.toml")


@dataclass
class Made:
    """What was made, and what was there and stayed as it was."""

    home: Path
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def note(self, name: str, new: bool) -> None:
        (self.made if new else self.kept).append(name)


def init(directory: Path | None = None, /, *, options: Options = HERE) -> None:
    """Make a new home: commented kamflow.toml, database, folders, import templates.

    On an existing home it brings the database up to date and keeps everything.

    Parameters
    ----------
    directory
        Where; the home of the options, or the current folder, if not given.
    """
    _answer(options, make(directory or options.home or Path(), options))


def make(home: Path, options: Options = HERE) -> Made:
    """Make what a home has not; what is there stays as it is."""
    done = Made(home.resolve())
    _folders(home)
    done.note("kamflow.toml", _text(home / "kamflow.toml", TOML.read_text(encoding="utf-8")))
    done.note(SECRET, keep_secret(home / SECRET, secrets.token_urlsafe(48)))
    for name, header in import_templates().items():
        done.note(f"{TEMPLATES}{name}", _text(home / TEMPLATES / name, header))
    done.note("database", _database(home, options))
    return done


def import_templates() -> dict[str, str]:
    """File name -> content: kamflow's own import, one empty CSV per entity, as Excel opens it in Germany."""
    preset = tomllib.loads(shelf.content("kamflow"))
    blocks = [block for entity in preset.values() if isinstance(entity, list) for block in entity]
    return {
        f"{block['file']}.csv": ";".join(map(_header, block["columns"].values())) + "\n" for block in blocks
    }


def _header(column: str | dict[str, list[str]]) -> str:
    """The first of the headers that the preset knows for a column."""
    return column if isinstance(column, str) else column["first"][0]


def _folders(home: Path) -> None:
    if home.exists() and not home.is_dir():
        raise ConfigError(f"{home} is a file: name a folder for the home")
    home.mkdir(mode=0o750, parents=True, exist_ok=True)  # it holds names: not for everybody on the machine
    for name in (*FOLDERS, "import-templates", "secrets"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "secrets").chmod(0o700)


def _text(path: Path, content: str) -> bool:
    """Write a file unless it is there; tell whether it is new."""
    if path.exists():
        return False
    # With a byte order mark, or Excel takes the umlauts of a CSV for something else.
    path.write_text(content, encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8")
    return True


def keep_secret(path: Path, secret: str) -> bool:
    """Write a file that only we may read, unless it is there; tell whether it is new."""
    if path.exists():
        return False
    path.touch(mode=0o600)
    path.write_text(secret, encoding="ascii")
    return True


def _database(home: Path, options: Options) -> bool:
    """Create or upgrade the tables; adopt the home where the database is new."""
    policy.load(home)
    engine = connect(settings.load(home).url)
    new = not inspect(engine).get_table_names()
    migrate.upgrade(engine)
    if new:
        _adopt(engine, home, options)
    engine.dispose()
    return new


def _adopt(engine: Engine, home: Path, options: Options) -> None:
    # Only a database without a past: a copied or restored one must not start to send by itself.
    now = instant(options.now) if options.now else runtime.clock()
    with write(engine) as session:
        adopted.adopt(session, home, now)


def _answer(options: Options, done: Made) -> None:
    if options.json:
        say_json(done)
        return
    what = "new home" if "database" in done.made else "home brought up to date"
    say(f"{what}: {done.home}", *(f"  made: {name}" for name in _listed(done.made)))
    if done.kept:
        say(f"  kept: {', '.join(_listed(done.kept))}")
    if "kamflow.toml" in done.made:
        say("next: name delivery.redirect_to in kamflow.toml, then `kamflow import` your data")


def _listed(names: list[str]) -> list[str]:
    """Every name, but of the templates only how many."""
    templates = [name for name in names if name.startswith(TEMPLATES)]
    first = next(iter(templates), None)
    counted = f"{len(templates)} files in {TEMPLATES}"
    return [counted if name == first else name for name in names if name == first or name not in templates]
