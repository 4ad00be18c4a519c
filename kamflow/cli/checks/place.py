"""The home, its files and their rights, the disk, the fonts, the templates, the ports."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from flows import single
from flows.runtime import Home
from kamflow.cli.checks.finding import Finding
from kamflow.cli.status import parts_of
from notifications.render import fonts
from notifications.render.environment import folder

OTHERS, GROUP_AND_OTHERS = 0o007, 0o077
PRIVATE = ("kamflow.db", "kamflow.db-wal", "erased.jsonl", "backups", "prefect")


def files(home: Home) -> Iterator[Finding]:
    """Who may read what; what others can read is wrong only for secrets."""
    root = home.settings.home
    open_secrets = [each for each in _secrets(root) if each.stat().st_mode & GROUP_AND_OTHERS]
    for each in open_secrets:
        yield Finding("files", "wrong", f"others may read {each}", f"chmod go= {each}")
    named = [root / name for name in PRIVATE if (root / name).exists()]
    if root.resolve().stat().st_mode & OTHERS and any(each.stat().st_mode & OTHERS for each in named):
        yield Finding("files", "mind", f"everybody on this machine may look into {root}", f"chmod o= {root}")
    if not os.access(root, os.W_OK):
        yield Finding("files", "wrong", f"{root} cannot be written", "run as the user who owns the home")
    elif not open_secrets:
        yield Finding("files", "ok", f"home {root.resolve()}: can be written, secrets are ours alone")


def _secrets(root: Path) -> list[Path]:
    return [each for each in (root / "secrets").glob("*") if each.is_file()]


def disk(home: Home) -> Iterator[Finding]:
    """What is free where the home lies."""
    free, least = shutil.disk_usage(home.settings.home).free // 10**6, home.settings.operations.disk_free_mb
    if free < least:
        yield Finding("disk", "wrong", f"{free} MB free, {least} are wanted", "make room, or a larger disk")
    else:
        yield Finding("disk", "ok", f"{free} MB free")


def texts(home: Home) -> Iterator[Finding]:
    """The templates and fonts that are shipped, and those of the brand."""
    ours = Path(__file__).resolve().parents[3] / "templates"
    found = Path(folder()).resolve()
    if found != ours:
        todo = "two installations are mixed: install kamflow into an environment of its own"
        yield Finding("templates", "wrong", f"{found} is not of this installation ({ours})", todo)
    else:
        yield Finding("templates", "ok", f"{found}")
    given = home.settings.brand.fonts
    own = set(fonts.book().families())
    if "Inter" not in own:
        yield Finding("fonts", "wrong", f"no font in {found / 'fonts'}", "install kamflow anew")
    elif given and not any((home.settings.home / given).glob("*.[to]t[fc]")):
        yield Finding("fonts", "wrong", f"brand.fonts: no font in {given}", "put .ttf or .otf files there")
    else:
        yield Finding("fonts", "ok", f"documents find their fonts ({', '.join(sorted(own))})")


def ports(home: Home) -> Iterator[Finding]:
    """Whether what `kamflow up` listens on is free, or ours already."""
    pid = single.running(home.settings.home)
    web, told = home.settings.web, home.settings.operations
    wanted = {"public": web.public_listen, "internal": web.internal_listen, "operations": told.listen}
    if home.settings.prefect.api_url is None:
        wanted["prefect"] = f"127.0.0.1:{home.settings.prefect.port}"
    for name, listen in wanted.items():
        host, _, port = listen.rpartition(":")
        taken = _taken(host, int(port))
        if taken and pid is None:
            what = f"{listen} ({name}) is taken by something else"
            yield Finding("ports", "wrong", what, f"ss -ltnp 'sport = :{port}' says by whom; or set another")
        elif pid is not None and not taken:
            level, todo = "mind", "look at its log; it may still be starting"
            yield Finding("ports", level, f"{listen} ({name}): kamflow runs, nobody listens", todo)
    parts = parts_of(told.listen) if pid else None
    down = [name for name, state in (parts or {}).items() if state == "down"]
    if down:
        what = f"kamflow runs, pid {pid}, but down: {', '.join(down)}"
        yield Finding("ports", "wrong", what, "its log says why; see kamflow status")
        return
    what = f"kamflow runs, pid {pid}" if pid else "kamflow does not run; its ports are free or named here"
    yield Finding("ports", "ok", what)


def _taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind((host.strip("[]"), port))
        except OSError:
            return True
    return False
