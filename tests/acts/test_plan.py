from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts import plan as plans
from kamflow.acts import rights
from kamflow.acts.plan import Desk
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.plan import PlanSection
from tests.acts.world import Act, World


@pytest.fixture
def at(world: World, given: SimpleNamespace) -> Act:
    """`at("witt")` is Witt's desk."""

    def desk(actor: str | None = "witt", year: int | None = None) -> Desk:
        acting = world.person(actor) if actor else None
        return Desk(world.session, acting, given.now, given.policy, given.company, year)

    return desk


def test_a_section_is_filled_with_its_date_and_version(world: World, at: Act) -> None:
    plan = world.plan()
    planned = plans.fill(at(), world.account("muster"), 8, "grow with them")
    section = world.session.get(PlanSection, (plan.id, 8))
    assert (section.body, section.filled_on, section.version) == ("grow with them", date(2026, 9, 7), 2)
    assert (planned.state, planned.missing) == ("filled", (3, 5, 9, 1))
    assert "grow" not in str(world.events()[-1].payload)
    assert plans.fill(at(), world.account("muster"), 8, "grow with them").state == "unchanged"


def test_a_section_the_form_does_not_have_is_refused(world: World, at: Act) -> None:
    world.plan()
    with pytest.raises(InputError, match="it has 1, 3, 5, 8, 9"):
        plans.fill(at(), world.account("muster"), 2, "text")
    with pytest.raises(InputError, match="no text"):
        plans.fill(at(), world.account("muster"), 8, "  ")


def test_a_plan_is_submitted_with_what_it_has_and_names_what_is_missing(world: World, at: Act) -> None:
    plan = world.plan()
    [planned] = plans.submit(at(), [world.account("muster")])
    assert (planned.state, planned.missing) == ("submitted", (3, 5, 8, 9, 1))
    assert plan.submitted_at is not None
    assert world.events()[-1].name == "plan.submitted"
    assert plans.submit(at(), [world.account("muster")])[0].state == "already submitted"


def test_nobody_writes_in_a_plan_that_lies_with_the_approver(world: World, at: Act) -> None:
    world.plan(state="submitted")
    with pytest.raises(InputError, match="with the approver"):
        plans.fill(at(), world.account("muster"), 8, "text")


def test_the_kams_superior_approves(world: World, at: Act, given: SimpleNamespace) -> None:
    plan = world.plan(state="submitted")
    [planned] = plans.approve(at("berg"), [world.account("muster")])
    assert planned.state == "approved"
    assert (plan.decided_at, plan.decided_by_id) == (given.now, world.person("berg"))
    assert plans.approve(at("berg"), [world.account("muster")])[0].state == "already approved"


def test_a_plan_goes_back_with_a_comment_that_no_event_repeats(world: World, at: Act) -> None:
    plan = world.plan(state="submitted")
    [planned] = plans.give_back(at("berg"), [world.account("muster")], "say more about prices")
    assert (planned.state, plan.comment) == ("returned", "say more about prices")
    assert "prices" not in str(world.events()[-1].payload)
    assert plans.submit(at(), [world.account("muster")])[0].state == "submitted"
    with pytest.raises(InputError, match="with a comment"):
        plans.give_back(at("berg"), [world.account("muster")], " ")


def test_the_accounts_own_approver_goes_before_the_superior(world: World, at: Act) -> None:
    world.plan(state="submitted")
    world.accounts["muster"].approver_id = world.person("kruse")
    world.people["witt"].superior_id = world.person("fremd")
    with pytest.raises(NotAllowed, match=r"only Dr\. Kruse or the head of KAM"):
        plans.approve(at("fremd"), [world.account("muster")])
    assert plans.approve(at("kruse"), [world.account("muster")])[0].state == "approved"


def test_nobody_approves_their_own_plan_as_its_author(world: World, at: Act) -> None:
    world.plan(state="submitted")
    with pytest.raises(NotAllowed, match="Ida Berg"):
        plans.approve(at("witt"), [world.account("muster")])


