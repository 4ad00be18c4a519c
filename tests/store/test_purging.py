"""What is older than [retention] allows goes, what something still rests on stays; on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.errors import NotAllowed
from kamflow.models.event import Event, RelayBatch, RelayedEvent
from kamflow.models.message import Document, MessageStep, StoredMessage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.run import FlowRun
from kamflow.models.tables import METADATA
from kamflow.models.visit import WebSession
from kamflow.store import messages, purging, retained
from kamflow.store.engine import read, write
from kamflow.upkeep import Retention
from tests.conftest import NOW
from tests.world import World

BERLIN = ZoneInfo("Europe/Berlin")
AGO = {name: NOW - timedelta(days=days) for name, days in (("old", 500), ("weeks", 70), ("new", 3))}


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def purge(world: World, *, works_council: bool = True, **days: int) -> dict[str, int]:
    old = retained.limits(Retention(**days), NOW, BERLIN, works_council=works_council)
    gone, over = purging.purge(world.engine, old, lambda: True)
    assert over
    return gone


def left(world: World, column: Any) -> list[Any]:
    with read(world.engine) as session:
        return sorted(session.execute(select(col(column))).scalars())


def message(world: World, key: str, at: datetime, person: int, **more: Any) -> StoredMessage:
    said = {"kind": "nudges", "channel": "email", "template": "now", "state": "sent", "facts": {}} | more
    row = world.add(StoredMessage(key=key, person_id=person, created_at=at, due_at=at, sent_at=at, **said))
    world.add(MessageStep(message_id=row.id, at=at, state=row.state))
    return row


def nudge(world: World, name: str, owner: int, closed_at: datetime | None) -> StoredNudge:
    day = AGO["old"].date()
    return world.add(
        StoredNudge(
            identity=name, rule="measure_followup", subject="-", period="1", step="due", owner_id=owner,
            since=day, due_on=day, group_key=name, facts={}, why={}, fingerprint=name, opened_at=AGO["old"],
            opened_on=day, staged_on=day, closed_at=closed_at, closed_on=closed_at and closed_at.date(),
        )
    )  # fmt: skip


def telling(world: World, nudge: StoredNudge, message: StoredMessage) -> None:
    world.add(
        Telling(
            nudge_id=nudge.id, person_id=nudge.owner_id, number=1, reason="opened",
            told_on=message.created_at.date(), message_id=message.id,
        )
    )  # fmt: skip


def test_every_table_has_its_time_or_a_reason_to_stay() -> None:
    decided = {**retained.KEPT_FOR, **retained.KEPT}
    assert set(decided) == set(METADATA.tables)
    assert not retained.KEPT_FOR.keys() & retained.KEPT.keys()
    assert set(retained.KEPT_FOR.values()) | {"answer", "contact", "rejects"} == set(Retention.model_fields)


@pytest.mark.parametrize(
    ("works_council", "stay"), [(True, ["new", "open"]), (False, ["new", "open", "weeks"])]
)
def test_a_closed_nudge_goes_with_its_tellings_and_an_open_one_keeps_them(
    world: World, works_council: bool, stay: list[str]
) -> None:
    witt = world.person("Witt").id
    for name in ("old", "weeks", "open", "new"):
        row = nudge(world, name, witt, None if name == "open" else AGO[name])
        telling(world, row, message(world, f"now:{name}", AGO["old"], witt))
    message(world, "last", AGO["new"], witt)
    purge(world, works_council=works_council, message=60)
    assert left(world, StoredNudge.identity) == stay
    assert set(left(world, Telling.nudge_id)) <= set(left(world, StoredNudge.id))
    assert "now:open" in left(world, StoredMessage.key)
    assert "now:old" not in left(world, StoredMessage.key)


def test_of_each_person_the_last_digest_stays_and_what_went_by_the_other_channel_goes_along(
    world: World,
) -> None:
    witt, kruse = (world.person(name).id for name in ("Witt", "Kruse"))
    for person in (witt, kruse):
        for day in ("2025-01-07", "2025-01-08"):
            message(world, f"digest:{person}:{day}", AGO["old"], person, template="digest")
    failed = message(world, "now:1", AGO["old"], witt, state="failed")
    message(world, "now:1:email", AGO["old"], witt, instead_of_id=failed.id)
    message(world, "last", AGO["new"], witt)
    assert purge(world)["message"] == 3
    assert left(world, StoredMessage.key) == [f"digest:{each}:2025-01-08" for each in (witt, kruse)] + [
        "last"
    ]
    assert left(world, MessageStep.message_id) == left(world, StoredMessage.id)


def test_a_paper_stays_while_its_round_is_not_over(world: World) -> None:
    from kamflow.models.meeting import AnnualMeeting, MeetingRound

    account, person = world.account("acc").id, world.person("Witt").id
    year = {"year_first": AGO["old"].date(), "year_last": NOW.date()}
    meeting = world.add(AnnualMeeting(account_id=account, **year))
    for number, at in ((1, AGO["old"]), (2, AGO["new"]), (3, AGO["new"])):
        talk = world.add(MeetingRound(meeting_id=meeting.id, number=number, day=at.date()))
        carrier = message(world, f"effect:{number}", AGO["old"], person, kind="document")
        paper = {"kind": "briefing", "facts": {}, "digest": "-", "as_of": AGO["old"].date()}
        world.add(Document(account_id=account, round_id=talk.id, message_id=carrier.id, **paper))
    purge(world, document=400, event=400)
    assert left(world, StoredMessage.key) == ["effect:2", "effect:3"]


def test_sign_ins_go_early_events_late_and_the_newest_of_a_name_never(world: World) -> None:
    names = ("session.begun", "nudge.closed", "purge.done", "plan.submitted", "works_council.switched")
    very_old = NOW - timedelta(days=900)
    for at in (very_old, AGO["weeks"], AGO["new"]):
        for name in names:
            world.add(Event(name=name, at=at, payload={}, relayed_at=at))
    waiting = world.add(Event(name="plan.submitted", at=very_old, payload={}))
    world.add(Event(name="person.absent", at=very_old, payload={}, relayed_at=very_old))
    purge(world)
    kept = left(world, Event.name)
    assert {name: kept.count(name) for name in names} == dict(zip(names, (1, 1, 2, 3, 3), strict=True))
    assert "person.absent" in kept
    assert waiting.id in left(world, Event.id)


def test_a_batch_goes_with_its_list_and_an_event_of_one_that_is_not_done_stays(world: World) -> None:
    very_old = NOW - timedelta(days=900)
    for state in ("done", "asked", "done"):
        event = world.add(Event(name="plan.submitted", at=very_old, payload={}, relayed_at=very_old))
        batch = {"flow": "plan_creation", "as_of": very_old.date(), "accounts": [], "last_event_id": event.id}
        row = world.add(RelayBatch(state=state, created_at=very_old, done_at=very_old, **batch))
        world.add(RelayedEvent(event_id=event.id, batch_id=row.id))
    purge(world)
    assert left(world, RelayBatch.state) == ["asked", "done"]
    assert len(left(world, RelayedEvent.event_id)) == 2


def test_days_are_owed_before_and_after_alike(world: World) -> None:
    from kamflow.store import ledger, run_rows

    def run(days_ago: int, state: str, whole: bool = True) -> None:
        day = NOW.date() - timedelta(days=days_ago)
        world.add(FlowRun(flow="intake", as_of=day, state=state, whole=whole, started_at=AGO["old"]))

    for days_ago, state in ((700, "finished"), (500, "finished"), (499, "failed"), (480, "finished")):
        run(days_ago, state)
    run(450, "failed")
    run(440, "finished", whole=False)
    purge(world)
    with read(world.engine) as session:
        first, last = run_rows.first_day(session, "intake"), ledger.last_finished(session, "intake")
    assert first == last == NOW.date() - timedelta(days=480)
    assert len(left(world, FlowRun.id)) == 3


def test_texts_of_answers_go_and_their_scores_stay(world: World) -> None:
    from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave

    very_old, account = NOW - timedelta(days=1_200), world.account("acc")
    period = {"year_first": very_old.date(), "year_last": very_old.date(), "send_on": very_old.date()}
    wave = world.add(SurveyWave(account_id=account.id, created_at=very_old, **period))
    for name, at in (("Lech", very_old), ("Knut", AGO["new"])):
        contact = world.place(name, account).contact_id
        asked = world.add(
            SurveyInvitation(wave_id=wave.id, contact_id=contact, struck_on=at.date(), struck_reason="ill")
        )
        said = {"score": 3, "comment": name, "first_at": at, "changed_at": at}
        world.add(SurveyAnswer(invitation_id=asked.id, **said))
    assert purge(world) == {"survey_answer": 1, "survey_invitation": 1}
    assert purge(world) == {}
    with read(world.engine) as session:
        rows = session.execute(select(col(SurveyAnswer.score), col(SurveyAnswer.comment))).all()
    assert sorted(rows, key=str) == [(3, "Knut"), (3, None)]


def test_a_purge_may_be_cut_short_and_goes_on_later(world: World) -> None:
    witt = world.person("Witt").id
    with write(world.engine) as session:
        session.add_all(
            WebSession(token_hash=str(n), person_id=witt, how="link", made_at=AGO["old"], ends_at=AGO["old"])
            for n in range(1_201)
        )
    turns = iter((True, True, False))
    old = retained.limits(Retention(), NOW, BERLIN, works_council=True)
    gone, over = purging.purge(world.engine, old, lambda: next(turns))
    assert (gone, over) == ({"web_session": 500}, False)
    assert purge(world) == {"web_session": 700}, "the newest row keeps its number from the next one"


def test_a_limit_is_the_beginning_of_a_local_day() -> None:
    old = retained.limits(Retention(), NOW, BERLIN, works_council=True)
    assert old.at["nudge"] == datetime(2026, 7, 12, 22, tzinfo=UTC)
    assert old.day["message"] == (NOW - timedelta(days=400)).date()


def test_what_a_message_said_goes_before_the_record_that_it_was_sent(world: World) -> None:
    witt = world.person("Witt").id
    year = NOW - timedelta(days=450)
    for name, at in (("old", AGO["old"]), ("year", year), ("new", AGO["new"])):
        message(world, name, at, witt, kind="notice", template="rejects", state="failed")
    message(world, "last", AGO["new"], witt)

    gone = purge(world, message=400, event=480)

    assert (gone["message"], gone["message_facts"]) == (1, 2)
    assert left(world, StoredMessage.key) == ["last", "new", "year"]
    with write(world.engine) as session, pytest.raises(NotAllowed, match="not kept any more"):
        messages.retry(session, left(world, StoredMessage.id)[0], NOW)
