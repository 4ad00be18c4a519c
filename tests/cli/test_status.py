"""`kamflow status`: whether it runs and is well, for people and by its exit code."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from flows import runtime, single
from kamflow.models.watch import Incident, Lease, Supervisor
from kamflow.store import adopted
from kamflow.store import engine as db
from kamflow.web import monitor
from kamflow.web.monitor import Vital
from kamflow.web.site import Site
from tests.web.listening import listening

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
PARTS = [Vital("page", "running"), Vital("runner", "running")]


def there(engine: Engine, home: Path, **more: Any) -> None:
    """A supervisor that leads, as it says itself, at this place unless said otherwise."""
    seen = {"host": socket.gethostname(), "path": str(home.resolve()), "pid": 0, "seen_at": NOW} | more
    with db.write(engine) as session:
        session.add(Supervisor(name="here", version="0.1.0", started_at=NOW - timedelta(hours=1), **seen))
        session.add(Lease(name="clock", holder="here", since=NOW, until=NOW + timedelta(seconds=9)))
        adopted.adopt(session, home, NOW)


def wrong(engine: Engine, kind: str, **facts: Any) -> None:
    with db.write(engine) as session:
        session.add(Incident(key=f"{kind}:crm", kind=kind, facts=facts, opened_at=NOW, seen_at=NOW))


@pytest.fixture
def running(engine: Engine, home: Path, world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Vital]]:
    """A `kamflow up` on this home, as far as others can see; the parts it has."""
    parts = [*PARTS]
    opened = runtime.open_home(home)
    site = Site(opened.settings, opened.policy, opened.engine, opened.now)
    there(engine, home, pid=os.getpid())
    monkeypatch.setenv("KAMFLOW_DELIVERY__MODE", "live")
    with single.alone(home), listening(monitor.app(site, lambda: parts)) as url:
        monkeypatch.setenv("KAMFLOW_OPERATIONS__LISTEN", url.removeprefix("http://"))
        yield parts
    opened.engine.dispose()


def test_where_nothing_runs_it_says_so(kamflow: Any, world: Any) -> None:
    said = kamflow("status")

    assert (said.code, said.out.splitlines()[0]) == (2, "kamflow is not running")
    assert kamflow("status", "--json").json["status"] == "not running"


def test_where_all_is_well_it_names_supervisor_parts_and_flows(kamflow: Any, running: Any) -> None:
    said = kamflow("status", "--json")

    assert (said.code, said.json["broken"], said.json["warnings"]) == (0, [], [])
    assert said.json["parts"] == {"page": "running", "runner": "running", "database": "running"}
    assert [each["leads"] for each in said.json["supervisors"]] == [True]
    assert len(said.json["flows"]) == 8
    shown = kamflow("status").out
    assert shown.startswith(f"kamflow is running\n  {socket.gethostname()}, pid ")
    assert "beats the clock" in shown


def test_what_nobody_need_get_up_for_is_a_warning(kamflow: Any, running: Any, engine: Engine) -> None:
    wrong(engine, "data", day="2026-03-14")
    said = kamflow("status")

    assert said.code == 0
    assert "  warning: the data of crm is of 2026-03-14, since 2026-09-07 06:30 UTC\n" in said.out


@pytest.mark.parametrize("kind", ["run", "channel", "prefect", "disk", "something new"])
def test_an_incident_that_stops_work_degrades(kamflow: Any, running: Any, engine: Engine, kind: str) -> None:
    wrong(engine, kind, cause="login-refused")
    said = kamflow("status", "--json")

    assert (said.code, said.json["status"]) == (1, "degraded")
    assert (
        "crm" in str(said.json["broken"])
        or "Prefect" in str(said.json["broken"])
        or "disk" in str(said.json["broken"])
    )
    assert [each["kind"] for each in said.json["incidents"]] == [kind]


def test_a_part_that_is_down_degrades(kamflow: Any, running: list[Vital]) -> None:
    running[1] = Vital("runner", "down", restarts=3)

    assert kamflow("status", "--json").json["broken"] == ["runner is down; it is started again by itself"]
    said = kamflow("doctor", "--only", "ports")
    assert (said.code, "but down: " in said.out) == (1, True)


def test_a_supervisor_that_died_does_not_run_and_one_elsewhere_does(
    kamflow: Any, world: Any, engine: Engine, home: Path
) -> None:
    there(engine, home)
    assert kamflow("status").code == 2
    with db.write(engine) as session:
        session.get_one(Supervisor, "here").host = "elsewhere"
    said = kamflow("status", "--json")
    assert (said.code, said.json["parts"]) == (0, {})
    with db.write(engine) as session:
        session.get_one(Supervisor, "here").seen_at = NOW - timedelta(minutes=2)
    assert kamflow("status").code == 2


def test_a_home_that_may_not_send_degrades(kamflow: Any, running: Any, engine: Engine) -> None:
    with db.write(engine) as session:
        adopted.adopt(session, Path("/elsewhere"), NOW)
    said = kamflow("status", "--json")

    assert said.code == 1
    assert "kamflow adopt" in said.json["broken"][0]


def test_it_starts_without_prefect() -> None:
    look = "import sys, kamflow.cli.status; sys.exit('prefect' in sys.modules)"
    subprocess.run([sys.executable, "-c", look], check=True)
