"""A real Prefect server as `prepare` sets it up: it asks for the auth string and forgets what is old."""

import asyncio
import sqlite3
from collections.abc import Iterator

import httpx
import pytest

from flows import server
from flows.deploy import TAGS
from flows.prefect_server import PrefectServer
from kamflow.settings import Settings
from tests.flows import prefect_api
from tests.flows.prefect_api import Prefect, eventually

pytestmark = pytest.mark.slow

DAYS = 3
OLD = "UPDATE flow_run SET end_time = datetime('now', '-4 days') WHERE id = ?"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    prefect = {"auth": "kamflow:s3cret", "retention_days": DAYS}
    return Settings.model_validate({"home": tmp_path_factory.mktemp("ours"), "prefect": prefect})


@pytest.fixture(scope="module")
def ours(settings: Settings) -> Iterator[Prefect]:
    soon = {"PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "2"}
    with prefect_api.running(settings.home, **server.environment(settings) | soon) as prefect:
        yield prefect


@pytest.fixture
def runs(ours: Prefect) -> list[str]:
    """Two runs that have ended."""
    flow = ours.call("/flows/", name="measure-followup")["id"]
    state = {"type": "COMPLETED", "name": "Completed"}
    return [ours.call("/flow_runs/", flow_id=flow, tags=TAGS, state=state)["id"] for _ in range(2)]


def test_it_answers_only_who_knows_the_auth_string(
    ours: Prefect, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = httpx.post(f"{ours.url}/flow_runs/filter", json={}, timeout=30)
    assert refused.status_code == httpx.codes.UNAUTHORIZED
    eventually("it says that it is well", lambda: server.healthy(ours.url))
    monkeypatch.setenv("PREFECT_API_URL", ours.url)

    async def known() -> list[object]:
        prefect = PrefectServer.of(settings)
        try:
            return [*await prefect.at_work()]
        finally:
            await prefect.close()

    assert asyncio.run(known()) == []


def test_a_run_without_a_process_is_ended_from_outside(ours: Prefect, settings: Settings) -> None:
    flow = ours.call("/flows/", name="measure-followup")["id"]
    run = ours.call("/flow_runs/", flow_id=flow, state={"type": "RUNNING", "name": "Running"})["id"]

    async def ended() -> list[str]:
        prefect = PrefectServer(lambda: ours.url, auth=lambda: server.auth(settings))
        found = [each.run for each in await prefect.at_work()]
        await prefect.end(run, "CRASHED", "it was killed")
        await prefect.close()
        return found

    assert run in asyncio.run(ended())
    assert ours.run(run)["state"]["message"] == "it was killed"
    assert ours.state(run) == "CRASHED"


def test_it_deletes_runs_that_are_older_than_the_retention(
    ours: Prefect, settings: Settings, runs: list[str]
) -> None:
    old, young = runs
    with sqlite3.connect(settings.home / "prefect" / "prefect.db", timeout=30) as database:
        database.execute(OLD, [old])
    database.close()

    def left() -> set[str]:
        found = ours.call("/flow_runs/filter", flow_runs={"id": {"any_": runs}})
        return {each["id"] for each in found}

    eventually("the old run is gone", lambda: left() == {young}, 120)
