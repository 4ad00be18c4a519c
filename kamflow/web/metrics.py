"""`/metrics` for Prometheus: every figure is read from the database when it is asked for.

So it is the same after a restart and for each supervisor of one database. Labels are flows, rules, channels,
states, kinds and sources; never a person or a customer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from importlib.metadata import version
from threading import Lock
from time import monotonic

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from kamflow.models.message import MessageState
from kamflow.models.run import RunState
from kamflow.schedules import SCHEDULES
from kamflow.store import gauges
from kamflow.store.gauges import Gauges
from kamflow.store.registry import RULES
from kamflow.web.processes import memory
from kamflow.web.site import Site
from kamflow.web.vital import STATES, Vital

KEPT_SECONDS = 5.0  # a look is kept at least for so long
# Of incidents: said though there is none, so that an alert has something to compare with.
KINDS = (
    "run", "long", "late", "missing", "prefect", "clock", "channel", "data", "disk", "database", "backup",
)  # fmt: skip
SHARE = 20  # and for so many times as long as it took: on a large database it never costs more than that

Labelled = Iterable[tuple[Sequence[str], float]]


def registry(site: Site, vitals: Callable[[], list[Vital]]) -> CollectorRegistry:
    """The figures of one supervisor: its own parts, and what the database says of all."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    made.register(_Parts(vitals))
    made.register(_Stored(site))
    return made


class _Parts:
    """What the supervisor sees of its own parts."""

    def __init__(self, vitals: Callable[[], list[Vital]]) -> None:
        self._vitals = vitals

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        parts = self._vitals()
        yield InfoMetricFamily("kamflow_build", "What runs here.", {"version": version("kamflow")})
        states = [((p.name, state), float(p.state == state)) for p in parts for state in STATES]
        yield _gauge("kamflow_part_state", "1 for the state a part is in.", states, "part", "state")
        restarts = CounterMetricFamily(
            "kamflow_part_restarts", "How often a part was started again.", labels=["part"]
        )
        for part in parts:
            restarts.add_metric([part.name], part.restarts)
        yield restarts
        held = [((p.name,), float(memory(p.pid))) for p in parts if p.pid is not None]
        yield _gauge(
            "kamflow_part_resident_memory_bytes",
            "Memory of a part and the processes it started.",
            held,
            "part",
        )


