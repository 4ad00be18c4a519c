"""Was anything lost, doubled or left standing? Each finding is a sentence; none means that all is well."""

import json
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from kamflow.models.event import Event, RelayBatch
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.run import FlowRun, RunState
from kamflow.models.watch import Incident
from kamflow.store import engine as db
from tests.end_to_end.chaos.days import Days
from tests.end_to_end.chaos.household import Household, now
from tests.end_to_end.chaos.trouble import Trouble
from tests.flows.prefect_api import environment, eventually

UNFINISHED = (MessageState.WAITING, MessageState.SENDING, MessageState.RETRYING, MessageState.AMBIGUOUS)


@dataclass(frozen=True)
class Verdict:
    """What is wrong, and what was counted."""

    wrong: tuple[str, ...]
    counted: dict[str, object]


def judged(home: Household, days: Days, trouble: Trouble, last: date) -> Verdict:
    """Look at everything once all is calm again; `kamflow up` still runs."""
    engine = days.engine
    wrong = [*_ledger(days, engine), *_events(engine), *_outbox(home, engine), *_prefect(home)]
    wrong += [*_repeated(home, last), *_told_once(engine)]
    return Verdict(tuple(wrong), _counted(home, engine, days, trouble))


def settled(engine: Engine) -> bool:
    """Whether nothing more is to be sent: what was begun is ended, what waits is for a later hour."""
    state = col(StoredMessage.state)
    begun = state.in_([each for each in UNFINISHED if each != MessageState.WAITING])
    due = (state == MessageState.WAITING) & (col(StoredMessage.due_at) <= now())
    with db.read(engine) as session:
        return session.execute(select(func.count()).where(begun | due)).scalar_one() == 0


def _ledger(days: Days, engine: Engine) -> Iterator[str]:
    for flow, day in days.owed():
        yield f"{flow} was never decided for {day}"
    with db.read(engine) as session:
        query = select(col(FlowRun.flow), col(FlowRun.as_of)).where(col(FlowRun.state) == RunState.RUNNING)
        for flow, day in session.execute(query):
            yield f"the ledger says that {flow} of {day} is running"


def _events(engine: Engine) -> Iterator[str]:
    with db.read(engine) as session:
        waiting = session.execute(select(func.count()).where(col(Event.relayed_at).is_(None))).scalar_one()
        batches = session.execute(
            select(col(RelayBatch.flow), col(RelayBatch.as_of), col(RelayBatch.cause)).where(
                (col(RelayBatch.state) != "done") | (col(RelayBatch.failed) > 2)
            )
        ).all()
    if waiting:
        yield f"{waiting} events were never looked at"
    for flow, day, cause in batches:
        yield f"events of {day} did not reach {flow}: {cause}"


def _outbox(home: Household, engine: Engine) -> Iterator[str]:
    """Every message was sent and arrived, or stopped with a cause; each row once, whatever was tried."""
    arrived = Counter(mail.message_id for mail in home.stage.catcher.messages)
    with db.read(engine) as session:
        # The company's past was not sent by us.
        ours = select(StoredMessage).where(col(StoredMessage.created_at) >= home.began)
        rows = session.execute(ours).scalars().all()
    for row in rows:
        if row.state in UNFINISHED and _overdue(row):
            yield f"message {row.id} ({row.kind}, {row.channel}) is still {row.state}: {row.cause}"
        if row.state == MessageState.FAILED:
            yield f"message {row.id} ({row.kind}, {row.channel}) failed: {row.cause}"
        if row.state == MessageState.SENT and row.channel == "email" and not arrived[row.mail_id or ""]:
            yield f"message {row.id} ({row.kind}) counts as sent, and no mail server saw it"
    known = {row.mail_id for row in rows}
    for mail in arrived.keys() - known:
        yield f"the mail {mail} arrived, and no message knows of it"


def _overdue(row: StoredMessage) -> bool:
    """Whether a message should have gone by now."""
    return row.due_at <= now()


def standing(home: Household) -> list[str] | None:
    """The runs that Prefect believes to be at work; None where it does not answer."""
    secret = home.folder / "secrets" / "prefect__auth"
    proof = (
        {"authorization": f"Basic {b64encode(secret.read_bytes().strip()).decode()}"}
        if secret.is_file()
        else {}
    )
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}}
    url = f"http://127.0.0.1:{home.prefect}/api/flow_runs/filter"
    try:
        answer = httpx.post(url, json=wanted, headers=proof, timeout=30).raise_for_status()
    except httpx.HTTPError:
        return None
    return [f"Prefect says that {run['name']} is {run['state_name']}" for run in answer.json()]


def _prefect(home: Household) -> Iterator[str]:
    """No run stands *Running*."""

    def said() -> list[list[str]]:
        found = standing(home)
        return [] if found is None else [found]

    yield from eventually("Prefect says how its runs stand", said, 120)[0]


def _repeated(home: Household, last: date) -> Iterator[str]:
    """The last day once more changes nothing and sends nothing."""
    known = environment(home.folder, **home.known())
    for command in (["run", "all", "--as-of", last.isoformat(), "--json"], ["deliver", "--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "kamflow.cli.app", *command],
            env=known,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout[-500:]}{done.stderr[-500:]}"
            yield f"kamflow {' '.join(command)} ended with {done.returncode}: {said}"
        elif again := _changes(done.stdout):
            yield f"kamflow {' '.join(command)} once more: {again}"


def _changes(said: str) -> dict[str, int]:
    names = ("opened", "updated", "closed", "sent", "failed")
    return {name: count for name, count in json.loads(said).items() if name in names and count}


def _told_once(engine: Engine) -> Iterator[str]:
    """Each trouble that was told was told once by each way, and its end once."""
    with db.read(engine) as session:
        for incident in session.execute(select(Incident)).scalars():
            if incident.closed_at is None:
                yield f"the trouble {incident.key} of {incident.opened_at} never ended"
        keys = session.execute(
            select(col(StoredMessage.key), col(StoredMessage.channel)).where(
                col(StoredMessage.kind) == "alert"
            )
        ).all()
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{key} was told {times} times"


def _counted(home: Household, engine: Engine, days: Days, trouble: Trouble) -> dict[str, object]:
    with db.read(engine) as session:
        runs = _grouped(session, col(FlowRun.state))
        messages = session.execute(
            select(col(StoredMessage.channel), col(StoredMessage.state), func.count()).group_by(
                col(StoredMessage.channel), col(StoredMessage.state)
            )
        ).all()
        incidents = _grouped(session, col(Incident.key))
    doubled = [key for key, times in home.stage.catcher.counts.items() if times > 1]
    posts = Counter(post.message_id for post in home.stage.slack.posts if post.message_id)
    return {
        "blows": dict(trouble.done),
        "outages": [f"{each.channel} {each.how} {each.seconds:.0f} s" for each in trouble.outages],
        "runs": runs,
        "messages": {f"{channel} {state}": count for channel, state, count in messages},
        "incidents": incidents,
        "mails": len(home.stage.catcher.messages),
        "posts": len(home.stage.slack.posts),
        "mails that came twice, under their one Message-ID": len(doubled),
        "posts that came twice": sum(times - 1 for times in posts.values()),
        "events of the CRM": len(days.told),
        "starts of kamflow up": home.started,
    }


def _grouped(session: Session, column: Any) -> dict[str, int]:
    return dict(session.execute(select(column, func.count()).group_by(column)).tuples().all())
