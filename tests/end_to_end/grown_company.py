"""A company grown out of one process: two `kamflow up`, two workers, one PostgreSQL, one Prefect server.

All processes share a clock that is a file: it stands at the time that was set last and goes on from there.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, select, update
from sqlmodel import col

from flows import runtime, server
from flows.leading import LEASE
from kamflow import upkeep as knobs
from kamflow.demo.company import storing
from kamflow.demo.company.build import build
from kamflow.demo.company.words import COMPANY, OUR_DOMAIN
from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.demo.stage import ACCOUNT_URL, KEY, OPERATIONS, OUR_COMPANY, SURVEY, TOML, ZONE
from kamflow.models.event import Event
from kamflow.models.run import FlowRun
from kamflow.models.watch import Supervisor
from kamflow.settings import Settings
from kamflow.store import adopted, leases, migrate
from kamflow.store import engine as db
from tests.flows import prefect_api
from tests.flows.prefect_api import Prefect, environment, eventually
from tests.ports import free_port

AUTH = "kamflow:s3cret"
POOL = "kamflow"
MORE_TOML = """
public_listen = "127.0.0.1:{outside}"
internal_listen = "127.0.0.1:{inside}"

[operations]
listen = "127.0.0.1:{health}"
backup_days = 0

[prefect]
api_url = "{prefect}"
work_pool = "{pool}"
"""


@dataclass
class Place:
    """A home of the grown company, and where its `kamflow up` says that it is well."""

    folder: Path
    health: str

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.health}/ready", timeout=5).is_success
        except httpx.HTTPError:
            return False


@dataclass
class Grown:
    """Everything that runs; `told` is what each process of it is told."""

    places: tuple[Place, Place]
    engine: Engine
    prefect: Prefect
    told: dict[str, str]
    clock: Path
    running: ExitStack

    def set_clock(self, day: date, hour: int, minute: int = 0) -> None:
        """Let it be that local time from now on, everywhere."""
        set_clock(self.clock, datetime.combine(day, time(hour, minute), ZONE))

    def kamflow(self, place: Place, *command: str) -> str:
        """Do a command in one of the homes; what it printed."""
        ran = subprocess.run(
            [sys.executable, "-m", "kamflow.cli.app", *command],
            env=self._environment(place), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def up(self, place: Place) -> subprocess.Popen[bytes]:
        return self._started(place, "-m", "kamflow.cli.app", "up")

    def worker(self, place: Place, limit: int = 1) -> subprocess.Popen[bytes]:
        """A worker that does so many runs at a time."""
        command = ("worker", "start", "--pool", POOL, "--limit", str(limit))
        return self._started(place, "-m", "prefect", *command)

    def _started(self, place: Place, *command: str) -> subprocess.Popen[bytes]:
        with (place.folder / f"{command[1]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=self._environment(place), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.callback(cut_off, process)
        return process

    def _environment(self, place: Place) -> dict[str, str]:
        return environment(place.folder, **self.told, PREFECT_API_URL=self.prefect.url)

    def leader(self) -> int | None:
        """The pid of the supervisor that beats the clock."""
        with db.read(self.engine) as session:
            held = leases.held(session, LEASE, runtime.clock())
            return None if held is None else int(held.holder.split(":")[1])

    def other_leads(self, than: int) -> None:
        eventually("the other supervisor leads", lambda: self.leader() not in (None, than), 120)

    def runs(self, **wanted: object) -> list[FlowRun]:
        with db.read(self.engine) as session:
            rows = session.execute(select(FlowRun).order_by(col(FlowRun.id))).scalars()
            return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


def cut_off(process: subprocess.Popen[bytes]) -> None:
    """End a process and what is left of its session; what else it started ends with it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def set_clock(file: Path, at: datetime) -> None:
    machine = datetime.now(UTC)  # noqa: TID251 - the made-up clock is told by how far it is from this one
    written = file.with_suffix(".new")
    written.write_text(f"{at.astimezone(UTC).isoformat()}@{machine.isoformat()}", encoding="ascii")
    written.replace(file)


@contextmanager
def grown_company(
    folder: Path, databases: tuple[str, str], catcher: SmtpCatcher, since: date, accounts: int
) -> Iterator[Grown]:
    """The demo's company in two homes of one database, with the pool and its deployments; `up` and workers
    are not started. `databases`: kamflow's and Prefect's; `since`: the day of its first `kamflow up`."""
    ours, prefects = databases
    port = free_port()
    places = _places(folder, catcher.port, f"http://127.0.0.1:{port}/api")
    told = {
        "KAMFLOW_DATABASE_URL": ours,
        "KAMFLOW_PREFECT__DATABASE_URL": prefects,
        "KAMFLOW_PREFECT__AUTH": AUTH,
        "KAMFLOW_SECRET_KEY": KEY,
        "KAMFLOW_NOW": f"@{folder / 'now'}",
    }
    engine = db.connect(ours)
    _settle_in(engine, places[0], folder, since, accounts)
    with ExitStack() as running:
        running.callback(engine.dispose)
        about = Settings(
            home=folder, prefect=knobs.Prefect(auth=SecretStr(AUTH), database_url=SecretStr(prefects))
        )
        told |= {name: said for name, said in server.environment(about).items() if name != "PREFECT_HOME"}
        at = running.enter_context(prefect_api.running(places[0].folder, port, **told))
        grown = Grown(places, engine, at, told, folder / "now", running)
        grown.set_clock(since, 4)
        grown.kamflow(places[0], "deploy", "--pool", POOL)
        grown.kamflow(places[1], "adopt", "--add")
        yield grown


def _places(folder: Path, smtp: int, prefect: str) -> tuple[Place, Place]:
    return _place(folder / "one", smtp, prefect), _place(folder / "two", smtp, prefect)


def _place(folder: Path, smtp: int, prefect: str) -> Place:
    inside, outside, health = (free_port() for _ in range(3))
    folder.mkdir()
    toml = TOML.format(
        company=COMPANY,
        operations=OPERATIONS,
        port=smtp,
        domain=OUR_DOMAIN,
        account_url=ACCOUNT_URL,
        public_url=f"http://127.0.0.1:{outside}",
        internal_url=f"http://127.0.0.1:{inside}",
        objection=SURVEY.objection_address,
        legal=SURVEY.legal_details,
        privacy=SURVEY.privacy_url,
    )
    more = MORE_TOML.format(outside=outside, inside=inside, health=health, prefect=prefect, pool=POOL)
    listening, _, tables = more.partition("\n\n")
    text = toml.replace('mode = "live"', 'mode = "live"\nlease_seconds = 10')
    text = text.replace("\n[survey]", f"{listening.strip()}\n\n[survey]")
    (folder / "kamflow.toml").write_text(f"{text}\n{tables}", encoding="utf-8")
    return Place(folder, f"http://127.0.0.1:{health}")


def _settle_in(engine: Engine, first: Place, folder: Path, since: date, accounts: int) -> None:
    migrate.upgrade(engine)
    storing.store(engine, build(accounts), folder / "company", OUR_COMPANY)
    at = datetime.combine(since, time(4), ZONE).astimezone(UTC)
    with db.write(engine) as session:
        adopted.adopt(session, first.folder, at)
        before = at - timedelta(hours=1)
        row = Supervisor(
            name="before", host="here", path="/", pid=1, version="1", started_at=before, seen_at=before
        )
        session.add(row)
        session.execute(update(Event).values(relayed_at=at))  # what the import brought: the night decides it
