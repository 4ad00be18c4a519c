"""One id leads from what happened to the message that tells of it: through the tables and the log."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, select

from flows import logs, telling
from flows.relay import relay_events
from flows.runtime import Home
from kamflow.demo.live import Here
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.event import Event, RelayBatch
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.run import FlowRun
from kamflow.settings import Delivery, Smtp
from kamflow.store import adopted, traces
from kamflow.store import engine as db
from tests.surveyed import Surveyed
from tests.web.survey.conftest import Asking
from tests.world import World

ANSWER = {"version": "0", "score": "2", "comment": "Zu spät, Herr Geheim."}
NAMES = ("witt", "kruse", "muster", "geheim", "example")


@pytest.fixture
def catcher() -> Iterator[SmtpCatcher]:
    with running_catcher() as smtp:
        yield smtp


@pytest.fixture
def answered(sqlite_engine: Engine, tmp_path: Path, catcher: SmtpCatcher) -> Home:
    """A contact of Muster AG has just given a 2 on the page."""
    asking = Asking(Surveyed(sqlite_engine))
    smtp = Smtp(host="127.0.0.1", port=catcher.port, tls="none", sender="kamflow <kamflow@example.com>")
    asking.knowing(home=tmp_path, smtp=smtp, delivery=Delivery(mode="live"))
    asking.outside().post(asking.link(), ANSWER)
    with db.write(sqlite_engine) as session:
        adopted.adopt(session, tmp_path, asking.now)
    return Home(asking.settings, asking.world.policy, sqlite_engine, lambda: asking.now)


def rows(home: Home, model: Any) -> list[Any]:
    with db.read(home.engine) as session:
        return list(session.execute(select(model).order_by(model.id)).scalars())


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def test_a_survey_answer_is_followed_to_the_mail_that_tells_of_it(
    answered: Home, catcher: SmtpCatcher, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(answered.now, "json")
    asyncio.run(relay_events(answered, Here(answered)))
    asyncio.run(telling.tell(answered))

    [event] = [each for each in rows(answered, Event) if each.name == "survey.answered"]
    trace = f"event-{event.id}"
    [batch], [run] = rows(answered, RelayBatch), rows(answered, FlowRun)
    [nudge], [told], [message] = (rows(answered, each) for each in (StoredNudge, Telling, StoredMessage))
    assert {batch.trace, run.trace, nudge.trace, message.trace} == {trace}
    assert (told.nudge_id, told.message_id, message.state) == (nudge.id, message.id, "sent")
    assert [mail.message_id for mail in catcher.messages] == [message.mail_id]
    written = [each for each in rows(answered, Event) if each.trace]
    assert {(each.name, each.trace) for each in written} == {("nudge.opened", trace)}

    said = capsys.readouterr().err
    story = [each["event"] for each in lines(said) if each.get("trace") == trace]
    # In Prefect's place the run is done before its number is known.
    assert story == [
        "run.started", "run.finished", "relay.asked", "message.composed", "message.marked",
    ]  # fmt: skip
    assert not [name for name in NAMES if name in said.lower()]


def test_a_run_of_the_night_has_a_trace_of_its_own_and_what_it_sets_in_motion_goes_on_with_it(
    sqlite_engine: Engine,
) -> None:
    world = World(sqlite_engine)
    world.account("Muster AG", world.person("Witt"), account_class="key")
    world.night("plan_creation", date(2026, 9, 7))
    home = world.home()
    [run] = rows(home, FlowRun)

    assert {each.trace for each in rows(home, StoredNudge)} == {run.trace} == {f"run-{run.id}"}
    assert {each.trace for each in rows(home, Event) if each.name.startswith("nudge.")} == {run.trace}
    assert {each.trace for each in rows(home, StoredMessage)} == {run.trace}
    assert traces.current() is None


def test_a_line_of_another_task_does_not_get_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(lambda: datetime(2026, 9, 7, tzinfo=UTC), "json")
    log = structlog.get_logger()

    async def one(number: int) -> None:
        with traces.following(f"event-{number}", message=number):
            await asyncio.sleep(0)
            log.info("message.marked")

    async def both() -> None:
        await asyncio.gather(one(1), one(2))
        log.info("clock.delivered")

    asyncio.run(both())
    said = lines(capsys.readouterr().err)
    assert [(each.get("message"), each.get("trace")) for each in said] == [
        (1, "event-1"), (2, "event-2"), (None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (["kamflow", "event-7"], "event-7"),
        (["run-12"], "run-12"),
        (["event-", "x event-7"], None),
        ([], None),
    ],
)
def test_the_trace_of_a_run_in_prefect_is_among_its_tags(tags: list[str], found: str | None) -> None:
    assert traces.among(tags) == found
