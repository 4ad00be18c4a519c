"""A process that stands until it is told to stop."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from flows import standing
from flows.runtime import Home
from kamflow.errors import ConfigError


def test_it_runs_until_a_signal_and_ends_well(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stood: list[Path] = []

    async def run(home: Home, stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        stood.append(home.settings.home)

    monkeypatch.setenv("KAMFLOW_HOME", str(folder))

    assert standing.main(run) == 0
    assert stood == [folder]


def test_what_keeps_it_from_standing_is_said_in_a_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run(home: Home, stop: asyncio.Event) -> None:
        raise ConfigError("web.public_listen 127.0.0.1:1: in use")

    monkeypatch.setenv("KAMFLOW_HOME", str(folder))
    assert standing.main(run) == 2
    monkeypatch.setenv("KAMFLOW_HOME", str(folder / "nowhere"))
    assert standing.main(run) == 2

    said = capsys.readouterr().err.splitlines()
    assert said[0] == "kamflow: web.public_listen 127.0.0.1:1: in use"
    assert said[1].startswith("kamflow: there is no database at")
