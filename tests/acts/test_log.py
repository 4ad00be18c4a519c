from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.acts.log import Entry, log
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.interaction import Encounter, Interaction
from kamflow.store.engine import write
from tests.acts.world import Act, World, build, store

TODAY = date(2026, 9, 7)


@pytest.fixture
def tell(world: World, given: SimpleNamespace) -> Act:
    """`tell("witt", "paul knut")` logs as Witt; returns what is said of each pair."""

    def call(
        persons: str, contacts: str, actor: str | None = "witt", account: str | None = None, **more: Any
    ) -> list[str]:
        entry = Entry(
            persons=[world.person(key) for key in persons.split()],
            contacts=[world.contact(key) for key in contacts.split()],
            account=world.account(account) if account else None,
            **more,
        )
        acting = world.person(actor) if actor else None
        return [r.said for r in log(world.session, acting, entry, given.now, given.company)]

    return call


def states(session: Session) -> list[tuple[date, str]]:
    rows = session.execute(select(Interaction).order_by(col(Interaction.id))).scalars()
    return [(row.day, row.state) for row in rows]


def test_a_contact_is_counted_and_told_as_an_event(world: World, tell: Act) -> None:
    assert tell("witt", "paul") == ["counted"]
    event = world.events()[-1]
    assert (event.name, event.account_id) == ("interaction.held", world.account("muster"))
    assert event.payload["pairs"] == [[world.person("witt"), world.contact("paul")]]
    assert event.payload["day"] == "2026-09-07"


def test_the_same_pair_counts_once_a_day(world: World, tell: Act) -> None:
    assert tell("witt", "paul") == ["counted"]
    assert tell("witt", "paul") == ["already counted"]
    assert len(states(world.session)) == 1
    assert len(world.events("interaction")) == 1


def test_one_visit_fills_four_cells(world: World, tell: Act) -> None:
    assert tell("witt kruse", "knut paul") == ["counted"] * 4
    assert len(states(world.session)) == 1
    assert len(world.session.execute(select(Encounter)).all()) == 4


def test_what_is_new_in_a_visit_is_added_to_what_is_known(world: World, tell: Act) -> None:
    tell("witt", "paul")
    assert tell("witt kruse", "paul") == ["already counted", "counted"]


def test_a_day_to_come_is_booked(world: World, tell: Act) -> None:
    assert tell("witt", "paul", day=TODAY + timedelta(days=9)) == ["booked"]
    assert world.events()[-1].name == "interaction.booked"


def test_a_booking_turns_into_the_contact(world: World, tell: Act) -> None:
    assert tell("witt", "paul", state="booked") == ["booked"]
    assert tell("witt", "paul") == ["counted"]
    assert states(world.session) == [(TODAY, "held")]


def test_only_who_came_is_taken_out_of_a_booking(world: World, tell: Act) -> None:
    tell("witt kruse", "paul", state="booked")
    assert tell("witt", "paul") == ["counted"]
    assert states(world.session) == [(TODAY, "booked"), (TODAY, "held")]
    assert len(world.session.execute(select(Encounter)).all()) == 2


def test_a_booking_of_another_system_is_left_as_it_told_it(world: World, tell: Act) -> None:
    tell("witt", "paul", state="booked")
    world.session.execute(select(Interaction)).scalars().one().source = "salesforce"
    assert tell("witt", "paul") == ["counted"]
    assert states(world.session) == [(TODAY, "booked"), (TODAY, "held")]
    assert tell("witt", "paul") == ["already counted"]


def test_a_cancelled_contact_counts_no_more(world: World, tell: Act) -> None:
    tell("witt", "paul")
    assert tell("witt", "paul", state="cancelled") == ["cancelled"]
    assert states(world.session) == [(TODAY, "cancelled")]
    assert tell("witt", "paul", state="cancelled") == ["already cancelled"]
    assert tell("witt", "paul") == ["counted"]


