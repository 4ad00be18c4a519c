"""How `kamflow status` judges what it sees: what is broken now, and what somebody should look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kamflow.models.watch import Supervisor
from kamflow.settings import Settings
from kamflow.store.clock_jobs import FAILS
from kamflow.store.gauges import Gauges
from kamflow.store.incidents import Known

SEEN_WITHIN = timedelta(seconds=30)  # a supervisor says every few seconds that it is alive
# Work goes on as it should, but somebody has to look: these are no reason to call anybody at night.
MILD = frozenset({"data", "backup", "database"})

NOT_LIVE = {"redirect": "everything goes to one address", "off": "nobody receives anything"}
SAYS = {
    "run": "{about} did not finish",
    "long": "{about} has been running for too long",
    "late": "{about} has not begun",
    "missing": "{about} has not run for {day}",
    "prefect": "Prefect does not answer",
    "clock": "job {about} of the clock fails",
    "data": "the data of {about} is of {day}",
    "disk": "only {mb} MB are free on the disk",
    "database": "the database takes {mb} MB",
    "backup": "the last backup is too old, or there is none",
    "channel": "channel {about} is down",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`broken`: kamflow does not do all of its work; else it does, and somebody should look."""

    level: Literal["broken", "warning"]
    text: str


def alive(
    supervisors: list[Supervisor], now: datetime, host: str, path: str, pid: int | None
) -> list[Supervisor]:
    """Those that run: lately seen and not stopped. Of the one at this place its lock says it better."""
    return [
        each
        for each in supervisors
        if each.stopped_at is None
        and (pid == each.pid if (each.host, each.path) == (host, path) else now - each.seen_at <= SEEN_WITHIN)
    ]


def of_supervisors(
    found: Gauges, running: list[Supervisor], parts: dict[str, str] | None, now: datetime
) -> Iterator[Finding]:
    """What is wrong with who runs; `parts` as the monitor of this home says, None where it is silent."""
    for each in running:
        if now - each.seen_at > SEEN_WITHIN:
            since = f"{each.seen_at:%Y-%m-%d %H:%M} UTC"
            yield Finding("broken", f"{each.host} (pid {each.pid}) has not reported since {since}")
    if running and found.lease is None:
        yield Finding("broken", "nobody beats the clock: nothing is composed, delivered or relayed")
    for name, state in (parts or {}).items():
        if state == "down":
            yield Finding("broken", f"{name} is down; it is started again by itself")
        elif state == "starting":
            yield Finding("warning", f"{name} is starting")


def of_work(found: Gauges, wrong: Sequence[Known], settings: Settings, failed: int) -> Iterator[Finding]:
    """What is wrong with what is done; `failed`: messages that were given up lately."""
    told = {each.key for each in wrong}
    for job in found.jobs:
        if job.failed >= FAILS and f"clock:{job.job}" not in told:
            yield Finding("broken", f"job {job.job} of the clock failed {job.failed} times: {job.cause}")
    yield from (Finding("broken", said(each)) for each in wrong if each.kind not in MILD)
    yield from (Finding("warning", said(each)) for each in wrong if each.kind in MILD)
    mode = settings.delivery.mode
    if mode in NOT_LIVE:
        yield Finding("warning", f'delivery.mode is "{mode}": {NOT_LIVE[mode]}')
    if failed:
        listed = "`kamflow outbox --state failed`"
        yield Finding("warning", f"{failed} messages of this week did not arrive ({listed})")


def said(incident: Known) -> str:
    """An incident in a sentence, with its cause and since when."""
    facts = {"about": incident.about, "day": "a day", "mb": "few", **incident.facts}
    text = SAYS.get(incident.kind, f"{incident.kind}: {incident.about}").format(**facts)
    cause = incident.facts.get("cause")
    return f"{text}{f' ({cause})' if cause else ''}, since {incident.opened_at:%Y-%m-%d %H:%M} UTC"
