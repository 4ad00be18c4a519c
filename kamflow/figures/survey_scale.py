"""Scores of other scales as 0 to 10, evenly stretched: the lowest is 0, the highest 10, halves round up.

Of 1..5 it makes 0, 3, 5, 8, 10: only 5 is a promoter, 4 a passive. Who counts 4 as a promoter has asked
another question; so the scale stands beside every result that it went into.
"""

import re
from dataclasses import dataclass
from typing import Self

from kamflow.errors import InputError
from kamflow.figures.nps import HIGHEST, LOWEST

_WRITTEN = re.compile(r"(-?\d{1,4})\.\.(-?\d{1,4})")
# So many scores without one above 7 or a 0 are hardly of 0..10.
_DOUBTFUL_FROM, _DOUBTFUL_TO = 10, 7


@dataclass(frozen=True)
class Scale:
    """Whole numbers from `low` to `high`, the higher the better."""

    low: int = LOWEST
    high: int = HIGHEST

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1..5` (InputError where it is none)."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None or not int(found[1]) < int(found[2]):
            raise InputError(f"scale {text!r}: expected the lowest and the highest score, such as 1..5")
        return cls(int(found[1]), int(found[2]))

    def converted(self, score: int) -> int:
        """The score as 0 to 10."""
        span = self.high - self.low
        return (2 * (score - self.low) * HIGHEST + span) // (2 * span)


def doubtful(scores: list[int]) -> bool:
    """Tell whether scores that nobody declared look like those of a shorter scale."""
    return len(scores) >= _DOUBTFUL_FROM and min(scores) > LOWEST and max(scores) <= _DOUBTFUL_TO
