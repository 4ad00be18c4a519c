"""What `kamflow up` refuses before anything runs, and what its first start makes; tests/flows runs it."""

import socket
from pathlib import Path

import pytest

from flows import runtime, single
from kamflow.cli.app import run
from kamflow.cli.up import _keep_auth, _opened
from kamflow.errors import ConfigError
from kamflow.store import adopted
from kamflow.store import engine as db
from tests.ports import free_port


def test_a_folder_with_something_else_is_made_a_home_only_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "holiday.jpg").touch()
    monkeypatch.chdir(tmp_path)

    assert run(["up"]) == 2
    assert "is no home of kamflow, and not empty" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_home_that_is_up_and_an_address_that_is_taken_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("WEB__PUBLIC_LISTEN", "WEB__INTERNAL_LISTEN"):
        monkeypatch.setenv(f"KAMFLOW_{name}", f"127.0.0.1:{free_port()}")
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("KAMFLOW_OPERATIONS__LISTEN", f"127.0.0.1:{other.getsockname()[1]}")
        assert run(["up", "--home", str(tmp_path)]) == 2
    with single.alone(tmp_path):
        assert run(["up", "--home", str(tmp_path)]) == 2

    taken, up = capsys.readouterr().err.splitlines()
    assert taken.startswith("kamflow: operations.listen 127.0.0.1:")
    assert "stop that one first" in up


def test_a_first_start_makes_a_home_that_may_send_and_a_second_makes_nothing(tmp_path: Path) -> None:
    made: list[str] = []
    assert _keep_auth(tmp_path)
    home = _opened(tmp_path, runtime.clock, made)
    with db.read(home.engine) as session:
        assert adopted.is_adopted(session, tmp_path)
    home.engine.dispose()
    again: list[str] = []
    _opened(tmp_path, runtime.clock, again).engine.dispose()

    assert {"kamflow.toml", "secrets/secret_key", "database"} <= {*made}
    assert (again, _keep_auth(tmp_path)) == ([], False)


def test_a_database_with_a_past_gets_no_new_secret_key(tmp_path: Path) -> None:
    _opened(tmp_path, runtime.clock, []).engine.dispose()
    (tmp_path / "secrets" / "secret_key").unlink()

    with pytest.raises(ConfigError, match="bring secrets/secret_key"):
        _opened(tmp_path, runtime.clock, [])
