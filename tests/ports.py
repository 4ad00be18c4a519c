"""Ports for what takes seconds to start: no other test has them, nor, where it can be helped, does the system
give them to anybody."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from secrets import randbelow

FIRST, LAST = 10_000, 32_000
PROCESSES = 8  # of tests, each with ports of its own
_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    for port in _OWN:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is left to this process")


def _own() -> Iterator[int]:
    """This process's share, from anywhere within it: somebody else may be running the tests as well."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
    share = range(FIRST, _last())[number::PROCESSES]
    begin = randbelow(len(share))
    return chain(share[begin:], share[:begin])


def _last() -> int:
    """Below those that the system gives to whoever asks for any."""
    with suppress(OSError, ValueError):
        given = int(_GIVEN.read_text(encoding="ascii").split()[0])
        return min(given, LAST) if given > FIRST + 1_000 else LAST
    return LAST


_OWN = _own()
