"""The parts of a running kamflow, as its supervisor sees them."""

from dataclasses import dataclass
from typing import Literal

State = Literal["starting", "running", "down", "stopped"]
STATES: tuple[State, ...] = ("starting", "running", "down", "stopped")


@dataclass(frozen=True, slots=True)
class Vital:
    """One part; `pid` is None for what has no process of its own."""

    name: str
    state: State
    restarts: int = 0
    pid: int | None = None
