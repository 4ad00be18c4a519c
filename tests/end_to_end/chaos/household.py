"""The home that is troubled: the demo's company, its own mail server and Slack, `kamflow up` as a process.

Its clock is a file: it stands at the time that was set last and goes on from there, in all processes alike.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Lock

import httpx
from sqlalchemy import Engine

from flows import runtime
from kamflow.demo.slack.server import APP_TOKEN, TOKEN
from kamflow.demo.stage import KEY, ZONE, Stage, staged
from kamflow.settings import Web
from kamflow.store import engine as db
from tests.flows.prefect_api import environment, eventually
from tests.ports import free_port

EVENT_TOKEN = "a token of the chaos run, as long as tokens are"
READY_SECONDS = 300
MORE_TOML = """
[operations]
listen = "127.0.0.1:{health}"
channel_minutes = 1
calm_minutes = 1
backup_days = 0

[prefect]
port = {prefect}
"""


@dataclass
class Household:
    """`internal`: the address of the pages; `health`: of the health listener; `up`: the supervisor;
    `began`: from when on what is sent is ours."""

    stage: Stage
    folder: Path
    internal: str
    health: str
    prefect: int
    began: datetime
    up: subprocess.Popen[bytes] | None = None
    started: int = 0
    log: list[str] = field(default_factory=list)
    _one: Lock = field(default_factory=Lock)

    def set_clock(self, day: date, hour: int, minute: int = 0) -> None:
        """Let it be that local time from now on, for this process and all of the home's."""
        at = datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)
        machine = datetime.now(UTC)  # noqa: TID251 - the home's clock is told by how far it is from this one
        written = self.folder / "now.new"
        written.write_text(f"{at.isoformat()}@{machine.isoformat()}", encoding="ascii")
        written.replace(self.folder / "now")

    def start(self) -> None:
        """Start `kamflow up`."""
        self.started += 1
        with (self.folder / f"up-{self.started}.log").open("wb") as log:
            self.up = subprocess.Popen(
                [sys.executable, "-m", "kamflow.cli.app", "up"],
                env=environment(self.folder, **self.known()),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def known(self) -> dict[str, str]:
        """The secrets of the home, and its clock."""
        return {
            "KAMFLOW_NOW": f"@{self.folder / 'now'}",
            "KAMFLOW_SECRET_KEY": KEY,
            "KAMFLOW_SLACK__TOKEN": TOKEN,
            "KAMFLOW_SLACK__APP_TOKEN": APP_TOKEN,
            "KAMFLOW_SLACK__API_URL": self.stage.slack.url,
            "KAMFLOW_EVENTS__TOKENS": f'{{"crm": "{EVENT_TOKEN}"}}',
        }

    def ready(self) -> bool:
        """Whether everything stands, as its health listener says."""
        try:
            return httpx.get(f"{self.health}/ready", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def wait_ready(self) -> None:
        """Wait until everything stands; a supervisor that ended meanwhile is started again."""

        def look() -> bool:
            self.keep_up()
            return self.ready()

        eventually("kamflow up is ready", look, READY_SECONDS)

    def keep_up(self) -> None:
        """Start `kamflow up` again where it ended: what systemd does for an operator."""
        with self._one:  # days and blows both see to it
            if self.up is None or self.up.poll() is not None:
                self.start()


@contextmanager
def household(folder: Path, accounts: int, first: date) -> Iterator[Household]:
    """A home on the day before everything begins; `kamflow up` is not started yet."""
    inside, outside, health, prefect = (free_port() for _ in range(4))
    web = Web(
        public_url=f"http://127.0.0.1:{outside}",
        internal_url=f"http://127.0.0.1:{inside}",
        public_listen=f"127.0.0.1:{outside}",
        internal_listen=f"127.0.0.1:{inside}",
    )
    with staged(accounts, folder, first, web) as stage:
        toml = folder / "kamflow.toml"
        listening = f'public_listen = "127.0.0.1:{outside}"\ninternal_listen = "127.0.0.1:{inside}"\n'
        text = toml.read_text(encoding="utf-8").replace("\n[survey]", f"{listening}\n[survey]")
        toml.write_text(text + MORE_TOML.format(health=health, prefect=prefect), encoding="utf-8")
        here = f"http://127.0.0.1:{inside}"
        found = Household(stage, folder, here, f"http://127.0.0.1:{health}", prefect, stage.clock())
        found.set_clock(first, 4)
        before = os.environ.get("KAMFLOW_NOW")
        os.environ["KAMFLOW_NOW"] = f"@{folder / 'now'}"
        stage.slack.workspace.now = now  # a lost post is looked for by its date
        try:
            yield found
        finally:
            os.environ.pop("KAMFLOW_NOW") if before is None else os.environ.update(KAMFLOW_NOW=before)


def engine_of(found: Household) -> Engine:
    """The domain database, as another process sees it."""
    return db.connect(found.stage.home.settings.url)


def now() -> datetime:
    """The home's time."""
    return runtime.clock()
