"""`kamflow up`: run everything of a home on this machine until it is told to stop."""

import platform
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from kamflow.cli.options import HERE, Options
from kamflow.errors import ConfigError, InputError, NotMigrated, StoreError

if TYPE_CHECKING:
    from flows.runtime import Home

AUTH = "secrets/prefect__auth"
DEMO = "demo.json"  # kamflow.demo.kept.MARK, which takes a second to load
MARKS = ("kamflow.toml", "kamflow.db", "secrets")  # one of them, and a folder is a home


def up(*, options: Options = HERE) -> int:
    """Run everything: Prefect with its UI, the runner, the clock, the pages. Ctrl-C stops it cleanly.

    The first start makes what is missing: folder, kamflow.toml, keys, database.
    """
    begun = monotonic()
    if platform.system() != "Linux":
        raise InputError("kamflow runs on Linux: use a container elsewhere (see docs/operations.md)")
    from flows import single

    folder = options.home or Path()
    _refuse_strange(folder, named=options.home is not None)
    folder.mkdir(parents=True, exist_ok=True)
    with single.alone(folder), _surroundings(folder):
        _run(folder, _clock(options), begun)
    return 0


def _surroundings(folder: Path) -> AbstractContextManager[None]:
    """What the kept home of a demo sends to; nothing for any other."""
    if not (folder / DEMO).is_file():
        return nullcontext()
    from kamflow.demo import kept

    return kept.surrounded(folder)


def _refuse_strange(folder: Path, *, named: bool) -> None:
    """A folder that holds something else is made a home only where it was named."""
    if named or any((folder / mark).exists() for mark in MARKS) or not any(folder.iterdir()):
        return
    raise InputError(
        f"{folder.resolve()} is no home of kamflow, and not empty: name one (kamflow up --home DIR), or make "
        "this folder one (kamflow init)"
    )


def _clock(options: Options) -> Callable[[], datetime]:
    # Loaded when somebody looks at it: with it comes the database, and Prefect's server is to start before.
    def now() -> datetime:
        from flows import runtime

        return runtime.clock()

    def stopped() -> datetime:
        from kamflow.cli.home import instant

        return instant(options.now or "")

    return stopped if options.now else now


def _run(folder: Path, now: Callable[[], datetime], begun: float) -> None:
    import asyncio

    from flows import addresses, leaving, logs, up
    from kamflow import settings

    found = settings.load(folder)
    logs.configure(now, found.log)
    addresses.refuse_taken(found)
    made = [AUTH] if _keep_auth(folder) else []

    async def until_stopped() -> None:
        await up.until_told(found, partial(_opened, folder, now, made), begun)
        leaving.at_once(0)

    asyncio.run(until_stopped())


def _keep_auth(folder: Path) -> bool:
    """Make what Prefect's server asks for, once."""
    path = folder / AUTH
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists():
        return False
    path.touch(mode=0o600)
    path.write_text(f"kamflow:{secrets.token_urlsafe(24)}", encoding="ascii")
    return True


def _opened(folder: Path, now: Callable[[], datetime], made: list[str]) -> "Home":
    """The home, with what is missing made."""
    from flows import runtime
    from kamflow.cli import init

    try:
        home = runtime.open_home(folder, now)
    except StoreError as error:
        if not _may_make(error, folder):
            raise
        done = init.make(folder)
        # Where it was there before, it was brought up to date.
        made += done.made if "database" in done.made else [*done.made, "database: new version"]
        home = runtime.open_home(folder, now)
    try:
        _look(home, made)
    except BaseException:
        home.engine.dispose()
        raise
    return home


def _may_make(error: StoreError, folder: Path) -> bool:
    """Whether what is missing is ours to make: a new database, or a newer version of one."""
    from kamflow import settings

    url = settings.load(folder).url
    file = Path(url.removeprefix("sqlite:///"))
    return isinstance(error, NotMigrated) or (url.startswith("sqlite") and not file.is_file())


def _look(home: "Home", made: list[str]) -> None:
    import structlog

    from kamflow.store import adopted
    from kamflow.store import engine as db

    log = structlog.get_logger()
    if made:
        log.info("up.made", home=str(home.settings.home.resolve()), made=made)
    if home.settings.secret_key is None:
        raise ConfigError(
            f"{home.settings.home}: no secret key, but the database has a past: bring secrets/secret_key of "
            "its home; or `kamflow init` makes a new one, and links that were sent before lead nowhere"
        )
    with db.read(home.engine) as session:
        if not adopted.is_adopted(session, home.settings.home):
            log.warning("up.not_adopted", sends="nothing", mend="kamflow adopt")
