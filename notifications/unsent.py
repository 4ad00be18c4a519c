"""What the check before sending says instead of a message."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Nothing leaves, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing leaves before a moment, and why."""

    at: datetime
    why: str
