from datetime import UTC, datetime

from sqlalchemy import Engine

from kamflow.models.message import StoredMessage
from kamflow.models.nudge import Telling
from kamflow.models.person import Person
from kamflow.store.engine import write
from tests.acts.world import Act, World, store

FACTS = {
    "year": {"first": "2027-01-01", "last": "2027-12-31"},
    "form": "short",
    "hand_in": "2026-10-30",
    "limit": "budget",
    "limit_on": "2026-10-31",
    "steps_done": [1],
    "step": 2,
    "step_due": "2026-09-11",
    "missing": [3, 5, 1],
    "questions": [],
    "returned_on": None,
    "submitted_on": None,
    "author": 1,
}


def test_it_is_explained_in_the_persons_language(
    world: World, kamflow: Act, nudge: Act, engine: Engine
) -> None:
    number = nudge(facts=FACTS)
    german = kamflow("why", number, "--as", "witt")
    assert german.code == 0, german.err
    assert "Schwelle: Abgabe spätestens 62 Kalendertage vor dem Geschäftsjahr\n" in german.out
    assert "Erledigt, sobald der Plan abgegeben ist" in german.out
    assert "Muster AG" in german.out
    assert "Gesagt wurde es: noch niemandem" in german.out
    with write(engine) as session:
        session.get_one(Person, world.person("witt")).language = "en"
    assert "Closes as soon as the plan is submitted" in kamflow("why", number, "--as", "witt").out


def test_it_says_who_was_told_and_by_which_message(
    world: World, kamflow: Act, nudge: Act, engine: Engine
) -> None:
    number, at = nudge(facts=FACTS), datetime(2026, 7, 2, 6, 30, tzinfo=UTC)
    with write(engine) as session:
        message = store(
            session,
            StoredMessage(
                key="digest:1",
                kind="nudges",
                channel="email",
                template="digest",
                facts={},
                state="sent",
                created_at=at,
                due_at=at,
            ),
        )
        telling = {"number": 1, "reason": "opened", "told_on": at.date(), "message_id": message.id}
        store(session, Telling(nudge_id=number, person_id=world.person("witt"), **telling))
    said = kamflow("why", number, "--as", "witt").out
    assert "  2. Juli 2026: Jürgen Witt, 1. Mal (neu), per E-Mail, gesendet" in said
    assert kamflow("why", number, "--as", "witt", "--json").json["told"][0]["message"] == message.id


def test_a_closed_nudge_says_how_it_closed_for_eight_weeks(kamflow: Act, nudge: Act) -> None:
    fresh, old = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    number = nudge(closed_at=fresh, closed_on=fresh.date(), closed_as="done")
    assert "geschlossen am 1. September 2026 (erledigt)" in kamflow("why", number, "--as", "witt").out
    number = nudge(step="x", closed_at=old, closed_on=old.date(), closed_as="done")
    assert kamflow("why", number, "--as", "witt").code == 2


def test_it_is_for_the_person_and_the_deputy(kamflow: Act, nudge: Act) -> None:
    number = nudge(facts=FACTS)
    assert kamflow("why", number, "--as", "arnst").code == 0
    for stranger in (["--as", "berg"], []):
        refused = kamflow("why", number, *stranger)
        assert (refused.code, "Witt" in refused.err) == (2, False)
    assert kamflow("why", number, "--as", "berg", "--break-glass", "asked by Witt himself").code == 0
