"""`kamflow status`: does it run, and is it well? For people, and by its exit code for monitoring."""

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from zoneinfo import ZoneInfo

from flows import single
from kamflow.cli import wellness
from kamflow.cli.home import Desk, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import clock_time, say, say_json, table
from kamflow.cli.wellness import Finding
from kamflow.models.watch import Supervisor
from kamflow.store import adopted, gauges, incidents, outbox_overview
from kamflow.store.gauges import Gauges
from kamflow.store.incidents import Known

RUNNING, DEGRADED, NOT_RUNNING = 0, 1, 2
WORDS = {RUNNING: "running", DEGRADED: "degraded", NOT_RUNNING: "not running"}
PATIENCE = 3.0  # seconds for the monitor of this home to answer


@dataclass(frozen=True)
class Standing:
    """All that is said: by the database, and by the monitor of this home where one runs here."""

    found: Gauges
    running: list[Supervisor]
    parts: dict[str, str] | None
    wrong: list[Known]
    findings: list[Finding]

    @property
    def code(self) -> int:
        if not self.running:
            return NOT_RUNNING
        return DEGRADED if any(each.level == "broken" for each in self.findings) else RUNNING


def status(*, options: Options = HERE) -> int:
    """Say whether kamflow runs and is well: exit code 0 running, 1 degraded, 2 not running."""
    with reading(options) as desk:
        standing = _standing(desk)
        if options.json:
            say_json(_answer(standing))
        else:
            _print(standing, desk.zone, desk.now)
    return standing.code


def _standing(desk: Desk) -> Standing:
    settings, now = desk.settings, desk.now
    found = gauges.read(desk.session, now, settings.company.zone)
    place, pid = str(settings.home.resolve()), single.running(settings.home)
    running = wellness.alive(found.supervisors, now, socket.gethostname(), place, pid)
    parts = parts_of(settings.operations.listen) if pid is not None else None
    wrong = incidents.open_now(desk.session)
    causes = outbox_overview.causes(desk.session, now)
    failed = sum(each.count for each in causes if each.state == "failed")
    findings = [
        *wellness.of_supervisors(found, running, parts, now),
        *wellness.of_work(found, wrong, settings, failed),
    ]
    if pid is not None and parts is None:
        silent = f"the monitor at {settings.operations.listen} does not answer"
        findings.insert(0, Finding("broken", silent))
    if not adopted.is_adopted(desk.session, settings.home):
        findings.insert(0, Finding("broken", "this home is not adopted: nothing is sent (`kamflow adopt`)"))
    return Standing(found, running, parts, wrong, findings)


def parts_of(address: str) -> dict[str, str] | None:
    """How the parts of this home are, as its monitor says; None where nobody answers."""
    host, _, port = address.rpartition(":")
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, int(port), timeout=PATIENCE)  # noqa: S104
    try:
        connection.request("GET", "/health")
        return dict(json.loads(connection.getresponse().read())["states"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def _print(standing: Standing, zone: ZoneInfo, now: datetime) -> None:
    found = standing.found
    say(f"kamflow is {WORDS[standing.code]}")
    for each in standing.running:
        leads = ", beats the clock" if found.lease and found.lease.holder == each.name else ""
        since = clock_time(each.started_at, zone)
        say(f"  {each.host}, pid {each.pid}, version {each.version}, since {since}{leads}")
    if standing.parts:
        say("  " + ", ".join(f"{name} {state}" for name, state in standing.parts.items()))
    for each in standing.findings:
        say(f"  {each.level}: {each.text}")
    say("")
    table(("flow", "last run", "for", "state", "owed days", "next"), _flows(standing, zone))
    say("")
    for line in _figures(standing, now):
        say(line)


def _flows(standing: Standing, zone: ZoneInfo) -> Iterable[tuple[object, ...]]:
    for each in standing.found.flows:
        last = clock_time(each.last_run, zone) if each.last_run else "never"
        following = clock_time(each.next_at, zone) if each.next_at else ""
        yield each.flow, last, each.last_day, each.last_state, len(each.missing), following


def _figures(standing: Standing, now: datetime) -> Iterable[str]:
    found = standing.found
    for channel in sorted({pile.channel for pile in found.piles}):
        piles = ", ".join(f"{pile.count} {pile.state}" for pile in found.piles if pile.channel == channel)
        yield f"messages by {channel}: {piles}"
    yield f"nudges open: {sum(found.nudges.values())}"
    oldest = f", the first for {_span(now - found.waiting.oldest)}" if found.waiting.oldest else ""
    yield f"events waiting: {found.waiting.number}{oldest}"
    for age in found.ages:
        limit = "" if age.limit_days is None else f" (at most {age.limit_days} days old)"
        yield f"data of {age.source}: {age.newest_on or 'never came'}{limit}"
    yield f"database: {found.size / 1_000_000:.1f} MB"


def _span(time: timedelta) -> str:
    return str(timedelta(seconds=max(int(time.total_seconds()), 0)))


def _answer(standing: Standing) -> dict[str, object]:
    found = standing.found
    return {
        "status": WORDS[standing.code],
        "broken": [each.text for each in standing.findings if each.level == "broken"],
        "warnings": [each.text for each in standing.findings if each.level == "warning"],
        "supervisors": [*_supervisors(standing)],
        "parts": standing.parts or {},
        "flows": [*_flow_rows(standing)],
        "messages": [
            {"channel": pile.channel, "state": pile.state, "count": pile.count} for pile in found.piles
        ],
        "nudges": found.nudges,
        "events_waiting": found.waiting.number,
        "data": [
            {"source": age.source, "newest": age.newest_on, "limit_days": age.limit_days, "old": age.too_old}
            for age in found.ages
        ],
        "jobs": [{"job": each.job, "done": each.done_at, "failed": each.failed} for each in found.jobs],
        "incidents": [
            {"key": each.key, "kind": each.kind, "since": each.opened_at, "told": each.told_at}
            for each in standing.wrong
        ],
        "database_bytes": found.size,
    }


def _supervisors(standing: Standing) -> Iterable[dict[str, object]]:
    leader = standing.found.lease.holder if standing.found.lease else None
    for each in standing.running:
        yield {
            "host": each.host,
            "pid": each.pid,
            "version": each.version,
            "since": each.started_at,
            "seen": each.seen_at,
            "leads": each.name == leader,
        }


def _flow_rows(standing: Standing) -> Iterable[dict[str, object]]:
    for each in standing.found.flows:
        yield {
            "flow": each.flow,
            "last_run": each.last_run,
            "as_of": each.last_day,
            "state": each.last_state,
            "owed": each.missing,
            "next": each.next_at,
        }
