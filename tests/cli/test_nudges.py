from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.glass import BrokenGlass
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.store.engine import write
from tests.acts.world import Act, World, store


@pytest.fixture
def five(world: World, engine: Engine, nudge: Act) -> None:
    """Five more people with one open nudge each; those of two of them are overdue."""
    with write(engine) as session:
        people = [store(session, Person(key=f"p{n}", name=f"Person {n}")) for n in range(5)]
    for n, person in enumerate(people):
        due = date(2026, 9, 1) if n < 2 else date(2026, 9, 30)
        nudge(rule="measures", subject=f"p{n}", owner_id=person.id, due_on=due)


def test_ones_own_are_listed_in_full(kamflow: Act, nudge: Act) -> None:
    number = nudge(due_on=date(2026, 9, 1))
    said = kamflow("nudges", "--as", "witt")
    assert said.out.splitlines() == [
        "nudge\tdue\twhat\taccount\tstate",
        f"{number}\t2026-09-01\tplan_creation hand_in\tMuster AG\toverdue",
    ]
    [item] = kamflow("nudges", "--as", "witt", "--json").json["nudges"]
    assert (item["id"], item["account"], item["person"]) == (number, "muster", "witt")


def test_what_was_handed_over_is_seen_by_both(world: World, kamflow: Act, nudge: Act) -> None:
    nudge(assignee_id=world.person("kruse"))
    for person in ("witt", "kruse"):
        assert len(kamflow("nudges", "--as", person, "--json").json["nudges"]) == 1


def test_only_one_account(kamflow: Act, nudge: Act) -> None:
    nudge()
    assert len(kamflow("nudges", "--as", "witt", "--account", "muster", "--json").json["nudges"]) == 1
    assert kamflow("nudges", "--as", "witt", "--account", "andere").out == "nothing is open\n"


def test_operations_see_sums_of_five_people_and_no_less(kamflow: Act, nudge: Act, five: None) -> None:
    nudge()
    assert kamflow("nudges", "--json").json["sums"] == [
        {"rule": "measures", "open": 5, "overdue": None},
        {"rule": "plan_creation", "open": None, "overdue": None},
    ]
    assert "plan_creation\tnot shown: fewer than 5 people" in kamflow("nudges").out


def test_the_deputy_may_look_and_the_head_may_not(kamflow: Act, nudge: Act) -> None:
    nudge()
    assert len(kamflow("nudges", "--person", "witt", "--as", "arnst", "--json").json["nudges"]) == 1
    said = kamflow("nudges", "--person", "witt", "--as", "berg")
    assert (said.code, said.out) == (2, "")
    assert "--break-glass REASON" in said.err


def test_breaking_the_glass_is_written_down_and_told(
    world: World, kamflow: Act, nudge: Act, stored: Session
) -> None:
    nudge()
    said = kamflow("nudges", "--person", "witt", "--break-glass", "complaint of 4 September", "--json")
    assert len(said.json["nudges"]) == 1
    event = stored.execute(select(Event)).scalars().one()
    assert event.name == "works_council.glass_broken"
    message = stored.execute(select(StoredMessage)).scalars().one()
    assert (message.kind, message.person_id) == ("notice", world.person("witt"))


def test_the_reason_stands_in_a_row_of_its_own_that_can_be_erased(
    world: World, kamflow: Act, nudge: Act, stored: Session
) -> None:
    nudge()
    kamflow("nudges", "--person", "witt", "--break-glass", "complaint of 4 September")
    [row] = stored.execute(select(BrokenGlass)).scalars()
    [event] = stored.execute(select(Event)).scalars()
    [message] = stored.execute(select(StoredMessage)).scalars()
    assert (row.event_id, row.person_id) == (event.id, world.person("witt"))
    assert row.reason == "complaint of 4 September"
    assert message.facts["event"] == event.id
    assert "complaint" not in f"{event.payload} {message.facts}"


def test_switching_the_works_councils_rule_is_an_event_once(
    kamflow: Act, nudge: Act, stored: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    kamflow("nudges")
    for value in ("false", "false", "true"):
        monkeypatch.setenv("KAMFLOW_WORKS_COUNCIL", value)
        kamflow("nudges")
    switched = stored.execute(select(Event).order_by(col(Event.id))).scalars()
    assert [(event.name, event.payload) for event in switched] == [
        ("works_council.switched", {"in_force": False}),
        ("works_council.switched", {"in_force": True}),
    ]


def test_a_colleague_cannot_break_the_glass(kamflow: Act, nudge: Act) -> None:
    nudge()
    said = kamflow("nudges", "--person", "witt", "--as", "fremd", "--break-glass", "curious")
    assert "only operations or the head of KAM" in said.err


def test_without_the_works_councils_rule_operations_see_the_list(
    kamflow: Act, nudge: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudge()
    monkeypatch.setenv("KAMFLOW_WORKS_COUNCIL", "false")
    assert "Jürgen Witt" in kamflow("nudges").out


def test_a_name_cannot_write_on_the_terminal(world: World, engine: Engine, kamflow: Act, nudge: Act) -> None:
    from kamflow.models.account import Account

    nudge()
    with write(engine) as session:
        session.get_one(Account, world.account("muster")).name = "Mu\x1b[31mster\tAG\n[bold]x"
    assert "Mu\ufffd[31mster AG [bold]x" in kamflow("nudges", "--as", "witt").out
