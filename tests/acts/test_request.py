from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from kamflow.acts import request as requests
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed
from kamflow.models.meeting import Request
from kamflow.models.person import Department, DepartmentLead
from tests.acts.world import Act, World, store


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    """`act("fremd")` is what an act of Fremd is handed, `days` later than now."""

    def call(actor: str | None = "fremd", days: int = 0) -> Acting:
        now = given.now + timedelta(days=days)
        return Acting(world.session, world.person(actor) if actor else None, now, given.company)

    return call


@pytest.fixture
def new(world: World) -> Act:
    """A request to Fremd, the specialist, about Muster AG."""

    def call(**values: object) -> Request:
        said = {
            "account_id": world.account("muster"),
            "kind": "prices",
            "specialist_id": world.person("fremd"),
        }
        return store(world.session, Request(**(said | values)))

    return call


def test_requests_are_delivered_many_at_once_and_a_second_time_changes_nothing(
    world: World, act: Act, new: Act
) -> None:
    one, two = new(), new()

    first = requests.deliver(act(), [one.id, two.id])
    again = requests.deliver(act(), [one.id])

    assert [each.state for each in (*first, *again)] == ["delivered", "delivered", "already"]
    assert (one.state, one.decided_on) == ("delivered", date(2026, 9, 7))
    assert [event.payload["request"] for event in world.events("request.delivered")] == [one.id, two.id]


def test_a_refusal_has_a_cause_and_another_cause_is_a_new_refusal(world: World, act: Act, new: Act) -> None:
    row = new()

    states = [
        requests.refuse(act(days=days), [row.id], cause)[0].state
        for days, cause in ((0, "capacity"), (1, "capacity"), (2, "conflict"))
    ]

    assert states == ["refused", "already", "refused"]
    assert (row.cause, row.decided_on) == ("conflict", date(2026, 9, 9))
    assert [event.payload["cause"] for event in world.events("request.refused")] == ["capacity", "conflict"]


def test_a_refusal_can_become_a_delivery_but_not_the_other_way_round(act: Act, new: Act) -> None:
    row = new()
    requests.refuse(act(), [row.id], "not_ours")
    requests.deliver(act(), [row.id])

    assert (row.state, row.cause) == ("delivered", None)
    with pytest.raises(InputError, match="delivered on 2026-09-07"):
        requests.refuse(act(), [row.id], "capacity")


def test_an_unknown_cause_names_those_there_are(act: Act, new: Act) -> None:
    with pytest.raises(InputError, match="capacity, conflict, not_ours, missing_data"):
        requests.refuse(act(), [new().id], "no time")


def test_all_are_answered_or_none(act: Act, new: Act, world: World) -> None:
    mine, others = new(), new(specialist_id=world.person("arnst"))
    with pytest.raises(NotAllowed):
        requests.refuse(act(), [mine.id, others.id], "capacity")


def test_the_department_answers_and_the_team_only_says_what_it_got(world: World, act: Act, new: Act) -> None:
    logistics = store(world.session, Department(key="log", name="Logistics"))
    store(world.session, DepartmentLead(department_id=logistics.id, person_id=world.person("arnst")))
    row = new(department_id=logistics.id)

    with pytest.raises(NotAllowed, match="whoever was asked, their department"):
        requests.refuse(act("kruse"), [row.id], "capacity")

    assert requests.refuse(act("arnst"), [row.id], "capacity")[0].state == "refused"
    assert requests.refuse(act("berg"), [row.id], "conflict")[0].state == "refused"
    assert requests.deliver(act("kruse"), [row.id])[0].state == "delivered"


def test_where_the_department_has_nobody_the_team_may_refuse(act: Act, new: Act) -> None:
    assert requests.refuse(act("witt"), [new(specialist_id=None).id], "not_ours")[0].state == "refused"
