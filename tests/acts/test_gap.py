"""A measure is made of a gap, once, by the account's team."""

from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts import gap as gaps
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.plan import Measure
from kamflow.models.training import Gap
from tests.acts.world import Act, World, store

DUE = date(2026, 11, 30)


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    """`act("witt")` is what an act of Witt is handed."""

    def call(actor: str | None = "witt") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


@pytest.fixture
def gap(world: World) -> Gap:
    said = {"account_id": world.account("muster"), "service": "Support", "need": "-"}
    return store(world.session, Gap(**said, action="Train the staff\nin spring"))


def test_a_gap_makes_one_measure_and_says_so_the_second_time(world: World, act: Act, gap: Gap) -> None:
    made = gaps.measure(act(), gap.id, None, DUE)
    again = gaps.measure(act(), gap.id, world.person("kruse"), date(2026, 12, 1), "other")

    measure = world.session.get_one(Measure, made.measure)
    assert (measure.title, measure.owner_id, measure.due_on) == ("Train the staff", world.person("witt"), DUE)
    assert (made.state, again.state, again.measure, again.due_on) == ("made", "already", made.measure, DUE)
    assert (gap.measure_id, gap.version) == (made.measure, 2)
    [event] = world.events("measure.agreed")
    assert event.payload == {"measure": made.measure, "gap": gap.id, "due": "2026-11-30"}


@pytest.mark.parametrize(
    ("actor", "due", "error", "said"),
    [
        ("arnst", DUE, NotAllowed, "only the team of Muster AG"),
        (None, DUE, NotAllowed, "say who acts"),
        ("witt", date(2026, 9, 6), InputError, "has passed"),
    ],
)
def test_who_and_when_is_checked(
    world: World, act: Act, gap: Gap, actor: str | None, due: date, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        gaps.measure(act(actor), gap.id, None, due)
    assert (gap.measure_id, world.events("measure.")) == (None, [])


def test_an_unknown_gap_is_named(act: Act) -> None:
    with pytest.raises(NotFound, match="no gap 999"):
        gaps.measure(act(), 999, None, DUE)


def test_gaps_are_seen_by_the_team_only(world: World, act: Act, gap: Gap) -> None:
    assert gaps.seen(act(), gap.account_id) == [gap]
    with pytest.raises(NotAllowed):
        gaps.seen(act("arnst"), gap.account_id)
