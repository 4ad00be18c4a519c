"""Who watches kamflow learns whether it is alive and its figures, and nothing about anybody."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event

from kamflow.models.watch import ClockJob, Incident, Lease
from kamflow.store import engine as db
from kamflow.store.new_messages import NewMessage, add
from kamflow.web import monitor
from kamflow.web.monitor import Vital
from kamflow.web.site import Site
from tests.conftest import NOW
from tests.web.browser import Browser
from tests.world import World

RUNNING = [Vital("page", "running"), Vital("server", "running", restarts=2, pid=1)]


def watching(world: World, parts: list[Vital] = RUNNING) -> Browser:
    site = Site(world.settings, world.policy, world.engine, lambda: NOW)
    return Browser(monitor.app(site, lambda: parts))


def figures(browser: Browser) -> dict[str, dict[tuple[str, ...], float]]:
    """Sample -> values of its labels -> figure, as Prometheus' own parser reads it."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(browser.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    return World(sqlite_engine)


@pytest.mark.parametrize(
    ("state", "health", "ready"),
    [("running", 200, 200), ("starting", 200, 503), ("down", 503, 503), ("stopped", 503, 503)],
)
def test_health_is_bad_once_a_part_is_down_and_readiness_waits_for_all(
    world: World, state: Any, health: int, ready: int
) -> None:
    browser = watching(world, [Vital("page", "running"), Vital("runner", state)])

    assert (browser.get("/health").status_code, browser.get("/ready").status_code) == (health, ready)
    assert browser.head("/health").status_code == health
    assert browser.get("/health").json()["states"] == {
        "page": "running",
        "runner": state,
        "database": "running",
    }


def test_a_database_that_is_gone_is_said_and_the_other_figures_stay(tmp_path: Path) -> None:
    gone = World(db.connect(f"sqlite:///{tmp_path / 'none' / 'kamflow.db'}"))
    browser = watching(gone)

    assert browser.get("/ready").json() == {
        "status": "not ok",
        "states": {"page": "running", "server": "running", "database": "down"},
    }
    found = figures(browser)
    assert found["kamflow_database_up"] == {(): 0}
    assert found["kamflow_part_restarts_total"] == {("page",): 0, ("server",): 2}


def test_figures_say_what_runs_waits_and_is_wrong(engine: Engine) -> None:
    world = World(engine)
    muster = world.account("Muster AG", world.person("Witt"), account_class="key")
    world.night("plan_creation", date(2026, 9, 7))
    with db.write(engine) as session:
        add(session, NewMessage("a", "notice", "email", "welcome", {}), NOW - timedelta(minutes=5))
        session.add(Incident(key="channel:slack", kind="channel", facts={}, opened_at=NOW, seen_at=NOW))
        session.add(ClockJob(job="relay", holder="h:1:x", done_at=NOW - timedelta(seconds=4), seen_at=NOW))
        session.add(Lease(name="clock", holder="h:1:x", since=NOW, until=NOW + timedelta(seconds=9)))
    found = figures(watching(world))

    assert found["kamflow_runs"]["plan_creation", "finished"] == 1
    assert found["kamflow_run_owed_days"]["plan_creation",] == 0
    assert found["kamflow_nudges_open"]["plan_creation",] == len(world.nudges()) > 0
    assert found["kamflow_messages"]["email", "waiting"] == 2
    assert found["kamflow_message_oldest_due_age_seconds"] == {("email",): 300, ("slack",): 0}
    assert found["kamflow_incidents_open"]["channel",] == 1
    assert found["kamflow_clock_job_age_seconds"] == {("relay",): 4}
    assert found["kamflow_clock_led"] == {(): 1}
    assert found["kamflow_database_size_bytes"][()] > 100_000
    assert found["process_resident_memory_bytes"][()] > 1_000_000
    assert found["kamflow_part_resident_memory_bytes"]["server",] >= 0
    assert muster.name not in watching(world).get("/metrics").text


def test_openmetrics_is_spoken_to_who_asks_for_it(world: World) -> None:
    answer = watching(world).get("/metrics", {"accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_the_number_of_queries_does_not_grow_and_a_second_look_is_the_same_one(world: World) -> None:
    asked: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    browser = watching(world)
    figures(browser)
    alone = len([each for each in asked if each.startswith("SELECT")])
    figures(browser)
    assert len([each for each in asked if each.startswith("SELECT")]) == alone < 40
    for number in range(5):
        world.account(f"acc-{number}", world.person(f"Witt{number}"), account_class="key")
    world.night("plan_creation", date(2026, 9, 7))
    asked.clear()

    figures(watching(world))

    assert len([each for each in asked if each.startswith("SELECT")]) == alone
