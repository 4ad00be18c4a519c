"""The composition root: settings, engine, and the only place that reads the clock.

Nothing here knows Prefect, so that everything can use this module cheaply; prefect_run.py does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from flows import alive, logs
from kamflow import policy as policies
from kamflow import settings as knobs
from kamflow import spans
from kamflow.errors import StoreError
from kamflow.policy import Policy
from kamflow.schedules import SCHEDULES, due_days
from kamflow.settings import Settings
from kamflow.store import engine as db
from kamflow.store import handover_note, ledger, lookup, migrate, run_rows, scope, traces, works_council
from kamflow.store.rows import stored
from kamflow.store.run import Decide, Frame, Outcome, run_batch

COVER_DAYS = 400  # how far back a finished run may cover missing days
ATTEMPTS = 3  # of one transaction; on SQLite each waits up to `engine.BUSY_SECONDS` for its turn

Result = TypeVar("Result")

log = structlog.get_logger()


def clock() -> datetime:
    """Now, in UTC. `KAMFLOW_NOW` stops it at an instant: for tests and rehearsals of an operator.

    With `KAMFLOW_NOW=A@B` it goes on: it was A when the machine's clock said B, in all processes alike. With
    `KAMFLOW_NOW=@FILE` the file says either, anew each time: so a test can move the clock of what runs.
    """
    given = os.environ.get("KAMFLOW_NOW", "")
    if given.startswith("@"):
        given = Path(given[1:]).read_text(encoding="ascii").strip()
    said, _, when = given.partition("@")
    if not said:
        return datetime.now(UTC)
    passed = datetime.now(UTC) - datetime.fromisoformat(when) if when else timedelta()
    return datetime.fromisoformat(said).astimezone(UTC) + passed


@dataclass(frozen=True)
class Home:
    """An opened installation."""

    settings: Settings
    policy: Policy
    engine: Engine
    now: Callable[[], datetime] = clock

    def today(self) -> date:
        """The company's local date."""
        return self.now().astimezone(ZoneInfo(self.settings.company.zone)).date()


def open_home(path: Path | None = None, now: Callable[[], datetime] = clock, level: str = "info") -> Home:
    """Settings, policy and database of a home.

    Raises:
        ConfigError: a setting is wrong.
        StoreError: there is no database, or nobody answers there.
        NotMigrated: the database is of another version.
    """
    logs.configure(now, level=level)
    settings = knobs.load(path)
    logs.configure(now, settings.log, level)
    home = Home(settings, policies.load(settings.home), db.connect(settings.url), now)
    spans.begin("kamflow", home.engine.url.render_as_string(hide_password=True))
    try:
        _check(home)
    except BaseException:
        home.engine.dispose()
        raise
    return home


def _check(home: Home) -> None:
    url = home.engine.url
    # SQLite would make an empty file of whatever name it is given.
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise StoreError(
            f"there is no database at {Path(url.database or '').absolute()}: run `kamflow init`,"
            " or name the home (--home)"
        )
    try:
        migrate.check(home.engine)
        works_council.note(home.engine, home.now(), in_force=home.settings.works_council)
    except OperationalError as error:
        shown = url.render_as_string(hide_password=True)
        raise StoreError(f"the database {shown} cannot be used: {type(error.orig).__name__}") from error


class Stopped(Exception):
    """The run was told to end, and did so between two transactions."""


@dataclass(frozen=True)
class Visit:
    """What a run gets from Prefect: its id there, the trace it goes on with, the wish to stop; and whom it
    tells how many of its batches are done. `failed`: the accounts of the batch in which it failed."""

    prefect_id: str | None = None
    trace: str | None = None
    stop: Event = field(default_factory=Event)
    progress: Callable[[int, int], None] | None = None
    failed: list[int] = field(default_factory=list)


def run_whole(home: Home, flow: str, decide: Decide, as_of: date, visit: Visit | None = None) -> Outcome:
    """Run a rule for every account, batch by batch, and write the ledger."""
    return _decided(
        home, flow, decide, as_of, lambda session: scope.whole(session, flow, as_of), None, visit or Visit()
    )


def run_accounts(
    home: Home, flow: str, decide: Decide, as_of: date, keys: list[str], visit: Visit | None = None
) -> Outcome:
    """Run a rule for some accounts, named by key; nothing outside them is touched.

    Raises:
        NotFound: there is no such account.
    """

    def named(session: Session) -> list[int]:
        return [stored(lookup.account(session, key).id) for key in keys]

    return _decided(home, flow, decide, as_of, named, len(keys), visit or Visit())


def _decided(
    home: Home,
    flow: str,
    decide: Decide,
    as_of: date,
    accounts: Callable[[Session], list[int]],
    asked: int | None,
    visit: Visit,
) -> Outcome:
    once: dict[object, object] = {}

    def batches() -> Outcome:
        # Within the ledger's row: a run for an account that nobody knows is one that failed.
        with db.read(home.engine) as session:
            wanted = accounts(session)
        # Before the first batch reads: from today on these accounts are somebody else's.
        persistent(partial(handover_note.arrive, home.engine, as_of, home.now()))
        outcome = Outcome()
        all_batches = list(scope.batches(wanted))
        for done, batch in enumerate(all_batches):
            if visit.progress:
                visit.progress(done, len(all_batches))
            if visit.stop.is_set():
                raise Stopped(f"{flow} for {as_of} ended before its last batch")
            live = home.settings.delivery.mode == "live"
            company = home.settings.company
            domain = home.settings.smtp.domain
            frame = Frame(home.engine, flow, as_of, home.now(), home.policy, company, once, live, domain)
            try:
                outcome += persistent(partial(run_batch, frame, decide, batch))
            except Exception:
                visit.failed.extend(sorted(batch))
                raise
        return outcome

    return recorded(home, flow, as_of, asked, visit, batches)


def recorded(
    home: Home, flow: str, as_of: date, asked: int | None, visit: Visit, body: Callable[[], Outcome]
) -> Outcome:
    """Run a body and write into the ledger what became of it."""
    started = home.now(), visit.prefect_id, ledger.By(visit.trace, alive.me())
    run_id = persistent(partial(ledger.start, home.engine, flow, as_of, asked, *started))
    trace = traces.of_run(run_id, visit.trace)
    with traces.following(trace, run=run_id, flow=flow), spans.span("run", trace, run=run_id, flow=flow):
        log.info("run.started", as_of=as_of.isoformat(), accounts=asked)
        try:
            with alive.said(home.engine, run_id, home.now):
                outcome = body()
        except BaseException as error:
            log.warning("run.failed", exc_info=error)
            persistent(partial(ledger.fail, home.engine, run_id, type(error).__name__, home.now()))
            raise
        due = _due_before(home, flow, as_of) if asked is None else []
        persistent(partial(ledger.finish, home.engine, run_id, outcome, home.now(), due))
        log.info("run.finished", counts=outcome.counts())
    return outcome


def persistent(work: Callable[[], Result]) -> Result:
    """Try a transaction again that found the database locked, deadlocked or gone; three times in all.

    Any transaction of a run may be repeated: it reads anew, and a rolled-back one left nothing.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except OperationalError:
            continue
    return work()


def _due_before(home: Home, flow: str, as_of: date) -> list[date]:
    """The days before `as_of` on which the flow was due, since it first ran in this home."""
    with db.read(home.engine) as session:
        began = run_rows.first_day(session, flow) or as_of
    first = max(began, as_of - timedelta(days=COVER_DAYS))
    own = [schedule for schedule in SCHEDULES if schedule.flow == flow]
    return [day for schedule in own for day in due_days(schedule, first, as_of - timedelta(days=1))]
