"""Measure `kamflow up`: seconds until it is ready, cold and warm, and what the whole tree takes when idle.

Memory is the sum of PSS: a page that several processes share counts once.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.flows.running_up import command, descendants, free_ports, settled

IDLE_SECONDS, CPU_SECONDS = 10, 20
say = Console(highlight=False).print
READY_SECONDS = 300


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_known_args()
    with tempfile.TemporaryDirectory(prefix="kamflow-up-") as folder:
        home = Path(folder) / "home"
        for start in ("first start", "warm"):
            with started(home) as (process, seconds):
                say(f"up: {start}: ready after {seconds:.1f} s")
                if start == "warm":
                    time.sleep(IDLE_SECONDS)
                    _weigh(process)
                begun = time.monotonic()
                process.send_signal(signal.SIGTERM)
                process.wait(60)
                say(f"up: {start}: stopped in {time.monotonic() - begun:.1f} s, exit {process.returncode}")


@contextmanager
def started(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A process that is ready, and the seconds that took."""
    log = home.with_name("up.log")
    begun = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own
            command(home), env=settled(home, free_ports()), stdout=out, stderr=out
        )
    try:
        while '"up.ready"' not in log.read_text():
            if process.poll() is not None or time.monotonic() - begun > READY_SECONDS:
                sys.exit(log.read_text())
            time.sleep(0.05)
        yield process, time.monotonic() - begun
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _weigh(process: subprocess.Popen[bytes]) -> None:
    pids = descendants(process.pid)
    sizes = {pid: _pss(pid) for pid in pids}
    before = sum(map(_cpu, pids))
    for pid, size in sizes.items():
        say(f"up: {size:6.0f} MB  {_cpu(pid):5.1f} s CPU since its start  {_name(pid)}")
    say(f"up: {sum(sizes.values()):6.0f} MB in {len(pids)} processes (PSS)")
    time.sleep(CPU_SECONDS)
    say(f"up: idle takes {(sum(map(_cpu, pids)) - before) / CPU_SECONDS:.1%} of a core")


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return b" ".join(words[1:5]).decode(errors="replace")[:60]


if __name__ == "__main__":
    main()
