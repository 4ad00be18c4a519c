"""A worker's name says whether it is still there; in doubt it is."""

import os
import signal
import subprocess
import sys

import pytest

from notifications import worker


def test_a_process_is_gone_once_it_has_ended_and_not_before() -> None:
    said = "from notifications import worker; print(worker.named(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", said], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as one:
        assert one.stdout is not None
        name = one.stdout.readline().decode().strip()
        assert not worker.is_gone(name)
        one.send_signal(signal.SIGSTOP)
        assert not worker.is_gone(name)
        one.kill()
    assert worker.is_gone(name)
    assert worker.named() != worker.named()


@pytest.mark.parametrize(
    ("part", "said", "gone"),
    [
        (2, "1", True),  # its number is another's by now
        (2, "", False),  # it could not be read
        (1, "1", True),
        (0, "a:longer:name", False),
        (3, "another-machine", False),
        (3, "", False),
        (1, "x", False),
    ],
)
def test_only_what_is_certain_counts(part: int, said: str, gone: bool) -> None:
    parts = worker.named().rsplit(":", 4)
    assert parts[1] == str(os.getpid())
    parts[part] = said
    assert worker.is_gone(":".join(parts)) == gone
    assert not worker.is_gone(":".join(parts[:3]))  # as it was named by an earlier version
