"""Runs the reference programs, each as a process of its own in `.venv/bench`, which `make bench` installs."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.engine import make_url

from notifications.render.html import RenderedMail

PYTHON = Path(sys.prefix) / "bench" / "bin" / "python"
HERE = Path(__file__).parent
# As for kamflow: write-ahead log, writers that wait for each other, no fsync at each commit.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
BATCH = 1_000  # of post-office; its own 100 opens all connections anew for each batch


class Step(NamedTuple):
    """What one step of a program took, all its processes together."""

    number: int
    seconds: float
    cpu: float


class Failed(Exception):
    """A reference program did not do its work; says what it said."""


def post_office(
    url: str, port: int, mail: RenderedMail, number: int, connections: int, processes: int = 1
) -> dict[str, Step]:
    """Store and send by django-post-office; `url` names a database of its own."""
    asked = {"port": port, "number": number, "connections": connections, "processes": processes}
    texts = {"subject": mail.subject, "html": mail.html, "text": mail.text}
    return _run("delivery_post_office.py", asked | texts | {"database": _django(url), "batch": BATCH})


def huey(port: int, raw: bytes, number: int, connections: int) -> dict[str, Step]:
    """Put into huey's queue and send by its consumer."""
    asked = {"port": port, "number": number, "connections": connections, "mail": raw.decode()}
    return _run("delivery_huey.py", asked)


def there() -> bool:
    """Whether they are installed."""
    return PYTHON.exists()


def _run(program: str, asked: dict[str, Any]) -> dict[str, Step]:
    with tempfile.TemporaryDirectory(prefix="kamflow-bench-") as folder:
        file = Path(folder) / "asked.json"
        file.write_text(json.dumps(asked | {"folder": folder}))
        command = [str(PYTHON), str(HERE / program), str(file)]
        # Our own two scripts, in an environment that we made.
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603
    if done.returncode:
        raise Failed(f"{program}: exit {done.returncode}: {done.stderr[-400:]}")
    lines = map(json.loads, done.stdout.splitlines())
    return {each["step"]: Step(each["number"], each["seconds"], each["cpu"]) for each in lines}


def _django(url: str) -> dict[str, Any]:
    parsed = make_url(url)
    if not url.startswith("postgresql"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parsed.database, "OPTIONS": SQLITE}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parsed.database,
        "USER": parsed.username or "",
        "PASSWORD": parsed.password or "",
        "HOST": parsed.host or parsed.query.get("host", ""),
        "PORT": parsed.port or "",
    }
