"""Who was given a nudge may do what it asks for; so may who stands in for the KAM."""

from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts import measure as measures
from kamflow.acts import request as requests
from kamflow.acts.acting import Acting
from kamflow.acts.quarter import comment
from kamflow.errors import NotAllowed
from kamflow.models.meeting import Request
from kamflow.models.plan import Measure
from tests.acts.world import Act, World, store

QUARTER = "2026-04-01..2026-06-30"


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    def call(actor: str) -> Acting:
        return Acting(world.session, world.person(actor), given.now, given.company)

    return call


def measure(world: World, owner: str | None = "witt") -> Measure:
    number = world.person(owner) if owner else None
    row = Measure(account_id=world.account("muster"), title="t", owner_id=number, due_on=date(2026, 9, 10))
    return store(world.session, row)


def request(world: World) -> Request:
    row = Request(account_id=world.account("muster"), kind="prices", specialist_id=world.person("arnst"))
    return store(world.session, row)


def given_to(world: World, rule: str, period: str, step: str) -> None:
    """Fremd, who is not in the team, is given the nudge."""
    world.nudge(rule=rule, period=period, step=step, assignee_id=world.person("fremd"))


def test_of_a_measure_this_one_and_no_other(world: World, act: Act) -> None:
    mine, other = measure(world), measure(world)
    given_to(world, "measure_followup", str(mine.id), "followup")

    assert measures.done(act("fremd"), [mine.id])[0].state == "done"
    with pytest.raises(NotAllowed):
        measures.done(act("fremd"), [other.id])


@pytest.mark.parametrize("answer", ["deliver", "refuse"])
def test_of_a_request_this_one_and_no_other(world: World, act: Act, answer: str) -> None:
    mine, other = request(world), request(world)
    given_to(world, "department_requests", str(mine.id), "deliver")
    cause = ("capacity",) if answer == "refuse" else ()

    assert getattr(requests, answer)(act("fremd"), [mine.id], *cause)[0].state != "already"
    with pytest.raises(NotAllowed):
        getattr(requests, answer)(act("fremd"), [other.id], *cause)


def test_whoever_only_was_given_a_refusal_to_read_delivers_nothing(world: World, act: Act) -> None:
    row = request(world)
    given_to(world, "department_requests", str(row.id), "refused")

    with pytest.raises(NotAllowed):
        requests.deliver(act("fremd"), [row.id])


@pytest.mark.parametrize(("step", "may"), [("comment", True), ("no_data", False)])
def test_of_a_quarter_the_comment(world: World, act: Act, step: str, may: bool) -> None:
    given_to(world, "quarterly_controlling", QUARTER, step)

    if may:
        assert comment(act("fremd"), world.account("muster"), "why").state == "commented"
    else:
        with pytest.raises(NotAllowed):
            comment(act("fremd"), world.account("muster"), "why")


def test_the_kams_deputy_comments_and_follows_up_what_nobody_owns(world: World, act: Act) -> None:
    assert comment(act("arnst"), world.account("muster"), "why").state == "commented"
    assert measures.done(act("arnst"), [measure(world, None).id])[0].state == "done"
