"""What `kamflow doctor` says of one thing, and how all of it is tried at once."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Literal

Level = Literal["ok", "mind", "wrong"]
SECONDS = 30.0  # for all checks together: whoever hangs is named


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was tried and came out, `todo` what to do about it."""

    check: str
    level: Level
    what: str
    todo: str | None = None


Check = Callable[[], Iterable[Finding]]


def tried(checks: Mapping[str, Check], seconds: float = SECONDS) -> list[Finding]:
    """Try all checks at once, each in a thread of its own; findings in the order of the checks."""
    answers: queue.SimpleQueue[tuple[str, list[Finding]]] = queue.SimpleQueue()
    for name, check in checks.items():
        # Daemons: a server that hangs must not keep the command from ending.
        threading.Thread(target=lambda n=name, c=check: answers.put((n, _looked(n, c))), daemon=True).start()
    found: dict[str, list[Finding]] = {}
    end = monotonic() + seconds
    while len(found) < len(checks) and (left := end - monotonic()) > 0:
        try:
            name, answer = answers.get(timeout=left)
        except queue.Empty:
            break
        found[name] = answer
    return [each for name in checks for each in found.get(name) or _hangs(name, name in found, seconds)]


def _hangs(name: str, answered: bool, seconds: float) -> Iterator[Finding]:
    if not answered:
        todo = "something on the way neither answers nor refuses: look at firewall and proxy"
        yield Finding(name, "wrong", f"no answer within {seconds:.0f} s", todo)


def _looked(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - one check that stumbles must not hide the others
        words = str(error).splitlines() or [""]
        return [Finding(name, "wrong", f"{type(error).__name__}: {words[0][:300]}", "mend it, or tell us")]
