"""A worker's name says whether it is still there; in doubt it is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

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


@pytest.fixture(scope="module")
def ended() -> str:
    """The name of a worker whose process has ended."""
    said = "from notifications import worker; print(worker.named())"
    return subprocess.run(
        [sys.executable, "-c", said], capture_output=True, check=True, text=True
    ).stdout.strip()


def changed(name: str, part: int, said: str) -> str:
    parts = name.rsplit(":", 4)
    parts[part] = said
    return ":".join(parts)


@pytest.mark.parametrize(
    ("part", "said", "gone"),
    [
        (0, "a:longer:name", True),
        (3, "another-machine", False),
        (3, "", False),
        (1, "x", False),
    ],
)
def test_one_that_ended_is_gone_if_it_was_of_this_machine(
    ended: str, part: int, said: str, gone: bool
) -> None:
    assert worker.is_gone(ended)
    assert worker.is_gone(changed(ended, part, said)) == gone
    assert not worker.is_gone(":".join(ended.rsplit(":", 4)[:3]))  # as it was named by an earlier version


@pytest.mark.parametrize(
    ("part", "said", "gone"),
    [
        (2, "1", True),  # its number is another's by now
        (2, "", False),  # it could not be read
        (0, "a:longer:name", False),
        (3, "another-machine", False),
    ],
)
def test_one_that_has_a_process_of_its_number_is_gone_if_that_began_at_another_time(
    part: int, said: str, gone: bool
) -> None:
    name = worker.named()
    assert name.rsplit(":", 4)[1] == str(os.getpid())
    assert worker.is_gone(changed(name, part, said)) == gone


def test_what_cannot_be_known_is_not_certain(
    ended: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def somebody_else_s(*_: int) -> None:
        raise PermissionError

    with monkeypatch.context() as now:
        now.setattr(worker, "_begun", lambda _: "")
        assert not worker.is_gone(changed(worker.named(), 2, "1"))
    with monkeypatch.context() as now:
        now.setattr(os, "kill", somebody_else_s)
        assert not worker.is_gone(ended)
    with monkeypatch.context() as now:
        now.setattr(worker, "_BOOT", tmp_path / "none")
        assert not worker.is_gone(changed(ended, 3, ""))


def test_two_containers_of_one_machine_are_two(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ended: str
) -> None:
    other = tmp_path / "pid"
    other.symlink_to("pid:[1]")
    monkeypatch.setattr(worker, "_PROCESSES", other)

    assert not worker.is_gone(ended)


def test_a_process_may_be_called_anything() -> None:
    said = """
from pathlib import Path
from notifications import worker
before = worker.process(worker.named())
Path("/proc/self/comm").write_text("a) b (c", encoding="ascii")
print(before, worker.process(worker.named()), sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, check=True, text=True)
    before, after = done.stdout.splitlines()
    assert before == after
