"""*Done* on a measure is the measure done, on a request the delivery; on all else it is what `done` says."""

from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts.acting import Acting
from kamflow.acts.fulfil import fulfil
from kamflow.errors import NotAllowed
from kamflow.models.meeting import Request
from kamflow.models.person import Department
from kamflow.models.plan import Measure
from kamflow.policy import Policy
from tests.acts.world import World, store


def desk(world: World, given: SimpleNamespace, person: str = "witt") -> Acting:
    return Acting(world.session, world.person(person), given.now, given.company)


def test_a_measure_is_done_once(world: World, given: SimpleNamespace) -> None:
    measure = store(world.session, Measure(account_id=world.account("muster"), title="x"))
    nudge = world.nudge(rule="measure_followup", step="followup", facts={"measure": measure.id})

    states = [fulfil(desk(world, given), nudge.id or 0, Policy()).state for _ in range(2)]
    assert states == ["closed", "already"]
    assert measure.done_on == date(2026, 9, 7)
    assert [event.name for event in world.events("measure.")] == ["measure.done"]


def test_a_request_is_delivered_by_who_was_asked(world: World, given: SimpleNamespace) -> None:
    department = store(world.session, Department(key="log", name="Logistics"))
    about = {"account_id": world.account("muster"), "department_id": department.id, "kind": "x"}
    row = store(
        world.session, Request(**about, specialist_id=world.person("witt"), asked_on=date(2026, 9, 1))
    )
    nudge = world.nudge(rule="department_requests", step="deliver", facts={"request": row.id})

    assert fulfil(desk(world, given), nudge.id or 0, Policy()).state == "closed"
    assert row.state == "delivered"


def test_a_plan_is_not_handed_in_by_saying_so(world: World, given: SimpleNamespace) -> None:
    said = fulfil(desk(world, given), world.nudge().id or 0, Policy())

    assert (said.state, said.until) == ("quiet", date(2026, 9, 14))


def test_what_is_not_one_s_own_stays_as_it_is(world: World, given: SimpleNamespace) -> None:
    measure = store(world.session, Measure(account_id=world.account("muster"), title="x"))
    nudge = world.nudge(rule="measure_followup", step="followup", facts={"measure": measure.id})
    stranger = next(key for key in world.people if key not in {"witt", "arnst"} and not _near(world, key))

    with pytest.raises(NotAllowed):
        fulfil(desk(world, given, stranger), nudge.id or 0, Policy())
    assert measure.done_on is None


def _near(world: World, key: str) -> bool:
    witt = world.people["witt"]
    return world.person(key) in {witt.deputy_id, witt.assistant_id}
