"""`kamflow deploy` needs a Prefect server; tests/flows/test_growing.py uses it with a real one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Answer


def test_without_a_server_it_says_what_to_start(
    home: Path, kamflow: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")

    answer = kamflow("deploy", "--pool", "kamflow")
    assert answer.code == 2
    assert "no Prefect server answers at http://127.0.0.1:1/api: start `kamflow up`" in answer.err
