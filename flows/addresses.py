"""The addresses that `kamflow up` listens on, looked at before anything starts."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kamflow.errors import ConfigError
from kamflow.settings import Settings

LOOPBACK = "127.0.0.1"


def wanted(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each setting with its address."""
    yield "web.public_listen", settings.web.public_listen
    yield "web.internal_listen", settings.web.internal_listen
    yield "operations.listen", settings.operations.listen
    if settings.prefect.api_url is None:
        yield "prefect.port", f"{LOOPBACK}:{settings.prefect.port}"


def refuse_taken(settings: Settings) -> None:
    """Take all of them for a moment.

    Raises:
        ConfigError: one is taken, by another process or by another of these settings.
    """
    with ExitStack() as stack:
        for setting, address in wanted(settings):
            stack.enter_context(bound(address, setting))


@contextmanager
def bound(address: str, setting: str) -> Iterator[socket.socket]:
    """A socket that listens there.

    Raises:
        ConfigError: it cannot.
    """
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host.strip("[]"), int(port)))
            listening.listen(1024)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ConfigError(
                f"{setting} {address}: {why}; stop what listens there, or name another port"
            ) from None
        yield listening
