"""The scopes that the manifest asks for are those the code needs: no more, no fewer."""

import json
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from kamflow.cli import app
from kamflow.demo.slack import methods
from kamflow.knobs import Slack
from kamflow.settings import Settings
from kamflow.upkeep import Operations
from kamflow.web.slack import requests, scopes

ROOT = Path(__file__).resolve().parents[3]
SPOKEN = re.compile(
    r'client\.([a-z]+_[a-zA-Z_]+)\(|"((?:api|apps|auth|chat|conversations|users|views)\.[a-zA-Z.]+)"'
)


def called() -> set[str]:
    """Each method of Slack's that stands in the code."""
    files = [
        path
        for folder in ("kamflow", "notifications", "flows")
        for path in (ROOT / folder).rglob("*.py")
        if "demo" not in path.parts and path.name != "scopes.py"
    ]
    found = (match for path in files for match in SPOKEN.findall(path.read_text(encoding="utf-8")))
    return {name or call.replace("_", ".") for call, name in found if name or "slack" not in call}


def test_the_table_names_each_method_the_code_calls() -> None:
    ours = {"apps.connections.open", *scopes.METHODS}
    known = {name for name in called() if name.split(".")[0] in {each.split(".")[0] for each in ours}}
    assert known == ours


def test_the_made_up_slack_asks_for_the_same_scopes() -> None:
    table = {name: scope for name, scope in (scopes.METHODS | scopes.APP_METHODS).items() if scope}
    assert table == methods.SCOPES
    assert set(scopes.METHODS) <= set(methods.METHODS)


def test_the_command_prints_what_slack_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["slack", "manifest", "--home", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["oauth_config"]["scopes"]["bot"] == [
        "chat:write", "commands", "im:history", "im:write", "users:read", "users:read.email",
    ]  # fmt: skip
    assert said["settings"]["socket_mode_enabled"] is True


def test_requests_and_a_channel_of_operations_change_the_manifest() -> None:
    settings = Settings(slack=Slack(signing_secret=SecretStr("s")), operations=Operations(slack_channel="C1"))
    said = scopes.manifest(settings)
    assert set(scopes.CHANNEL) < set(said["oauth_config"]["scopes"]["bot"])
    assert said["settings"]["socket_mode_enabled"] is False
    assert tuple(scopes.REQUESTS.values()) == (requests.PATHS[0], requests.PATHS[2], requests.PATHS[1])
