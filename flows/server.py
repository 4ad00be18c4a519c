"""The Prefect server of a home: where it is, whether it is well, how Prefect is to behave here.

Nothing here imports Prefect: `prepare` must come before that, since Prefect reads its settings then.
"""

import os
from http.client import HTTPException
from importlib import import_module
from urllib.request import urlopen

from kamflow.settings import Settings

TIMEOUT = 1.0  # seconds; a command must not wait for a server that hangs
HOST = "127.0.0.1"
AUTH, URL = "PREFECT_API_AUTH_STRING", "PREFECT_API_URL"
# How a run begins to be called that the clock asks for; others are called by their day.
EVENTS, ASKED_FOR, CATCH_UP = OWN_NAMES = ("events-", "asked-for-", "catch-up ")
NOT_NEEDED = ("TRIGGERS", "TASK_RUN_RECORDER", "PAUSE_EXPIRATIONS")
EVENTS_DAYS = 7  # a feed for operators, the bulk of what Prefect stores: our ledger remembers


def prepare(settings: Settings, *, quiet: bool = True) -> None:
    """Set Prefect up for this process and its children: the server, the runner, workers, flows.

    Its home lies inside ours, nothing is reported to its maker, what is old is deleted. `quiet` keeps its log
    off the terminal: a command says itself what went wrong.
    """
    os.environ.update(environment(settings))
    if quiet:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


def environment(settings: Settings) -> dict[str, str]:
    """The PREFECT_* of a home, for all its processes alike."""
    return {
        "PREFECT_HOME": str((settings.home / "prefect").absolute()),
        # Where it lies by itself, beside the installed program, a service may not write: then there is no UI.
        "PREFECT_UI_STATIC_DIRECTORY": str((settings.home / "prefect" / "ui").absolute()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # Without a server a flow is called directly; Prefect must never start one of its own for it.
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(settings.prefect.port),
        # No automations, no tasks, no paused runs: each of these would write, or look, all the time.
        **dict.fromkeys((f"PREFECT_SERVER_SERVICES_{name}_ENABLED" for name in NOT_NEEDED), "false"),
        # Prefect keeps runs for ever unless it is told to look for old ones.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(settings.prefect.retention_days * 86_400),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{min(EVENTS_DAYS, settings.prefect.retention_days)}D",
        **_reached(settings),
        **_stored(settings),
    }


def _reached(settings: Settings) -> dict[str, str]:
    found = {} if settings.prefect.api_url is None else {URL: settings.prefect.api_url}
    if (proof := auth(settings)) is None:
        return found
    return found | {AUTH: proof, "PREFECT_SERVER_API_AUTH_STRING": proof}


def _stored(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = {}
    if settings.prefect.database_url is None:
        # SQLite has one writer; Prefect gives up after 10 s, and what it was to write down is lost.
        found["PREFECT_SERVER_DATABASE_TIMEOUT"] = "60"
    else:
        # Loaded here: it takes half a second, which `kamflow up` does not wait for without need.
        url = import_module("sqlalchemy.engine").make_url(settings.prefect.database_url.get_secret_value())
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+asyncpg")
        found["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url.render_as_string(hide_password=False)
    if settings.prefect.redis_url is not None:
        redis = settings.prefect.redis_url.get_secret_value()
        found |= {
            "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
            "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
            "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
            "PREFECT_SERVER_DOCKET_URL": redis,
            "PREFECT_REDIS_MESSAGING_URL": redis,
        }
    return found


def auth(settings: Settings) -> str | None:
    """What the server asks for: `user:password` of the environment, the settings or the secrets folder.

    Read anew each time: the first start of a home makes the file after its settings were read.
    """
    if given := os.environ.get(AUTH):
        return given
    if settings.prefect.auth is not None:
        return settings.prefect.auth.get_secret_value()
    written = settings.home / "secrets" / "prefect__auth"
    return written.read_text(encoding="utf-8").strip() or None if written.is_file() else None


def find(settings: Settings, seconds: float | None = None) -> str | None:
    """The API address of a server that answers, within a second where nothing else is said."""
    url = address(settings)
    return url if url and healthy(url, seconds) else None


def address(settings: Settings) -> str | None:
    """Where the server should be, whether it answers or not; asked anew, since it may move.

    PREFECT_API_URL, else `[prefect] api_url`, else what the supervisor wrote into `<home>/prefect/api_url`.
    """
    if given := os.environ.get(URL) or settings.prefect.api_url:
        return given
    written = settings.home / "prefect" / "api_url"
    return written.read_text(encoding="utf-8").strip() or None if written.is_file() else None


def healthy(url: str, seconds: float | None = None) -> bool:
    """Whether the server at this API address says it is well, within a second where nothing else is said."""
    if not url.startswith(("http://", "https://")):
        return False
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=seconds or TIMEOUT) as answer:  # noqa: S310 the scheme is known
            return answer.read(16).strip() == b"true"
    except (OSError, HTTPException, ValueError):
        return False
