"""Finding the Prefect server of a home costs at most a second."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from flows import server
from kamflow.settings import Settings


class Health(BaseHTTPRequestHandler):
    """Answers as Prefect's health page does, or as something else on that port would."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true" if self.path == "/api/health" else b"<html>not Prefect</html>")

    def log_message(self, *args: object, **kwargs: object) -> None:
        """Nothing."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(server, "TIMEOUT", 30.0)  # a busy machine answers all the same
    with HTTPServer(("127.0.0.1", 0), Health) as listening:
        Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def written(home: Path, url: str) -> Settings:
    (home / "prefect").mkdir()
    (home / "prefect" / "api_url").write_text(url + "\n")
    return Settings(home=home)


def test_the_address_is_read_from_the_home(tmp_path: Path, address: str) -> None:
    assert server.find(written(tmp_path, f"{address}/api")) == f"{address}/api"


def test_the_environment_comes_first(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"{address}/api")

    assert server.find(written(tmp_path, "http://127.0.0.1:1/api")) == f"{address}/api"


def test_without_an_address_there_is_no_server(tmp_path: Path) -> None:
    assert server.find(Settings(home=tmp_path)) is None


@pytest.mark.parametrize("path", ["", "/other"])
def test_something_else_on_the_port_is_not_prefect(address: str, path: str) -> None:
    assert not server.healthy(f"{address}{path}")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api", "file:///etc", "nonsense", "http://[", "http://"])
def test_what_does_not_answer_is_not_healthy(url: str) -> None:
    assert not server.healthy(url)


def test_whoever_needs_the_server_waits_longer_for_it(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer, answer = Event(), Health.do_GET
    monkeypatch.setattr(Health, "do_GET", lambda self: (may_answer.wait(), answer(self)))
    monkeypatch.setattr(server, "TIMEOUT", 0.05)
    settings = written(tmp_path, f"{address}/api")

    assert server.find(settings) is None
    may_answer.set()
    assert server.find(settings, 30) == f"{address}/api"


def test_a_server_that_hangs_is_given_up_after_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not server.healthy(f"http://127.0.0.1:{silent.getsockname()[1]}/api")
    assert server.TIMEOUT == 1


def test_what_prefect_is_told_is_what_prefect_understands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = server.environment(
        Settings.model_validate(
            {
                "home": tmp_path,
                "prefect": {
                    "auth": "kamflow:s3cret",
                    "port": 4321,
                    "retention_days": 3,
                    "database_url": "postgresql://prefect:p%40ss@db/prefect",
                    "redis_url": "redis://broker:6379/0",
                },
            }
        )
    )
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    from prefect.settings import Settings as PrefectSettings

    found = PrefectSettings()
    assert found.server.services.db_vacuum.enabled_vacuum_types == {"events", "flow_runs", "orphans"}
    assert found.server.services.db_vacuum.retention_period == timedelta(days=3)
    assert found.server.events.retention_period == timedelta(days=3)
    assert (found.server.api.port, found.server.api.host) == (4321, "127.0.0.1")
    assert secret(found.server.api.auth_string) == secret(found.api.auth_string) == "kamflow:s3cret"
    assert secret(found.server.database.connection_url) == "postgresql+asyncpg://prefect:p%40ss@db/prefect"
    assert found.server.docket.url == "redis://broker:6379/0"
    assert found.server.events.messaging_broker == "prefect_redis.messaging"


def secret(value: Any) -> str:
    return value.get_secret_value()


def test_the_auth_string_is_found_though_it_was_written_after_the_settings_were_read(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert server.auth(settings) is None

    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "prefect__auth").write_text("kamflow:late\n")
    assert server.auth(settings) == "kamflow:late"


def test_prefect_lives_in_the_home_and_reports_nothing(tmp_path: Path) -> None:
    server.prepare(Settings(home=tmp_path))

    assert os.environ["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert os.environ["PREFECT_UI_STATIC_DIRECTORY"] == str(tmp_path / "prefect" / "ui")
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] == "false"
    assert list(tmp_path.iterdir()) == []
