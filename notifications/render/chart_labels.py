"""Where the names of points go so that they hide neither each other nor a point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Steps around a point: right, left, above, below, and the corners between; farther away with a line.
_AROUND = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
_GAPS = (8, 20, 34)
_ROUNDS = 3
_OUTSIDE, _FAR = 50.0, 0.15  # how bad a name beyond the edge is, and one away from its point
_TOLERATED = 0.08  # of a name's area


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px, from its left top corner."""

    left: float
    top: float
    width: float
    height: float

    def overlap(self, other: "Box") -> float:
        """The area that both cover."""
        wide = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        high = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    @property
    def area(self) -> float:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Placed:
    """A name's box; `far` where a line has to lead to it."""

    box: Box
    far: bool


def place(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    plot: Box,
    taken: Sequence[Box],
) -> list[Placed | None]:
    """A place for each name; None for one that would still hide something else."""
    marks = [*taken, *(Box(x - 5, y - 5, 10, 10) for x, y in points)]
    pairs = zip(points, sizes, strict=True)
    choices = [
        [(each, _cost(each, plot, marks)) for each in _choices(*point, *size)] for point, size in pairs
    ]
    chosen = [options[0][0] for options in choices]
    for _ in range(_ROUNDS):
        before = list(chosen)
        for number, options in enumerate(choices):
            others = [each.box for at, each in enumerate(chosen) if at != number]
            chosen[number] = _best(options, others)
        if chosen == before:
            break
    return _apart(chosen, plot, marks)


def _best(options: Sequence[tuple[Placed, float]], others: Sequence[Box]) -> Placed:
    """The choice that hides least; the first that hides nothing is as good as any."""
    best, least = options[0][0], math.inf
    for choice, alone in options:
        cost = alone
        if cost < least:
            cost += sum(map(choice.box.overlap, others))
        if cost < least:
            best, least = choice, cost
        if not least:
            break
    return best


def _choices(x: float, y: float, width: float, height: float) -> list[Placed]:
    found: list[Placed] = []
    for gap in _GAPS:
        for across, down in _AROUND:
            left = x + across * gap - (width if across < 0 else width / 2 if across == 0 else 0)
            top = y + down * gap - (height if down < 0 else height / 2 if down == 0 else 0)
            found.append(Placed(Box(left, top, width, height), gap > _GAPS[0]))
    return found


def _cost(choice: Placed, plot: Box, taken: Sequence[Box]) -> float:
    box = choice.box
    hidden = sum(map(box.overlap, taken))
    outside = box.area - box.overlap(plot)
    return hidden + _OUTSIDE * outside + (_FAR * box.area if choice.far else 0)


def _apart(chosen: Sequence[Placed], plot: Box, marks: Sequence[Box]) -> list[Placed | None]:
    kept: list[Placed | None] = []
    for each in chosen:
        before = [other.box for other in kept if other]
        hidden = sum(map(each.box.overlap, (*marks, *before))) + each.box.area - each.box.overlap(plot)
        kept.append(each if hidden <= _TOLERATED * each.box.area else None)
    return kept
