"""Who took a run: the words with which its state *Pending* says so in Prefect."""

import re

WORDS = "Taken by the runner {runner}."
_taken = re.compile(re.escape(WORDS).replace(re.escape("{runner}"), r"(\S+:\d+:\w+)"))


def by(message: str | None) -> str | None:
    """The runner that a state's message names, as `alive` names processes; None where it names none."""
    found = _taken.fullmatch(message or "")
    return found and found[1]
