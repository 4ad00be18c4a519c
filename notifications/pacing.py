"""Which message is next (pure): the urgent first, and of each lane only so many at once.

A lane is what has a limit of its own: the domain a mail goes to, the conversation a post goes to. One that is
full does not stop the others: its messages stand aside until one of them is done.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from time import monotonic
from typing import Generic, TypeVar

Item = TypeVar("Item")


def by_turns(
    items: Iterable[Item], priority: Callable[[Item], int], lane: Callable[[Item], Hashable]
) -> list[Item]:
    """The first of each lane, then the second of each, and so on; the urgent ones before all others."""
    seen = Counter[tuple[int, Hashable]]()
    ranked: list[tuple[int, int, int, Item]] = []
    for order, item in enumerate(items):
        key = priority(item), lane(item)
        ranked.append((key[0], seen[key], order, item))
        seen[key] += 1
    return [item for *_, item in sorted(ranked, key=lambda rank: rank[:3])]


@dataclass(frozen=True, slots=True)
class Lane:
    """Of what goes this way at most `most` at once; None: as many as there are connections."""

    name: Hashable
    most: int | None = None


@dataclass(order=True, slots=True)
class _Place(Generic[Item]):
    priority: int
    order: int
    item: Item = field(compare=False)
    lane: Lane = field(compare=False)


@dataclass(slots=True)
class _Tempo:
    """How fast a lane with a limit goes, and up to when its turns are given away (seconds of the clock)."""

    began: float
    done: int = 0
    given: float = 0.0


class Queue(Generic[Item]):
    """What is ready to be sent. `clock` in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._tempos: dict[Hashable, _Tempo] = {}
        self._next: list[_Place[Item]] = []
        self._aside: defaultdict[Hashable, list[_Place[Item]]] = defaultdict(list)
        self._begun: Counter[Hashable] = Counter()
        self._count = 0

    def __len__(self) -> int:
        """How many could be next, as far as is known."""
        return len(self._next)

    @property
    def aside(self) -> int:
        """How many wait for their lane."""
        return sum(map(len, self._aside.values()))

    def put(self, item: Item, priority: int, lane: Lane) -> None:
        """Add one; those of the same priority keep their order."""
        self._count += 1
        heappush(self._next, _Place(priority, self._count, item, lane))

    def take(self) -> tuple[Item, Lane] | None:
        """The next one whose lane is free; it counts there until it is `done`."""
        while self._next:
            place = heappop(self._next)
            lane = place.lane
            if lane.most is None or self._begun[lane.name] < lane.most:
                self._begun[lane.name] += 1
                if lane.most is not None and lane.name not in self._tempos:
                    self._tempos[lane.name] = _Tempo(self._clock())
                return place.item, lane
            heappush(self._aside[lane.name], place)
        return None

    def done(self, lane: Lane) -> None:
        """Something of this lane has ended: its next one takes part again."""
        self._begun[lane.name] -= 1
        if lane.most is not None:
            self._tempos[lane.name].done += 1
        if not self._begun[lane.name]:
            del self._begun[lane.name]
        waiting = self._aside.get(lane.name)
        if waiting:
            heappush(self._next, heappop(waiting))
            if not waiting:
                del self._aside[lane.name]

    def without(self, most: int) -> list[tuple[float, list[Item]]]:
        """Take out what waits for a full lane beyond `most` of each: somebody else may need the room.

        With it in how many seconds it will be their turn, as fast as their lane has gone so far.
        """
        out: list[tuple[float, list[Item]]] = []
        for name, waiting in self._aside.items():
            waiting.sort()
            out += self._turns(self._tempos[name], [place.item for place in waiting[most:]], most)
            self._aside[name] = waiting[:most]
        return out

    def _turns(self, tempo: _Tempo, items: list[Item], most: int) -> Iterator[tuple[float, list[Item]]]:
        now = self._clock()
        each = (now - tempo.began) / max(1, tempo.done)
        for some in (items[at : at + most] for at in range(0, len(items), most)):
            turn = max(tempo.given, now + most * each)
            tempo.given = turn + len(some) * each
            yield turn - now, some

    def clear(self) -> list[Item]:
        """Take out all that was not begun."""
        places = [*self._next, *(place for waiting in self._aside.values() for place in waiting)]
        self._next.clear()
        self._aside.clear()
        return [place.item for place in sorted(places)]