def test_there_must_be_something_to_cancel(tell: Act) -> None:
    with pytest.raises(NotFound, match="Jürgen Witt x Paul"):
        tell("witt", "paul", state="cancelled")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"state": "held", "day": TODAY + timedelta(days=1)}, "still to come"),
        ({"state": "booked", "day": TODAY - timedelta(days=1)}, "is past"),
        ({"state": "gone"}, "expected one of counted|expected one of held"),
        ({"kind": "dinner"}, "expected one of visit"),
    ],
)
def test_what_does_not_fit_is_refused(tell: Act, more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tell("witt", "paul", **more)


def test_a_contact_with_two_places_needs_an_account(world: World, tell: Act) -> None:
    with pytest.raises(InputError, match=r"Muster AG \(muster\), Andere GmbH \(andere\)"):
        tell("witt", "doppel")
    assert tell("witt", "doppel", account="muster") == ["counted"]
    assert world.events()[-1].account_id == world.account("muster")


def test_a_contact_of_a_site_may_be_met_for_the_group(world: World, tell: Act) -> None:
    assert tell("witt", "paul", account="gruppe") == ["counted"]
    assert world.events()[-1].account_id == world.account("muster")


def test_a_contact_met_at_the_wrong_account_is_refused(tell: Act) -> None:
    with pytest.raises(InputError, match="no place at Andere GmbH"):
        tell("witt", "paul", account="andere")


def test_a_contact_without_a_place_needs_an_account(world: World, tell: Act) -> None:
    from kamflow.models.contact import Contact

    world.contacts["neu"] = store(world.session, Contact(key="neu", last_name="Neu"))
    with pytest.raises(InputError, match="no place at any account"):
        tell("witt", "neu")
    assert tell("witt", "neu", account="muster") == ["counted"]


def test_others_log_only_for_their_accounts(tell: Act) -> None:
    assert tell("witt", "paul", actor="kruse") == ["counted"]  # sponsor of the group
    assert tell("witt", "knut", actor="berg") == ["counted"]  # head of KAM
    with pytest.raises(NotAllowed, match="the team of Muster AG"):
        tell("witt", "paul", actor="fremd")
    assert tell("fremd", "paul", actor="fremd") == ["counted"]  # was there


def test_who_stands_in_for_somebody_logs_their_contacts_and_no_others(world: World, tell: Act) -> None:
    from kamflow.models.person import Person

    world.session.get_one(Person, world.person("witt")).deputy_id = world.person("fremd")
    world.session.flush()
    assert tell("witt", "paul", actor="fremd") == ["counted"]
    with pytest.raises(NotAllowed, match="the team of Muster AG"):
        tell("kruse", "paul", actor="fremd")


def test_to_whom_the_question_for_contacts_was_handed_may_log_them(world: World, tell: Act) -> None:
    facts = {"no_data": True, "cells": []}
    fremd = world.person("fremd")
    world.nudge(rule="contact_shortfall", step="contacts", facts=facts, assignee_id=fremd)
    assert tell("witt", "paul", actor="fremd") == ["counted"]


def test_operations_enter_what_took_place(world: World, tell: Act) -> None:
    assert tell("witt", "paul", actor=None) == ["counted"]
    assert world.events()[-1].actor_id is None


def test_who_has_left_acts_no_more(tell: Act) -> None:
    with pytest.raises(NotAllowed, match="Willi Weg left on 2026-06-30"):
        tell("gone", "paul", actor="gone")


def test_clicks_at_the_same_moment_count_once(engine: Engine, given: SimpleNamespace) -> None:
    with write(engine) as session:
        world = build(session)
    entry = Entry([world.person("witt")], [world.contact("paul")])

    def click(_: int) -> str:
        with write(engine) as session:
            return log(session, world.person("witt"), entry, given.now, given.company)[0].said

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(click, range(4)))
    assert sorted(said) == ["already counted"] * 3 + ["counted"]