def test_a_draft_cannot_be_decided(world: World, at: Act) -> None:
    world.plan()
    with pytest.raises(InputError, match="is draft, not submitted"):
        plans.approve(at("berg"), [world.account("muster")])


def test_only_the_team_submits_and_only_persons(world: World, at: Act) -> None:
    world.plan()
    with pytest.raises(NotAllowed, match="the team of Muster AG"):
        plans.submit(at("fremd"), [world.account("muster")])
    with pytest.raises(NotAllowed, match="--as"):
        plans.submit(at(None), [world.account("muster")])


def test_of_two_plans_in_work_the_year_says_which(world: World, at: Act) -> None:
    world.plan()
    world.plan(year_first=date(2026, 1, 1), year_last=date(2026, 12, 31))
    with pytest.raises(InputError, match="2026, 2027"):
        plans.submit(at(), [world.account("muster")])
    assert plans.submit(at(year=2026), [world.account("muster")])[0].year == 2026
    assert plans.submit(at(), [world.account("muster")])[0].year == 2027


def test_without_a_plan_it_says_where_plans_come_from(world: World, at: Act) -> None:
    with pytest.raises(NotFound, match="kamflow run plan_creation"):
        plans.submit(at(), [world.account("muster")])


def test_to_whom_the_plan_was_handed_may_fill_and_submit_it(world: World, at: Act) -> None:
    world.plan()
    world.nudge(assignee_id=world.person("fremd"))
    assert plans.fill(at("fremd"), world.account("muster"), 8, "grow").state == "filled"
    assert plans.submit(at("fremd"), [world.account("muster")])[0].state == "submitted"


def test_what_was_handed_over_is_only_that_year_and_while_it_is_open(
    world: World, at: Act, given: SimpleNamespace
) -> None:
    world.plan()
    fremd = world.person("fremd")
    world.nudge(assignee_id=fremd, period="2026-01-01..2026-12-31")
    world.nudge(assignee_id=fremd, step="position", closed_at=given.now, closed_as="done")
    world.nudge(assignee_id=fremd, step="approve")
    with pytest.raises(NotAllowed):
        plans.submit(at("fremd"), [world.account("muster")])


def test_to_whom_the_approval_was_handed_decides(world: World, at: Act) -> None:
    world.plan(state="submitted")
    world.nudge(step="approve", owner_id=world.person("berg"), assignee_id=world.person("fremd"))
    assert plans.approve(at("fremd"), [world.account("muster")])[0].state == "approved"


def test_who_stands_in_for_the_superior_does_not_approve_their_own_plan(world: World, at: Act) -> None:
    world.plan(state="submitted")
    world.people["berg"].deputy_id = world.person("witt")
    with pytest.raises(NotAllowed, match="wrote the plan"):
        plans.approve(at("witt"), [world.account("muster")])


def test_a_head_of_kam_does_not_approve_their_own_plan(world: World, at: Act) -> None:
    world.plan(state="submitted", author_id=world.person("berg"))
    world.people["witt"].superior_id = None
    with pytest.raises(NotAllowed, match="name another approver"):
        plans.approve(at("berg"), [world.account("muster")])


@pytest.mark.parametrize("gone", ["approver", "superior"])
def test_who_has_left_is_passed_over(world: World, at: Act, gone: str) -> None:
    plan = world.plan(state="submitted")
    world.people["gone"].superior_id = world.person("kruse")
    if gone == "approver":
        world.accounts["muster"].approver_id = world.person("gone")
    else:
        world.people["witt"].superior_id = world.person("gone")
    expected = {"approver": "berg", "superior": "kruse"}[gone]
    assert rights.approvers(world.session, plan, date(2026, 9, 7)) == [world.person(expected)]
    assert plans.approve(at(expected), [world.account("muster")])[0].state == "approved"
