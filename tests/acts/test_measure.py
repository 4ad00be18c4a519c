from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts import measure as measures
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.plan import Measure
from tests.acts.world import Act, World, store


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    """`act("witt")` is what an act of Witt is handed."""

    def call(actor: str | None = "witt") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


@pytest.fixture
def new(world: World) -> Act:
    def call(**values: object) -> Measure:
        said = {"account_id": world.account("muster"), "title": "Price list", "due_on": date(2026, 9, 1)}
        return store(world.session, Measure(**(said | values)))

    return call


def test_measures_are_done_many_at_once_and_a_second_time_changes_nothing(
    world: World, act: Act, new: Act
) -> None:
    one, two = new(), new()

    first = measures.done(act(), [two.id, one.id, two.id])
    again = measures.done(act(), [one.id])

    assert [(each.measure, each.state) for each in first] == [(one.id, "done"), (two.id, "done")]
    assert (again[0].state, one.done_on, one.version) == ("already", date(2026, 9, 7), 2)
    assert [event.payload for event in world.events("measure.done")] == [
        {"measure": one.id},
        {"measure": two.id},
    ]


def test_a_measure_is_moved_with_a_reason_that_stays_with_it(world: World, act: Act, new: Act) -> None:
    row = new()

    said = measures.move(act(), row.id, date(2026, 10, 1), " customer is on holiday ")
    again = measures.move(act(), row.id, date(2026, 10, 1), "twice")

    assert (said.state, again.state) == ("moved", "already")
    assert (row.due_on, row.moved_reason) == (date(2026, 10, 1), "customer is on holiday")
    [event] = world.events("measure.")
    assert event.payload == {"measure": row.id, "before": "2026-09-01", "to": "2026-10-01"}


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [
        (date(2026, 9, 6), "late", "has passed"),
        (date(2026, 10, 1), " ", "say why"),
    ],
)
def test_a_move_names_a_day_to_come_and_a_reason(
    act: Act, new: Act, to: date, reason: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        measures.move(act(), new().id, to, reason)


def test_what_is_done_is_not_moved(act: Act, new: Act) -> None:
    with pytest.raises(InputError, match="was done on 2026-09-02"):
        measures.move(act(), new(done_on=date(2026, 9, 2)).id, date(2026, 10, 1), "late")


@pytest.mark.parametrize("actor", ["witt", "kruse", "berg", "fremd"])
def test_the_team_the_head_and_whoever_owns_it_may(world: World, act: Act, new: Act, actor: str) -> None:
    row = new(owner_id=world.person("fremd"))
    assert measures.done(act(actor), [row.id])[0].state == "done"


def test_others_may_not_and_operations_have_no_word(act: Act, new: Act) -> None:
    row = new()
    with pytest.raises(NotAllowed, match="only the team of Muster AG"):
        measures.done(act("fremd"), [row.id])
    with pytest.raises(NotAllowed, match="--as PERSON"):
        measures.done(act(None), [row.id])


def test_an_unknown_measure_is_not_found(act: Act) -> None:
    with pytest.raises(NotFound, match="no measure 4711"):
        measures.done(act(), [4711])
