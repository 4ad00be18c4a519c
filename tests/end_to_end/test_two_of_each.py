"""Two supervisors and two workers on PostgreSQL: each of them is killed at work, and nothing is lost."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows import runtime
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.message import MessageState, StoredMessage
from kamflow.schedules import SCHEDULES
from kamflow.store import engine as db
from kamflow.store import ledger, owed
from kamflow.store.run import Outcome
from tests.end_to_end.grown_company import Grown, grown_company
from tests.flows.prefect_api import eventually
from tests.flows.running_up import READY_SECONDS
from tests.flows.test_growing import database, parent

pytestmark = pytest.mark.slow

MONDAY = date(2026, 9, 7)
FLOWS = tuple(dict.fromkeys(each.flow for each in SCHEDULES))
RULE = "contact_shortfall"
TAKEN = 3  # mails that the mail server takes before it hangs


@pytest.fixture
def catcher() -> Iterator[SmtpCatcher]:
    with running_catcher() as catcher:
        yield catcher


@pytest.fixture
def grown(
    postgres_server: str, catcher: SmtpCatcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Grown]:
    monkeypatch.setenv("KAMFLOW_NOW", f"@{tmp_path / 'now'}")
    with (
        database(postgres_server, "two_of_each") as ours,
        database(postgres_server, "their_prefect") as prefects,
        grown_company(tmp_path, (ours, prefects), catcher, MONDAY, accounts=6) as grown,
    ):
        yield grown


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def undecided(grown: Grown) -> list[tuple[str, date]]:
    with db.read(grown.engine) as session:
        now = runtime.clock()
        return [(flow, day) for flow in FLOWS for day in owed.owed(session, flow, now, "Europe/Berlin")]


def at_work(grown: Grown) -> int:
    """The pid of the process that does the rule's run."""
    [row] = eventually(f"{RULE} is at work", lambda: grown.runs(flow=RULE, state="running"), 120)
    return int((row.worker or "").rsplit(":", 2)[1])


def going(grown: Grown) -> list[object]:
    """What the ledger or Prefect believes to be at work."""
    wanted = {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}
    return [*grown.runs(state="running"), *grown.prefect.call("/flow_runs/filter", flow_runs=wanted)]


def messages(grown: Grown) -> list[StoredMessage]:
    with db.read(grown.engine) as session:
        return list(session.execute(select(StoredMessage).order_by(col(StoredMessage.id))).scalars())


def due(grown: Grown) -> list[StoredMessage]:
    return [row for row in messages(grown) if row.due_at <= runtime.clock()]


def sent(grown: Grown) -> set[str]:
    return {row.mail_id or "" for row in messages(grown) if row.state == MessageState.SENT}


def test_each_of_two_supervisors_and_one_of_two_workers_is_killed_and_nothing_is_lost_or_doubled(
    grown: Grown, catcher: SmtpCatcher
) -> None:
    grown.set_clock(MONDAY, 5, 45)
    imported = ledger.start(grown.engine, "intake", MONDAY, None, runtime.clock(), None)
    ledger.finish(grown.engine, imported, Outcome(), runtime.clock(), [])
    owing = {flow for flow, _ in undecided(grown)}
    ups = {grown.up(place).pid: place for place in grown.places}
    for place in grown.places:
        grown.worker(place)
    for place in grown.places:
        eventually(f"{place.folder.name} is ready", place.ready, READY_SECONDS)

    # In the night, with a run at work: the one that leads, a worker and its run.
    with db.write_alone(grown.engine, RULE):
        run, first = at_work(grown), grown.leader()
        assert first in ups
        kill(first, parent(run), run)
        grown.other_leads(than=first)
    second = grown.leader()
    eventually("the night is decided", lambda: not undecided(grown), 180)
    again = grown.up(ups[first])

    # In the morning, in the middle of sending: the one that leads now.
    hanging: list[str] = []

    def rule(stage: str, mail: str) -> str | None:
        if stage != "body" or len(catcher.messages) < TAKEN:
            return None
        hanging.append(mail)
        return "hang"

    catcher.rule = rule
    eventually(f"{ups[first].folder.name} is ready again", ups[first].ready, READY_SECONDS)
    grown.set_clock(MONDAY, 8, 45)
    eventually("mails hang", lambda: hanging and len(sent(grown)) == len(catcher.messages), 120)
    assert second is not None
    kill(second)
    catcher.rule = None
    grown.other_leads(than=second)
    assert grown.leader() == again.pid
    eventually("all is sent", lambda: all(row.state == MessageState.SENT for row in due(grown)), 120)

    arrived = Counter(mail.message_id for mail in catcher.messages)
    assert arrived == Counter(sent(grown))
    assert {*hanging} <= {*arrived}
    assert owing <= {row.flow for row in grown.runs(state="finished", as_of=MONDAY)}
    assert [row.flow for row in grown.runs(state="crashed")] == [RULE]
    eventually("nothing stands Running", lambda: not going(grown), 120)
