"""huey as a reference: its own consumer with threads on SqliteHuey, in an environment of its own.

`.venv/bench/bin/python benchmarks/delivery_huey.py FILE` prints a line of JSON for each step. A task is the
recipient's number; each thread keeps its connection. What it sends is assembled before.
"""

import json
import os
import resource
import signal
import smtplib
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from huey import SqliteHuey


def main(asked: dict[str, Any]) -> None:
    """Put so many tasks into the queue, then let the consumer work until it is empty."""
    queue = SqliteHuey(filename=str(Path(asked["folder"]) / "huey.db"), results=False)
    template, number = asked["mail"].encode(), asked["number"]
    own, done = threading.local(), count(1)

    @queue.task()
    def send(at: int) -> None:
        if not hasattr(own, "way"):
            own.way = smtplib.SMTP("127.0.0.1", asked["port"])
        own.way.sendmail(
            "kamflow@example.com", [f"p{at}@example.com"], template.replace(b"{number}", str(at).encode())
        )
        if next(done) == number:
            os.kill(os.getpid(), signal.SIGINT)  # that is how its consumer is asked to end

    def put() -> None:
        for at in range(1, number + 1):
            send(at)

    _count("put", number, put)
    consumer = queue.create_consumer(workers=asked["connections"], periodic=False, initial_delay=0.01)
    _count("sent", number, consumer.run)


def _count(step: str, number: int, run: Callable[[], object]) -> None:
    cpu, began = _cpu(), time.monotonic()
    run()
    took = time.monotonic() - began
    said = {"step": step, "number": number, "seconds": took, "cpu": _cpu() - cpu}
    sys.stdout.write(json.dumps(said) + "\n")


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
