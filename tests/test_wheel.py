"""The built wheel works where there is no repository: it migrates a database and renders a mail."""

import os
import sqlite3
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import NO_TELEMETRY

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("kamflow", "notifications", "flows", "templates")

pytestmark = pytest.mark.slow

Ran = subprocess.CompletedProcess[str]

RENDER = """
from datetime import date

import kamflow, notifications
from kamflow.store.names import AccountName, Names
from notifications.render import html
from notifications.render.view import ItemView, NudgesView, NudgeView, PersonView

nudge = NudgeView(
    id=1, rule="contact_shortfall", step="contacts", stage="", account=1, owner=1,
    since=date(2026, 9, 7), due_on=date(2026, 9, 21), urgency="daily", weight=1.0, reason="opened",
    facts={"cells": [], "meetings": [], "data": {"as_of": None, "source": None}, "no_data": True},
    why={"threshold": "no_data", "gap": 1, "lead": None, "closes": "contact", "next": "nobody"},
)
view = NudgesView(
    recipient=PersonView(1, "Anna Witt", "de", "Europe/Berlin"), day=date(2026, 9, 7),
    items=(ItemView((nudge,)),), company="Our company",
    names=Names(persons={1: "Anna Witt"}, accounts={1: AccountName("Muster & Söhne", "muster")}),
)
print(kamflow.__file__, notifications.__file__)
print(html.mail(view).html)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose environment holds the wheel; ours lends the libraries, but not its .pth files."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", python]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True)
    (packages,) = folder.glob("venv/lib/python3*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def run(elsewhere: Path) -> Callable[..., Ran]:
    """Run a command of the environment, in a folder that is not the repository."""
    keep = {"PATH", "HOME", "LANG", "TMPDIR", *NO_TELEMETRY}
    env = {name: value for name, value in os.environ.items() if name in keep}

    def run(name: str, *args: object) -> Ran:
        command = [str(elsewhere / "venv/bin" / name), *map(str, args)]
        ran = subprocess.run(command, cwd=elsewhere, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{name} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
        return ran

    return run


def test_the_wheel_holds_every_file_of_the_product_and_nothing_else(wheel: Path) -> None:
    files = (path for folder in SHIPPED for path in (ROOT / folder).rglob("*") if path.is_file())
    ours = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == ours


def test_the_installed_command_makes_a_home_with_a_migrated_database(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    run("kamflow", "init", home)

    assert (home / "kamflow.toml").exists()
    with sqlite3.connect(home / "kamflow.db") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        versions = database.execute("SELECT version_num FROM alembic_version").fetchall()
    database.close()
    assert {"account", "nudge", "message"} <= tables
    assert len(versions) == 1


def test_the_installed_product_renders_a_mail(run: Callable[..., Ran], elsewhere: Path) -> None:
    files, _, mail = run("python", "-c", RENDER).stdout.partition("\n")

    assert all(path.startswith(str(elsewhere)) for path in files.split())
    assert "Muster &amp; Söhne" in mail
