"""What a run of kills cost: what was lost, what came twice and for which kill, what was wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from kamflow.models.message import MessageState
from tests.end_to_end.crash.full_home import FullHome
from tests.end_to_end.crash.other_side import OtherSide


@dataclass
class Seen:
    """What is noted while dispatchers are killed. `starts[n]`: how many messages had come when the n-th
    began; `killed` did not end by themselves, `left` is what the others should have sent and did not;
    `unmarked` had come when their dispatcher was killed, and nobody had written that down."""

    starts: list[int] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    left: int = 0
    unmarked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Toll:
    """`doubled`: for each kill, how many messages came again because of it; `strange`: those that came again
    without a kill between, or with another id; `most`: how often the same came at most. Of mails one may come
    again for each of the `connections`; no post may, and it is looked up."""

    database: str
    channel: str
    messages: int
    connections: int
    lost: int
    left: int
    unmarked: int
    looked_up: int
    doubled: tuple[int, ...]
    strange: int
    most: int
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        return sum(self.doubled) / max(1, len(self.doubled))

    @property
    def wrong(self) -> list[str]:
        """What must not be."""
        most, may = max(self.doubled, default=0), self.connections if self.channel == "email" else 0
        found = {
            f"{self.lost} messages were lost": self.lost,
            f"{self.left} messages were left for later, though nobody had them": self.left,
            f"{self.strange} came twice without a kill, or with another Message-ID": self.strange,
            f"{self.mean:.1f} duplicates a kill, and at most {may} may be": self.mean > may,
            f"{most} duplicates at one kill, and at most {2 * may} may be": most > 2 * may,
        }
        return [sentence for sentence, wrong in found.items() if wrong]

    def __str__(self) -> str:
        spread = ", ".join(f"{many}: {times}x" for many, times in sorted(Counter(self.doubled).items()))
        most = max(self.doubled, default=0)
        cost = (
            f"{self.database}, {self.channel}: {self.messages} messages, {len(self.doubled)} kills,"
            f" {self.seconds:.0f} s: {self.lost} lost, {sum(self.doubled)} duplicates,"
            f" {self.strange} unexplained;"
        )
        if self.channel == "slack":
            return f"{cost} looked up {self.looked_up} times, {self.unmarked} had been posted and not marked"
        return (
            f"{cost} {self.connections} connections, {self.mean:.2f} duplicates a kill, at most {most};"
            f" the same mail at most {self.most} times. Duplicates of a kill: {spread}"
        )


def toll(home: FullHome, side: OtherSide, seen: Seen, seconds: float) -> Toll:
    """Count."""
    of_kill = dict.fromkeys(seen.killed, 0)
    before: dict[str, int] = {}
    strange = 0
    addressed: defaultdict[str, set[str]] = defaultdict(set)
    dispatcher = 0
    arrivals = side.arrived()
    for number, each in enumerate(arrivals):
        while dispatcher + 1 < len(seen.starts) and number >= seen.starts[dispatcher + 1]:
            dispatcher += 1
        first = before.get(each.message_id)
        if first in of_kill and first != dispatcher:
            of_kill[first] += 1
        elif first is not None:
            strange += 1
        before[each.message_id] = dispatcher
        addressed[each.message_id].update(each.to)
    rows = home.messages()
    arrived = {(address, mail_id) for mail_id, to in addressed.items() for address in to}
    known = {(address, mail_id) for address, mail_id, _ in rows}
    lost = sum(
        state != MessageState.SENT or (address, mail_id) not in arrived for address, mail_id, state in rows
    )
    return Toll(
        home.engine.dialect.name,
        home.channel,
        len(rows),
        home.connections,
        lost,
        seen.left,
        len(seen.unmarked),
        side.looked_up,
        tuple(of_kill.values()),
        strange + len(arrived - known),
        max(Counter(each.message_id for each in arrivals).values(), default=0),
        seconds,
    )