class _Stored:
    """What the database says; a scrape within seconds of another is given the same look."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._turn = Lock()
        self._kept: list[Metric] = []
        self._until = 0.0

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        with self._turn:
            if monotonic() >= self._until:
                begun = monotonic()
                self._kept = list(self._looked())
                self._until = monotonic() + max(KEPT_SECONDS, SHARE * (monotonic() - begun))
            yield from self._kept

    def _looked(self) -> Iterator[Metric]:
        site, now, begun = self._site, self._site.now(), monotonic()
        try:
            with site.reading() as session:
                found = gauges.read(session, now, site.settings.company.zone)
        except SQLAlchemyError:
            yield GaugeMetricFamily("kamflow_database_up", "1 while the database answers.", 0)
            return
        yield GaugeMetricFamily("kamflow_database_up", "1 while the database answers.", 1)
        yield GaugeMetricFamily("kamflow_database_size_bytes", "Size of the database.", found.size)
        yield GaugeMetricFamily(
            "kamflow_look_duration_seconds", "How long it took to read these figures.", monotonic() - begun
        )
        yield from _of_flows(found)
        yield from _of_messages(found, now)
        yield from _of_events(found, now)
        yield from _of_operations(found, site.today)
        yield from _of_clock(found, now)


def _of_flows(found: Gauges) -> Iterator[Metric]:
    flows = list(dict.fromkeys(each.flow for each in SCHEDULES))
    runs = [((flow, state), found.runs.get((flow, state), 0)) for flow in flows for state in RunState]
    yield _gauge("kamflow_runs", "Runs in the ledger.", runs, "flow", "state")
    yield _gauge(
        "kamflow_run_last_end_timestamp_seconds",
        "When the last whole run ended, however.",
        [((each.flow,), _stamp(each.last_end)) for each in found.flows if each.last_end],
        "flow",
    )
    yield _gauge(
        "kamflow_run_last_duration_seconds",
        "How long the last whole run took.",
        [
            ((each.flow,), max((each.last_end - each.last_run).total_seconds(), 0.0))
            for each in found.flows
            if each.last_end and each.last_run
        ],
        "flow",
    )
    yield _gauge(
        "kamflow_run_next_timestamp_seconds",
        "When the flow is due next.",
        [((each.flow,), _stamp(each.next_at)) for each in found.flows if each.next_at],
        "flow",
    )
    owed = [((each.flow,), float(len(each.missing))) for each in found.flows]
    yield _gauge("kamflow_run_owed_days", "Days that were due and are neither run nor covered.", owed, "flow")
    open_now = [((rule,), float(found.nudges.get(rule, 0))) for rule in RULES]
    yield _gauge("kamflow_nudges_open", "Nudges that are open.", open_now, "rule")


def _of_messages(found: Gauges, now: datetime) -> Iterator[Metric]:
    piles = {(pile.channel, pile.state): pile for pile in found.piles}
    channels = sorted({"email", "slack"} | {pile.channel for pile in found.piles})
    every = [(channel, state.value) for channel in channels for state in MessageState]
    yield _gauge(
        "kamflow_messages",
        "Messages in the outbox; what was sent stays there until its time is over.",
        [(key, float(piles[key].count if key in piles else 0)) for key in every],
        "channel",
        "state",
    )
    since = {
        channel: [pile.oldest_due for pile in found.piles if pile.channel == channel and pile.oldest_due]
        for channel in channels
    }
    yield _gauge(
        "kamflow_message_oldest_due_age_seconds",
        "For how long the first message has been due; 0 where none is.",
        [((channel,), _age(min(due, default=None), now)) for channel, due in since.items()],
        "channel",
    )
    yield _gauge(
        "kamflow_message_unsent_attempts",
        "How often what is still to be sent was tried.",
        [((channel,), float(found.attempts.get(channel, 0))) for channel in channels],
        "channel",
    )


def _of_events(found: Gauges, now: datetime) -> Iterator[Metric]:
    waiting = found.waiting
    yield GaugeMetricFamily(
        "kamflow_events_waiting", "Events the relay has still to look at.", waiting.number
    )
    yield GaugeMetricFamily(
        "kamflow_event_oldest_waiting_age_seconds",
        "For how long the first event has been waiting; 0 where none is.",
        _age(waiting.oldest, now),
    )
    states = [((state,), float(found.batches.get(state, 0))) for state in ("waiting", "asked", "done")]
    yield _gauge("kamflow_relay_batches", "Batches of events that set a flow in motion.", states, "state")


def _of_operations(found: Gauges, today: date) -> Iterator[Metric]:
    kinds = dict.fromkeys(KINDS, 0) | dict(found.incidents)
    incidents = [((kind,), float(count)) for kind, count in kinds.items()]
    yield _gauge("kamflow_incidents_open", "Incidents that are not over.", incidents, "kind")
    known = [each for each in found.ages if each.newest_on is not None]
    yield _gauge(
        "kamflow_data_age_days",
        "Days since data of a source last came.",
        [((each.source,), float((today - each.newest_on).days)) for each in known if each.newest_on],
        "source",
    )
    yield _gauge(
        "kamflow_data_age_limit_days",
        "Days after which data of a source is too old.",
        [((each.source,), float(each.limit_days)) for each in found.ages if each.limit_days is not None],
        "source",
    )
    old = [((each.source,), float(each.too_old)) for each in found.ages]
    yield _gauge("kamflow_data_too_old", "1 where data of a source is older than its limit.", old, "source")


def _of_clock(found: Gauges, now: datetime) -> Iterator[Metric]:
    jobs = [((each.job,), _age(each.done_at, now)) for each in found.jobs if each.done_at]
    yield _gauge("kamflow_clock_job_age_seconds", "Time since a job was last done.", jobs, "clock_job")
    failed = [((each.job,), float(each.failed)) for each in found.jobs]
    yield _gauge("kamflow_clock_job_failures", "How often a job failed in a row.", failed, "clock_job")
    yield GaugeMetricFamily(
        "kamflow_clock_led", "1 while some supervisor beats the clock.", int(bool(found.lease))
    )
    leader = found.lease.holder if found.lease else None
    here = [((each.host,), float(each.name == leader)) for each in found.supervisors if not each.stopped_at]
    yield _gauge("kamflow_supervisor_leads", "1 for the supervisor that beats the clock.", here, "host")


def _gauge(name: str, text: str, rows: Labelled, *labels: str) -> Metric:
    made = GaugeMetricFamily(name, text, labels=labels)
    for values, figure in rows:
        made.add_metric([str(value) for value in values], figure)
    return made


def _stamp(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _age(since: datetime | None, now: datetime) -> float:
    """Never negative, though somebody may have set the clock back."""
    return max((now - since).total_seconds(), 0.0) if since else 0.0
