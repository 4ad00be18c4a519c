"""What a run of kills cost: what was lost, what came twice and for which kill, what was wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.models.message import MessageState
from tests.end_to_end.crash.full_home import FullHome


@dataclass(frozen=True)
class Toll:
    """`doubled`: for each kill, how many mails came again because of it; `strange`: mails that came again
    without a kill between, or with another Message-ID; `most`: how often the same mail came at most."""

    database: str
    messages: int
    connections: int
    lost: int
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
        most = max(self.doubled, default=0)
        found = {
            f"{self.lost} messages were lost": self.lost,
            f"{self.strange} came twice without a kill, or with another Message-ID": self.strange,
            f"{self.mean:.1f} duplicates a kill with {self.connections} connections": (
                self.mean > self.connections
            ),
            f"{most} duplicates at one kill with {self.connections} connections": most > 2 * self.connections,
        }
        return [sentence for sentence, wrong in found.items() if wrong]

    def __str__(self) -> str:
        spread = ", ".join(f"{many}: {times}x" for many, times in sorted(Counter(self.doubled).items()))
        most = max(self.doubled, default=0)
        return (
            f"{self.database}: {self.messages} messages, {len(self.doubled)} kills, {self.connections}"
            f" connections, {self.seconds:.0f} s: {self.lost} lost, {sum(self.doubled)} duplicates"
            f" ({self.mean:.2f} a kill, at most {most}; the same mail at most {self.most} times),"
            f" {self.strange} unexplained. Duplicates of a kill: {spread}"
        )


def toll(
    home: FullHome, catcher: SmtpCatcher, starts: Sequence[int], killed: Iterable[int], seconds: float
) -> Toll:
    """Count. `starts[n]` is how many mails had come when the n-th dispatcher began; `killed` are those that
    did not end by themselves."""
    of_kill = dict.fromkeys(killed, 0)
    before: dict[str, int] = {}
    strange = 0
    addressed: defaultdict[str, set[str]] = defaultdict(set)
    dispatcher = 0
    for number, mail in enumerate(catcher.messages):
        while dispatcher + 1 < len(starts) and number >= starts[dispatcher + 1]:
            dispatcher += 1
        first = before.get(mail.message_id)
        if first in of_kill and first != dispatcher:
            of_kill[first] += 1
        elif first is not None:
            strange += 1
        before[mail.message_id] = dispatcher
        addressed[mail.message_id].update(mail.recipients)
    rows = home.messages()
    arrived = {(address, mail_id) for mail_id, to in addressed.items() for address in to}
    known = {(address, mail_id) for address, mail_id, _ in rows}
    lost = sum(
        state != MessageState.SENT or (address, mail_id) not in arrived for address, mail_id, state in rows
    )
    return Toll(
        home.engine.dialect.name,
        len(rows),
        home.connections,
        lost,
        tuple(of_kill.values()),
        strange + len(arrived - known),
        max(Counter(mail.message_id for mail in catcher.messages).values(), default=0),
        seconds,
    )
