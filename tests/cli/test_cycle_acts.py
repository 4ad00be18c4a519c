from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from kamflow.models.meeting import Request
from kamflow.models.plan import Measure
from kamflow.store.engine import write
from tests.acts.world import Act, World, store


@pytest.fixture
def add(world: World, engine: Engine) -> Callable[..., int]:
    """`add(Measure, title="T")` stores a row about Muster AG and returns its number."""

    def call(table: type[Any], **values: Any) -> int:
        with write(engine) as session:
            return store(session, table(**({"account_id": world.account("muster")} | values))).id

    return call


def test_a_quarter_is_commented_with_a_measure(world: World, kamflow: Act, stored: Session) -> None:
    tokens = ("quarter", "comment", "muster", "one order came late", "--as", "witt")
    with_measure = (*tokens, "--measure", "Talk", "--by", "2026-10-01", "--owner", "kruse")

    assert kamflow(*tokens).out == "commented: Muster AG Q2 2026\n"
    said = kamflow(*with_measure)
    again = kamflow(*with_measure)

    number = stored.execute(select(Measure)).scalars().one().id
    assert said.out == f"changed: Muster AG Q2 2026, measure {number}\n"
    assert again.out == f"commented already: Muster AG Q2 2026, measure {number}\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--measure", "Talk"), "--by DAY"), (("--by", "2026-10-01"), "--measure TEXT")],
)
def test_a_measure_and_its_date_belong_together(
    world: World, kamflow: Act, options: tuple[str, ...], said: str
) -> None:
    answer = kamflow("quarter", "comment", "muster", "why", "--as", "witt", *options)
    assert (answer.code, said in answer.err) == (2, True)


def test_measures_are_done_and_moved(kamflow: Act, add: Callable[..., int]) -> None:
    one, two = (add(Measure, title=title, due_on=date(2026, 9, 1)) for title in ("A", "B"))

    done = kamflow("measure", "done", one, "--as", "witt")
    moved = kamflow("measure", "move", two, "--to", "2026-10-01", "--reason", "late", "--as", "witt")

    assert done.out == f"measure {one} (Muster AG): done on 2026-09-07\n"
    assert moved.out == f"measure {two} (Muster AG): moved to 2026-10-01\n"
    assert "done already" in kamflow("measure", "done", one, "--as", "witt").out
    assert kamflow("measure", "done", "--as", "witt").code == 2


def test_requests_are_delivered_and_refused_many_at_once(
    world: World, kamflow: Act, add: Callable[..., int]
) -> None:
    numbers = [add(Request, kind="prices", specialist_id=world.person("fremd")) for _ in range(3)]

    refused = kamflow("request", "refuse", *numbers[:2], "--cause", "capacity", "--as", "fremd", "--json")
    delivered = kamflow("request", "deliver", numbers[2], "--as", "fremd")

    assert [each["cause"] for each in refused.json["requests"]] == ["capacity", "capacity"]
    assert delivered.out == f"request {numbers[2]} (Muster AG): delivered on 2026-09-07\n"


def test_a_refusal_without_a_known_cause_changes_nothing(
    world: World, kamflow: Act, add: Callable[..., int], stored: Session
) -> None:
    number = add(Request, kind="prices", specialist_id=world.person("fremd"))
    answer = kamflow("request", "refuse", number, "--cause", "no time", "--as", "fremd")
    assert (answer.code, "missing_data" in answer.err) == (2, True)
    assert stored.get(Request, number).state == "open"
