from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from kamflow.acts.acting import Acting
from kamflow.acts.plan import Planned
from kamflow.acts.plan_imported import import_approved
from kamflow.errors import InputError, NotAllowed
from kamflow.models.plan import AccountPlan, PlanState
from tests.acts.world import World

URL = "https://documents.example.com/muster-2026"


@pytest.fixture
def take(world: World, given: SimpleNamespace) -> Callable[..., Planned]:
    def call(actor: str | None = None, on: date = date(2026, 1, 30), url: str = URL, **more: Any) -> Planned:
        number = world.person(actor) if actor else None
        desk = Acting(world.session, number, given.now, given.company)
        return import_approved(desk, world.account("muster"), on, url, "short", **more)

    return call


def test_a_plan_approved_elsewhere_is_approved_here(world: World, take: Callable[..., Planned]) -> None:
    said = take()

    plan = world.session.get_one(AccountPlan, said.plan)
    assert (plan.state, plan.imported, plan.document_url) == (PlanState.APPROVED, True, URL)
    assert (plan.year_first, plan.author_id) == (date(2026, 1, 1), world.person("witt"))
    assert plan.decided_at is not None
    assert plan.decided_at.date() == date(2026, 1, 30)
    assert take().state == "already imported"


def test_a_draft_takes_it_over_and_what_lies_with_the_approver_does_not(
    world: World, take: Callable[..., Planned]
) -> None:
    world.plan()
    assert take(year=2027).state == "imported"
    assert len(list(world.session.execute(select(AccountPlan)).scalars())) == 1
    world.plan(year_first=date(2028, 1, 1), year_last=date(2028, 12, 31), state=PlanState.SUBMITTED)
    with pytest.raises(InputError, match="is submitted here"):
        take(year=2028)


def test_the_team_the_head_and_operations_may(take: Callable[..., Planned]) -> None:
    assert take("witt").state == "imported"
    assert take("berg").state == "already imported"
    with pytest.raises(NotAllowed):
        take("fremd")


@pytest.mark.parametrize(
    ("on", "url"),
    [(date(2026, 9, 8), URL), (date(2026, 1, 30), "muster.docx"), (date(2026, 1, 30), "file:///x")],
)
def test_a_day_to_come_or_no_address_is_refused(take: Callable[..., Planned], on: date, url: str) -> None:
    with pytest.raises(InputError):
        take(on=on, url=url)
