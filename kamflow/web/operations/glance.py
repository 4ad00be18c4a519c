"""What is wrong at the first glance, each with since when: incidents, and what no watch has noted yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kamflow.models.message import MessageState
from kamflow.models.watch import ClockJob, Lease, Supervisor
from kamflow.store.data_age import SourceAge
from kamflow.store.flow_overview import FlowState
from kamflow.store.incidents import Known
from kamflow.store.outbox_overview import Cause
from kamflow.store.run_troubles import Broken

# What stops most comes first.
ORDER = (
    "down",
    "still",
    "copy",
    "disk",
    "prefect",
    "channel",
    "clock",
    "run",
    "long",
    "missing",
    "late",
    "database",
)
STILL = timedelta(seconds=60)  # without a beat


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong: `facts` hold ids and figures, as incidents have them."""

    kind: str
    about: str
    since: datetime | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, Any]:
        """As templates/incidents/words.j2 takes it."""
        return {**self.facts, "kind": self.kind, "about": self.about}


@dataclass(frozen=True, slots=True)
class Glance:
    """`troubles`: somebody has to act; `undelivered`: messages that reached nobody, which can wait."""

    troubles: list[Trouble]
    undelivered: int

    @property
    def tone(self) -> str:
        return "over" if self.troubles else "due" if self.undelivered else "calm"


def glance(known: Iterable[Known], seen: Iterable[Trouble | None], causes: Iterable[Cause]) -> Glance:
    """Put together what is wrong: incidents, and of what was `seen` here that of which none is open."""
    told = [Trouble(each.kind, each.about, each.opened_at, each.facts) for each in known]
    about = {(each.kind, each.about) for each in told}
    found = told + [each for each in seen if each is not None and (each.kind, each.about) not in about]
    failed = sum(each.count for each in causes if each.state == MessageState.FAILED)
    return Glance(sorted(found, key=_place), failed)


def standing(
    supervisors: Iterable[Supervisor], jobs: Iterable[ClockJob], lease: Lease | None, now: datetime
) -> Trouble | None:
    """Nobody beats the clock: nothing is told, sent or set in motion, and nobody else would say so."""
    beaten = max((each.seen_at for each in jobs), default=None)
    if lease is not None and beaten is not None and now - beaten < STILL:
        return None
    ups = list(supervisors)
    runs = any(each.stopped_at is None and now - each.seen_at < STILL for each in ups)
    if runs:
        return Trouble("still", "clock", beaten)
    return Trouble("down", "up", max((each.stopped_at or each.seen_at for each in ups), default=None))


def runs(broken: Iterable[Broken], flows: Iterable[FlowState]) -> Iterator[Trouble]:
    """Runs that failed and were not made up for; who stopped one knows of it."""
    ended = {each.flow: each.last_end or each.last_run for each in flows}
    for each in broken:
        if each.cause != "cancelled":
            facts = {"cause": each.cause, "error": each.error}
            yield Trouble("run", each.flow, ended.get(each.flow), facts)


def data(ages: Iterable[SourceAge]) -> Iterator[Trouble]:
    """Data that is older than its limit."""
    for each in ages:
        if each.too_old:
            facts = {"source": each.source, "day": min(each.old.values()).isoformat()}
            yield Trouble("data", each.source, None, facts)


def _place(trouble: Trouble) -> tuple[int, float]:
    place = ORDER.index(trouble.kind) if trouble.kind in ORDER else len(ORDER)
    return place, trouble.since.timestamp() if trouble.since else 0.0
