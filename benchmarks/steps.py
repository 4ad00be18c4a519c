"""The steps of a measurement. Each runs in a process of its own and says what it took."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import company
import load
import psycopg
import whole
from sqlalchemy import func, select
from sqlmodel import col

from flows import logs
from flows.runtime import Home, run_whole
from kamflow.models.contact import ContactTarget
from kamflow.models.nudge import StoredNudge
from kamflow.policy import Policy
from kamflow.settings import Company, Settings
from kamflow.store import calendars
from kamflow.store import engine as db
from kamflow.store.apply import apply
from kamflow.store.registry import RULES
from kamflow.store.run import Accounts, Decide, Outcome, Run

RULE = "contact_shortfall"
OURS = Company(region="BY")
STAMP = datetime(2026, 9, 7, 5, tzinfo=UTC)

# What no night can do without: the cells with what was held. Rows are plain tuples, all of them fetched.
REFERENCE = """
SELECT target.id, target.person_id, place.contact_id, target.soll,
       count(DISTINCT CASE WHEN met.day BETWEEN target.period_first AND target.period_last THEN met.day END),
       max(met.day)
FROM contact_target AS target
JOIN place ON place.id = target.place_id
LEFT JOIN encounter AS who ON who.contact_id = place.contact_id AND who.person_id = target.person_id
LEFT JOIN interaction AS met ON met.id = who.interaction_id AND met.state = 'held'
GROUP BY target.id, place.contact_id
"""


@dataclass(frozen=True)
class Figures:
    """What a step took. `megabytes` is the peak of its process, database server not included."""

    seconds: float
    cpu: float
    megabytes: int
    counts: str
    name: str = ""


def build(url: str, accounts: int) -> Figures:
    """Make and fill a database."""
    return _timed(lambda: load.build(url, accounts))


def build_whole(url: str, accounts: int) -> Figures:
    """Make and fill a database for all rules."""
    built = _timed(lambda: load.build_whole(url, accounts))
    return replace(built, counts=_contents(url))


def copy(url: str, to: str) -> Figures:
    """Begin a round with a database on which no night was run."""
    return _timed(lambda: load.copy(url, to))


def remove(*urls: str) -> Figures:
    """Take the databases away."""
    return _timed(lambda: load.remove(*urls))


def reference(url: str) -> Figures:
    """Read every cell with one bare GROUP BY on a plain connection."""
    with closing(_plain(url)) as connection:
        return _timed(lambda: f"{len(connection.execute(REFERENCE).fetchall()):,} cells")


def first_night(url: str) -> Figures:
    """Run the rule for everybody."""
    return _night(url, company.TODAY)


def next_night(url: str) -> Figures:
    """Run it for the next working day, though nothing happened."""
    return _night(url, company.NEXT_DAY)


def whole_night(url: str) -> list[Figures]:
    """Run every rule for everybody."""
    return _whole(url, whole.TODAY)


def whole_next_night(url: str) -> list[Figures]:
    """Run them for the next working day, though nothing happened."""
    return _whole(url, whole.NEXT_DAY)


def due(url: str) -> Figures:
    """Count the cells behind plan."""
    return _timed(lambda: _due(url))


def _night(url: str, day: date) -> Figures:
    with _home(url) as home:
        # Python loads the tables of holidays once per process, like its modules: not part of a night.
        calendars.company_calendar(OURS).bits(day.year)
        return _timed(lambda: _counts(run_whole(home, RULE, _decide(RULE), day)))


def _whole(url: str, day: date) -> list[Figures]:
    """Each rule by itself, in the order of a night, and all of them."""
    with _home(url) as home:
        calendars.company_calendar(OURS).bits(day.year)
        outcomes: list[Outcome] = []

        def run(name: str) -> str:
            outcomes.append(run_whole(home, name, _decide(name), day))
            return _counts(outcomes[-1])

        found = [replace(_timed(lambda name=name: run(name)), name=name) for name in RULES]
    total = Figures(
        sum(each.seconds for each in found),
        sum(each.cpu for each in found),
        max(each.megabytes for each in found),
        _counts(sum(outcomes, Outcome())),
        "all rules",
    )
    return [*found, total]


def _decide(name: str) -> Decide:
    """The flow's body; its module would load Prefect."""
    rule = RULES[name]

    def body(run: Run, accounts: Accounts) -> Outcome:
        return apply(run, rule.decide(rule.query(run, accounts), run.today, run.policy), accounts)

    return body


def _contents(url: str) -> str:
    engine = db.connect(url)
    with db.read(engine) as session:
        counts = {
            name: session.execute(select(func.count()).select_from(db.TABLES.tables[name])).scalar_one()
            for name in ("contact_target", "revenue_entry", "measure", "person")
        }
    engine.dispose()
    return ", ".join(f"{many:,} {name.replace('_', ' ')}" for name, many in counts.items())


def _due(url: str) -> str:
    engine = db.connect(url)
    living = select(col(StoredNudge.facts)).where(col(StoredNudge.closed_at).is_(None))
    with db.read(engine) as session:
        cells = session.execute(select(func.count()).select_from(ContactTarget)).scalar_one()
        nudges = session.execute(living).scalars().all()
    engine.dispose()
    behind = sum(len(facts["cells"]) for facts in nudges)
    return f"{cells:,} cells, {behind / cells:.0%} of them behind ({len(nudges):,} nudges)"


@contextmanager
def _home(url: str) -> Iterator[Home]:
    engine = db.connect(url)
    logs.configure(lambda: STAMP, level="warning")  # what is measured are nights, not their log
    yield Home(Settings(home=Path.cwd(), company=OURS), Policy(), engine, lambda: STAMP)
    engine.dispose()


def _plain(url: str) -> Any:
    if url.startswith("postgresql"):
        return psycopg.connect(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA cache_size=-32000")  # as much as kamflow gives itself
    return connection


def _counts(outcome: Outcome) -> str:
    return f"{outcome.opened:,} / {outcome.updated:,} / {outcome.closed:,}"


def _timed(work: Callable[[], object]) -> Figures:
    wall, cpu = perf_counter(), process_time()
    counts = work()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Figures(wall, cpu, peak, str(counts or ""))
