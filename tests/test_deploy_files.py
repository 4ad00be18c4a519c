"""What lies in deploy/ fits the product: every figure it names is one that kamflow says."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from kamflow.cli.app import COMMANDS
from kamflow.knobs import SECRETS
from kamflow.web import monitor
from kamflow.web.monitor import Vital
from kamflow.web.site import Site
from tests.conftest import NOW
from tests.web.browser import Browser
from tests.world import World

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\b(?:kamflow|process)_\w+")


@pytest.fixture
def said(sqlite_engine: Engine) -> set[str]:
    """Every figure of our own that `/metrics` says, and those of the process."""
    world = World(sqlite_engine)
    site = Site(world.settings, world.policy, sqlite_engine, lambda: NOW)
    page = Browser(monitor.app(site, lambda: [Vital("server", "running", pid=1)])).get("/metrics").text
    families = list(text_string_to_metric_families(page))
    return {each.name + ("_total" if each.type == "counter" else "") for each in families}


def expressions(board: dict[str, Any]) -> str:
    return " ".join(target["expr"] for panel in board["panels"] for target in panel.get("targets", ()))


def test_the_dashboard_shows_all_figures_and_no_other(said: set[str]) -> None:
    board = json.loads((DEPLOY / "grafana.json").read_text())
    shown = {*METRIC.findall(expressions(board))}

    assert shown - said == set()
    assert {each for each in said if each.startswith("kamflow_")} - shown == set()


def test_no_panel_lies_on_another(said: set[str]) -> None:
    board = json.loads((DEPLOY / "grafana.json").read_text())
    places = [panel["gridPos"] for panel in board["panels"]]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_alerts_name_only_figures_that_there_are_and_say_what_is_wrong(said: set[str]) -> None:
    [group] = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text())["groups"]

    assert {name for rule in group["rules"] for name in METRIC.findall(rule["expr"])} - said == set()
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in group["rules"])


def test_units_are_understood_by_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    units = [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]
    for unit in units:
        # What it starts is not installed here.
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    found = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in units)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(units) == 4
    assert [line for line in found.stderr.splitlines() if "kamflow" in line] == []


def test_the_container_gets_all_packages_of_the_wheel_and_compose_all_its_secrets() -> None:
    build = (DEPLOY / "Containerfile").read_text()
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert [name for name in wheel["packages"] if f"COPY {name} /src/{name}\n" not in build] == []

    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    known = {name.replace(".", "__") for name in SECRETS}
    assert {*compose["services"]["kamflow"]["secrets"]} <= known
    assert {name for each in compose["services"].values() for name in each.get("secrets", ())} == {
        *compose["secrets"]
    }


def test_the_handbook_names_only_commands_and_files_that_there_are() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    known = {name for group in COMMANDS.values() for name in group}

    code = "".join(re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL))
    assert {*re.findall(r"^kamflow ([a-z-]+)", code, flags=re.MULTILINE)} - known == set()
    assert {*re.findall(r"`kamflow ([a-z-]+)", text)} - known == set()
    linked = re.findall(r"\]\(([^)#h][^)#]*)\)", text)
    assert [each for each in linked if not (ROOT / "docs" / each).exists()] == []
    titles = [re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in _titles(text)]
    assert [each for each in re.findall(r"\]\(#([^)]+)\)", text) if each not in titles] == []


def _titles(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
