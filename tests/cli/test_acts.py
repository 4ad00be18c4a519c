from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.glass import BrokenGlass
from kamflow.models.interaction import Interaction
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.store.engine import write
from tests.acts.world import Act, World


@pytest.fixture
def plan(world: World, engine: Engine) -> None:
    with write(engine) as session:
        World(session, world.people, world.accounts, world.contacts).plan()


def test_a_visit_is_logged_and_every_pair_gets_its_receipt(world: World, kamflow: Act) -> None:
    said = kamflow("log", "knut", "paul", "--person", "witt", "--person", "kruse", "--as", "witt")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "counted: Jürgen Witt x Knut, 2026-09-07 (Muster AG)"
    assert said.out.count("counted:") == 4
    again = kamflow("log", "paul", "--as", "witt", "--json")
    assert again.json == {
        "receipts": [
            {
                "person": "witt",
                "contact": "paul",
                "account": "muster",
                "day": "2026-09-07",
                "said": "already counted",
            }
        ]
    }


def test_nothing_is_stored_where_one_name_is_wrong(world: World, kamflow: Act, stored: Session) -> None:
    said = kamflow("log", "paul", "Knuth", "--as", "witt")
    assert (said.code, said.out) == (2, "")
    assert said.err == "kamflow: no contact 'Knuth': did you mean Knut (knut)?\n"
    assert stored.execute(select(Interaction)).all() == []


def test_a_day_is_read_in_one_way_only(world: World, kamflow: Act) -> None:
    said = kamflow("log", "paul", "--as", "witt", "--on", "03/04/2026")
    assert said.code == 2
    assert "expected a day as 2026-09-07" in said.err


def test_operations_say_who_was_there(world: World, kamflow: Act) -> None:
    assert "--person PERSON" in kamflow("log", "paul").err
    assert kamflow("log", "paul", "--person", "witt").code == 0


def test_done_closes_what_a_word_closes(kamflow: Act, nudge: Act, stored: Session) -> None:
    number = nudge(step="position", closes_by="word")
    assert kamflow("done", number, "--as", "witt").out == f"done: nudge {number} is closed\n"
    assert kamflow("done", number, "--as", "witt").out == f"nudge {number}: it is done already\n"
    assert stored.get(StoredNudge, number).closed_as == "done"


def test_done_says_why_a_nudge_stays(kamflow: Act, nudge: Act) -> None:
    said = kamflow("done", nudge(), "--as", "witt")
    assert "silent until 2026-09-14. It stays open until the plan is submitted" in said.out


def test_a_shortfall_names_what_closes_it(kamflow: Act, nudge: Act) -> None:
    said = kamflow("done", nudge(rule="contact_shortfall", step="contacts"), "--as", "witt")
    assert said.code == 2
    assert "only contacts close it" in said.err


def test_a_nudge_is_put_off_and_handed_over(kamflow: Act, nudge: Act) -> None:
    number = nudge()
    assert (
        "told again on 2026-09-09" in kamflow("snooze", number, "--until", "2026-09-09", "--as", "witt").out
    )
    said = kamflow("hand-over", number, "--to", "Dr. Kruse", "--as", "witt")
    assert said.out == f"handed over: nudge {number} is with Dr. Kruse\n"


@pytest.mark.parametrize(
    "command", [["done"], ["snooze", "--until", "2026-09-09"], ["hand-over", "--to", "kruse"]]
)
def test_the_head_acts_on_anothers_item_by_breaking_the_glass(
    kamflow: Act, nudge: Act, stored: Session, command: list[str]
) -> None:
    number = nudge()
    refused = kamflow(*command, number, "--as", "berg")
    assert (refused.code, "2026-09-11" in refused.err, "plan" in refused.err) == (2, False, False)
    assert kamflow(*command, number, "--as", "berg", "--break-glass", "Witt is ill").code == 0
    [looked, *_] = stored.execute(select(Event).order_by(col(Event.id))).scalars()
    assert (looked.name, looked.payload["command"]) == ("works_council.glass_broken", command[0])
    assert stored.execute(select(BrokenGlass)).scalars().one().reason == "Witt is ill"


def test_an_assistant_gets_no_figure_of_what_they_act_on(
    world: World, engine: Engine, kamflow: Act, nudge: Act
) -> None:
    with write(engine) as session:
        session.get_one(Person, world.person("witt")).assistant_id = world.person("fremd")
    said = kamflow("done", nudge(), "--as", "fremd")
    assert said.code == 0
    assert not {"2026-09-14", "plan"} & set(said.out.replace(",", " ").split())


def test_an_absence_is_noted_and_taken_back(world: World, kamflow: Act) -> None:
    said = kamflow("absent", "witt", "2026-09-14", "2026-09-18")
    assert said.out == "noted: Jürgen Witt is away 2026-09-14..2026-09-18\n"
    said = kamflow("absent", "witt", "2026-09-16", "--cancel")
    assert said.out == "taken back: Jürgen Witt is there 2026-09-16..2026-09-16\n"


@pytest.mark.usefixtures("plan")
def test_a_plan_is_filled_submitted_and_approved(kamflow: Act, home: Path, stored: Session) -> None:
    text = home / "measures.txt"
    text.write_text("three measures", encoding="utf-8")
    assert kamflow("plan", "fill", "muster", "9", "--file", text, "--as", "witt").code == 0
    said = kamflow("plan", "submit", "Muster AG", "--as", "witt")
    assert said.out == "submitted: Muster AG 2027 (sections still empty: 3, 5, 8, 1)\n"
    assert (
        kamflow("plan", "approve", "muster", "--as", "berg", "--json").json["plans"][0]["state"] == "approved"
    )
    assert stored.execute(select(AccountPlan)).scalars().one().state == "approved"


@pytest.mark.usefixtures("plan")
def test_a_plan_is_returned_with_a_comment(kamflow: Act, home: Path) -> None:
    kamflow("plan", "submit", "muster", "--as", "witt")
    assert kamflow("plan", "return", "muster", "--as", "berg").code == 2
    said = kamflow("plan", "return", "muster", "--comment", "add prices", "--as", "berg")
    assert said.out.startswith("returned: Muster AG 2027")
    refused = kamflow("plan", "approve", "muster", "--as", "witt")
    assert (refused.code, "Ida Berg" in refused.err) == (2, True)
