"""What a word closes of a meeting or a survey stays closed: the rule reads the word that was given."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, update

from kamflow.acts import briefing as briefings
from kamflow.acts import done as doing
from kamflow.acts import meeting as meetings
from kamflow.acts import meeting_held
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_held import Held
from kamflow.acts.meeting_round import Booking
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.store import engine as db
from tests.world import World

M = date(2026, 11, 10)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    return world.account("Muster AG", witt, account_class="key")


@pytest.fixture
def paul(world: World, muster: Account) -> Place:
    told = {"survey_consent": "given", "consent_on": date(2026, 1, 1), "region": "BY"}
    contact = world.add(Contact(key="paul", last_name="Paul", email="paul@example.de", **told))
    return world.add(Place(contact_id=contact.id, account_id=muster.id, influence=9))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def act(world: World, witt: Person, day: date, call: Callable[[Acting], Any]) -> None:
    """Let Witt do something on a day: `call` is handed what acts are handed."""
    with db.write(world.engine) as session:
        call(Acting(session, witt.id, noon(day), world.settings.company))


def say_done(world: World, witt: Person, step: str, day: date) -> str:
    [nudge] = [each for each in world.nudges() if each.step == step]
    with db.write(world.engine) as session:
        said = doing.done(session, witt.id, nudge.id or 0, noon(day), world.policy, world.settings.company)
    return said.state


def steps(world: World, rule: str, day: date) -> list[str]:
    world.night(rule, day)
    return sorted(nudge.step for nudge in world.nudges())


def test_agenda_minutes_and_follow_up_are_closed_by_word(
    world: World, witt: Person, muster: Account, paul: Place
) -> None:
    rule, account, contacts = "annual_meeting", muster.id or 0, [paul.contact_id]
    book = Booking(account, M, contacts=contacts)
    act(world, witt, date(2026, 8, 3), lambda desk: meetings.book(desk, book))

    assert steps(world, rule, date(2026, 10, 14)) == ["agenda"]
    assert say_done(world, witt, "agenda", date(2026, 10, 14)) == "closed"
    assert steps(world, rule, date(2026, 10, 15)) == []
    act(world, witt, M, lambda desk: meeting_held.held(desk, Held(account)))
    assert steps(world, rule, date(2026, 11, 11)) == ["follow_up", "minutes"]
    for step in ("minutes", "follow_up"):
        assert say_done(world, witt, step, date(2026, 11, 11)) == "closed"
    assert steps(world, rule, date(2026, 11, 12)) == []


def test_a_release_is_a_fact_that_no_word_can_stand_for(
    world: World, witt: Person, muster: Account, paul: Place
) -> None:
    rule, account, day = "annual_meeting", muster.id or 0, date(2026, 10, 28)
    book = Booking(account, M, contacts=[paul.contact_id])
    act(world, witt, date(2026, 8, 3), lambda desk: meetings.book(desk, book))
    assert steps(world, rule, day) == ["agenda", "release"]

    assert say_done(world, witt, "release", day) == "quiet"
    act(world, witt, day, lambda desk: briefings.release(desk, account))
    assert steps(world, rule, date(2026, 10, 29)) == ["agenda"]


def test_the_list_of_a_survey_a_call_and_an_answer_are_closed_by_word(
    world: World, witt: Person, muster: Account, paul: Place
) -> None:
    rule, asked_on = "survey_dispatch", date(2026, 7, 14)
    act(world, witt, date(2026, 5, 4), lambda desk: meetings.book(desk, Booking(muster.id or 0, M)))
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    wave = world.add(SurveyWave(account_id=muster.id, send_on=asked_on, created_at=noon(asked_on), **year))
    asked = world.add(SurveyInvitation(wave_id=wave.id, contact_id=paul.contact_id))

    assert steps(world, rule, date(2026, 7, 10)) == ["list"]
    assert say_done(world, witt, "list", date(2026, 7, 10)) == "closed"
    assert steps(world, rule, date(2026, 7, 13)) == []
    assert steps(world, rule, asked_on) == []
    with db.write(world.engine) as session:
        session.execute(update(StoredMessage).values(state="sent", sent_at=noon(asked_on)))
    assert steps(world, rule, date(2026, 7, 22)) == ["call"]
    assert say_done(world, witt, "call", date(2026, 7, 22)) == "closed"
    said = noon(date(2026, 7, 23))
    world.add(SurveyAnswer(invitation_id=asked.id, score=4, first_at=said, changed_at=said))
    assert steps(world, rule, date(2026, 7, 24)) == ["answer"]
    assert say_done(world, witt, "answer", date(2026, 7, 24)) == "closed"
    assert steps(world, rule, date(2026, 7, 27)) == []
