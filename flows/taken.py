"""Who took a run: the words with which its state *Pending* says so in Prefect."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

WORDS = "Taken by the runner {runner}."
_taken = re.compile(re.escape(WORDS).replace(re.escape("{runner}"), r"(\S+:\d+:\w+)"))


def by(message: str | None) -> str | None:
    """The runner that a state's message names, as `alive` names processes; None where it names none."""
    found = _taken.fullmatch(message or "")
    return found and found[1]


def last_by(states: Iterable[Mapping[str, Any]]) -> str | None:
    """Who took a run last, by all of its states as Prefect tells them; None: nobody since it was last due."""
    runner = None
    for state in sorted(states, key=lambda each: each["timestamp"]):
        runner = None if state["type"] == "SCHEDULED" else by(state.get("message")) or runner
    return runner
