"""Papers between the night and their sending: who may read them, and what the KAM made of them meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import col

from kamflow.acts import briefing
from kamflow.acts.acting import Acting
from kamflow.models.account import Account, Team
from kamflow.models.meeting import MeetingAttendee, MeetingRound
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.settings import Delivery, Slack
from kamflow.store import engine as db
from kamflow.store import new_messages
from notifications import outbox
from notifications.message import Mail
from notifications.prepare import Prepared, Renderers, prepare
from notifications.unsent import Cancelled
from tests.meeting_rows import attend, change, mark, meeting, messages, talk
from tests.notifications.test_papers import RULE, M, causes, on
from tests.store.test_meeting_year import papers
from tests.world import World

# What is checked and rendered is the same on both databases.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OUT = date(2026, 11, 5)


@pytest.fixture
def world(engine: Engine) -> World:
    made = World(engine)
    made.settings = made.settings.model_copy(update={"delivery": Delivery(mode="live")})
    return made


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt", language="en")


@pytest.fixture
def kruse(world: World) -> Person:
    return world.person("Kruse", "sponsor", language="en")


@pytest.fixture
def muster(world: World, witt: Person, kruse: Person) -> Account:
    account = world.account("Müster AG", witt, account_class="key")
    world.add(Team(person_id=kruse.id, account_id=account.id, role="sponsor"))
    return account


@pytest.fixture
def booked(world: World, witt: Person, muster: Account) -> MeetingRound:
    people = (witt, world.place("Knut", muster, 8))
    return talk(world, meeting(world, muster), M, people, fixed_on=date(2026, 8, 10), place="Halle 4")


@pytest.fixture
def says(world: World, witt: Person, muster: Account) -> Callable[..., Any]:
    """The KAM looks the briefing through on the morning of the day on which it goes out."""

    def call(act: Callable[..., Any], *words: str) -> Any:
        with db.write(world.engine) as session:
            at = datetime.combine(OUT, time(6), UTC)
            return act(Acting(session, witt.id, at, world.settings.company), muster.id, *words)

    return call


def before(world: World, *days: tuple[int, int]) -> None:
    """Nights of which everything was sent, and then that before the briefing."""
    for month, day in days:
        world.night(RULE, date(2026, month, day))
        mark(world, "sent")
    world.night(RULE, OUT)


def take_off(world: World, person: Person) -> None:
    with db.write(world.engine) as session:
        session.execute(delete(MeetingAttendee).where(col(MeetingAttendee.person_id) == person.id))


def sending(world: World) -> list[Prepared]:
    """What would become of everything in the outbox in the morning."""
    morning = datetime.combine(OUT, time(9, 0), UTC)
    with db.write(world.engine) as session:
        batch = outbox.claim(session, "test", morning, timedelta(minutes=5), 50)
    named = [replace(each, mail_id=f"<{each.id}@example.com>") for each in batch]
    return prepare(world.engine, named, world.settings, morning, Renderers())


def mail(world: World, paper: str, day: date = OUT) -> Mail:
    outcome = on(world, day)[paper].outcome
    assert isinstance(outcome, Mail)
    return outcome


def test_who_was_taken_off_after_the_night_gets_neither_briefing_nor_entry(
    world: World, booked: MeetingRound, kruse: Person
) -> None:
    extern = world.person("Extern", "specialist", assistant_id=world.person("Sommer", "assistant").id)
    attend(world, booked, extern)
    world.night(RULE, OUT)
    assert len([each for each in messages(world, "document") if each.facts["person"] == extern.id]) == 2
    take_off(world, extern)

    found: dict[tuple[str, int], set[str]] = {}
    for each in sending(world):
        found.setdefault((each.message.kind, each.message.facts["person"]), set()).update(causes([each]))

    assert (found["document", extern.id], found["calendar", extern.id]) == (
        {"not-expected"},
        {"not-expected"},
    )
    assert found["document", kruse.id] == {"sent"}  # the sponsor, who does not attend


def test_who_handed_the_account_over_after_the_night_gets_no_draft(
    world: World, booked: MeetingRound, muster: Account, witt: Person
) -> None:
    world.night(RULE, OUT)
    take_off(world, witt)
    with db.write(world.engine) as session:
        held = col(Team.person_id) == witt.id
        session.execute(update(Team).where(held).values(until_day=date(2026, 11, 4)))
    world.add(Team(person_id=world.person("Neu").id, account_id=muster.id, role="kam", from_day=OUT))

    assert causes([on(world, OUT)["draft"]]) == ["not-expected"]


def test_what_is_struck_or_released_after_the_night_counts(
    world: World, booked: MeetingRound, muster: Account, witt: Person, says: Callable[..., Any]
) -> None:
    secret, kept = (world.measure(muster, date(2026, 12, 1), witt, title=name) for name in ("Exit", "Prices"))
    before(world, (8, 11), (10, 27))
    says(briefing.strike, f"measure.{secret.id}")
    says(briefing.correct, f"measure.{kept.id}", "from May on")
    says(briefing.point, "avoid", "the lawsuit")
    says(briefing.release)

    text = mail(world, "briefing").text

    assert "Exit" not in text
    assert "Corrected: from May on" in text
    assert "the lawsuit" in text
    assert "Looked through and released" in text
    page = papers(world, "briefing")[0].facts
    assert (page["reviewed"], [line["measure"] for line in page["measures"]]) == (True, [kept.id])


def test_a_line_restored_after_the_night_stands_where_it_stood(
    world: World, booked: MeetingRound, muster: Account, witt: Person, says: Callable[..., Any]
) -> None:
    rows = [world.measure(muster, date(2026, 12, day), witt, title=f"Title {day}") for day in (1, 2, 3)]
    for row in rows[:2]:
        says(briefing.strike, f"measure.{row.id}")
    before(world, (8, 11), (10, 27))
    says(briefing.restore, f"measure.{rows[0].id}")

    text = mail(world, "briefing").text

    assert text.index("Title 1") < text.index("Title 3")
    assert "Title 2" not in text


def test_a_paper_is_stale_once_the_meeting_has_begun(world: World, booked: MeetingRound) -> None:
    before(world, (8, 11), (10, 27))
    mark(world, "sent")
    change(world, booked, starts_at=datetime(2026, 11, 10, 8, 30, tzinfo=UTC))
    world.night(RULE, M)
    outcome = on(world, M)["morning"].outcome  # at nine
    assert isinstance(outcome, Cancelled)
    assert outcome.why == "meeting-over"


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        ({"day": date(2026, 11, 17)}, "New date 17 November: annual meeting with Müster AG"),
        (
            {"starts_at": datetime(2026, 11, 10, 9, tzinfo=UTC)},
            "New date 10 November: annual meeting with Müster AG",
        ),
        ({"place": "Raum 2"}, "Other place on 10 November: annual meeting with Müster AG"),
    ],
)
def test_an_entry_is_called_a_new_date_only_where_day_or_time_changed(
    world: World, booked: MeetingRound, changed: dict[str, Any], title: str
) -> None:
    world.night(RULE, date(2026, 8, 11))
    mark(world, "sent")
    change(world, booked, entry_revision=1, **changed)
    world.night(RULE, date(2026, 8, 12))
    assert mail(world, "request", date(2026, 8, 12)).subject.startswith(title)


@pytest.mark.parametrize(("paper", "other"), [("request", False), ("draft", True)])
def test_a_calendar_entry_never_goes_by_slack_instead(
    world: World, booked: MeetingRound, paper: str, other: bool
) -> None:
    world.night(RULE, date(2026, 10, 27))
    slack = world.settings.model_copy(update={"slack": Slack(token="xoxb-test")})
    assert on(world, date(2026, 10, 27), slack)[paper].other_way is other


def test_a_page_that_cannot_be_read_does_not_hold_up_the_others(world: World, booked: MeetingRound) -> None:
    before(world)
    paper = messages(world, "document")[0]
    with db.write(world.engine) as session:
        said = {**session.get_one(StoredMessage, paper.id).facts, "left_out": [{"list": "nonsense"}]}
        new_messages.say_anew(session, {paper.id: said})

    fates = {each.message.id: each.outcome for each in sending(world)}

    assert fates.pop(paper.id).cause == "not-rendered"
    assert fates
    assert all(isinstance(outcome, Mail) for outcome in fates.values())
