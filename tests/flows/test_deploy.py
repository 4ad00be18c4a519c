"""Registering the flows on a real Prefect server; its scheduler makes runs of the crons."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from kamflow.schedules import SCHEDULES
from tests.flows.prefect_api import Prefect, environment, eventually

pytestmark = pytest.mark.slow

NAMES = [f"{schedule.flow.replace('_', '-')}/kamflow" for schedule in SCHEDULES]
DEPLOY = "import asyncio; from flows.deploy import deploy; print(*asyncio.run(deploy('Europe/Berlin')))"
SCHEDULER_SECONDS = 150  # a server whose SQLAlchemy does not fit looks healthy and never schedules a run


@pytest.fixture(scope="module")
def deployed(prefect_server: Prefect, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The deployments as the server knows them, registered twice."""
    folder = tmp_path_factory.mktemp("deploy")
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", DEPLOY],
            env=environment(folder, PREFECT_API_URL=prefect_server.url),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ran.stdout.split() == NAMES
    return [prefect_server.deployment(name) for name in NAMES]


def test_each_flow_has_its_cron_in_the_companys_zone(deployed: list[dict[str, Any]]) -> None:
    crons = [[each["schedule"] for each in deployment["schedules"]] for deployment in deployed]

    assert [(cron["cron"], cron["timezone"]) for (cron,) in crons] == [
        (schedule.cron, "Europe/Berlin") for schedule in SCHEDULES
    ]


def test_operators_see_what_a_flow_does_and_one_run_at_a_time(deployed: list[dict[str, Any]]) -> None:
    for deployment in deployed:
        assert deployment["description"].endswith(".")
        assert "Args" not in deployment["description"]
        assert [each["slug"] for each in deployment["schedules"]] == ["nightly"]
        shown = deployment["parameter_openapi_schema"]["properties"]
        assert all("None: " in each["description"] for each in shown.values())
        assert deployment["tags"][0] == "kamflow"
        assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployed[1]["entrypoint"] == "flows.plan_creation.plan_creation"
    assert set(deployed[1]["parameter_openapi_schema"]["properties"]) == {"as_of", "accounts"}


def test_a_cron_has_scheduled_runs_soon(
    deployed: list[dict[str, Any]], prefect_server: Prefect, record_property: Any
) -> None:
    begun = time.monotonic()
    for deployment in deployed:
        eventually(
            f"{deployment['name']} has scheduled runs",
            lambda number=deployment["id"]: prefect_server.runs(number),
            SCHEDULER_SECONDS,
        )
    seconds = time.monotonic() - begun
    record_property("seconds_until_scheduled", seconds)
    print(f"server ready after {prefect_server.seconds:.1f} s, runs scheduled after {seconds:.1f} s")


def test_prefect_yaml_says_the_same(deployed: list[dict[str, Any]]) -> None:
    written = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text())["deployments"]

    for ours, theirs in zip(written, deployed, strict=True):
        assert (ours["name"], ours["entrypoint"], ours["tags"]) == (
            theirs["name"], theirs["entrypoint"], theirs["tags"],
        )  # fmt: skip
        assert ours["concurrency_limit"]["limit"] == theirs["global_concurrency_limit"]["limit"]
        assert [(each["cron"], each["timezone"], each["slug"]) for each in ours["schedules"]] == [
            (each["schedule"]["cron"], each["schedule"]["timezone"], each["slug"])
            for each in theirs["schedules"]
        ]
