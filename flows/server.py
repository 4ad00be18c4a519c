"""The Prefect server of a home: where it is, whether it is well, how Prefect is to behave here.

Nothing here imports Prefect: `prepare` must come before that, since Prefect reads its settings then.
"""

import os
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

TIMEOUT = 1.0  # seconds; a command must not wait for a server that hangs


def prepare(home: Path, *, quiet: bool = True) -> None:
    """Set Prefect up for this process and its children: its home inside ours, nothing reported home.

    `quiet` keeps its log off the terminal: a command says itself what went wrong.
    """
    os.environ.update(
        PREFECT_HOME=str((home / "prefect").absolute()),
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        DO_NOT_TRACK="1",
        # Without a server a flow is called directly; Prefect must never start one of its own for it.
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false",
    )
    if quiet:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


def find(home: Path) -> str | None:
    """The API address of a server that answers: PREFECT_API_URL, else what `<home>/prefect/api_url` says."""
    url = address(home)
    return url if url and healthy(url) else None


def address(home: Path) -> str | None:
    """Where the server should be, whether it answers or not; asked anew, since it may move."""
    written = home / "prefect" / "api_url"
    return os.environ.get("PREFECT_API_URL") or (written.read_text().strip() if written.is_file() else None)


def healthy(url: str) -> bool:
    """Whether the server at this API address says it is well, within a second."""
    if not url.startswith(("http://", "https://")):
        return False
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=TIMEOUT) as answer:  # noqa: S310 the scheme is known
            return answer.read(16).strip() == b"true"
    except (OSError, HTTPException, ValueError):
        return False
