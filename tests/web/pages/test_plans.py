"""Plans are read, approved one by one or many at once, and returned with a comment."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, PlanSection
from kamflow.store.engine import read, write
from tests.web.conftest import Visited

YEAR = (date(2027, 1, 1), date(2027, 12, 31))


def submitted(visited: Visited, kam: Person, *names: str, state: str = "submitted") -> Sequence[int]:
    plans = []
    for name in names:
        account = visited.world.account(name, kam)
        plan = AccountPlan(
            account_id=account.id,
            year_first=YEAR[0],
            year_last=YEAR[1],
            state=state,
            author_id=kam.id,
            submitted_at=datetime(2026, 9, 1, 9, tzinfo=UTC),
        )
        plans.append(visited.world.add(plan).id)
    return plans


def states(visited: Visited) -> list[str]:
    with read(visited.world.engine) as session:
        return list(session.execute(select(AccountPlan.state).order_by(AccountPlan.id)).scalars())


@pytest.fixture
def bohn(visited: Visited) -> Person:
    return visited.world.person("Bohn", "head", language="en")


@pytest.fixture
def witt(visited: Visited, bohn: Person) -> Person:
    return visited.world.person("Witt", superior_id=bohn.id)


def test_ticked_plans_are_approved_together_and_a_second_time_nothing_happens(
    visited: Visited, witt: Person, bohn: Person
) -> None:
    first, second, third = submitted(visited, witt, "Muster AG", "Beispiel GmbH", "Dritte KG")
    browser = visited.signed_in(bohn)
    assert browser.get("/plans").text.count('type="checkbox"') == 3

    for _ in range(2):
        assert browser.post("/plans", {"plan": [first, second]}).status_code == 303
    assert states(visited) == ["approved", "approved", "submitted"]
    with read(visited.world.engine) as session:
        query = select(Event.name, Event.via, Event.actor_id).where(Event.name.startswith("plan."))
        told = session.execute(query).all()
    assert told == [("plan.approved", "page", bohn.id)] * 2
    assert third


def test_all_are_approved_or_none(visited: Visited, witt: Person, bohn: Person) -> None:
    (own,) = submitted(visited, bohn, "Bohn's own")
    (other,) = submitted(visited, witt, "Muster AG")

    assert visited.signed_in(bohn).post("/plans", {"plan": [own, other]}).status_code == 403
    assert states(visited) == ["submitted", "submitted"]


def test_a_plan_is_returned_with_a_comment_that_its_author_reads(
    visited: Visited, witt: Person, bohn: Person
) -> None:
    (plan,) = submitted(visited, witt, "Muster AG")
    browser = visited.signed_in(bohn)
    for comment in ("", "  ", "x" * 4001):
        answer = browser.post(f"/plans/{plan}/return", {"comment": comment})
        assert answer.status_code == 422
        assert "aria-invalid" in answer.text
    assert browser.post(f"/plans/{plan}/return", {"comment": "Which aims?\r\n<b>"}).status_code == 303

    read_by_author = visited.signed_in(witt).get(f"/plans/{plan}").text
    assert "Which aims?\n&lt;b&gt;" in read_by_author
    assert "/approve" not in read_by_author


def test_where_somebody_was_faster_the_page_says_what_they_decided(
    visited: Visited, witt: Person, bohn: Person
) -> None:
    (plan,) = submitted(visited, witt, "Muster AG", state="returned")
    browser = visited.signed_in(bohn)

    assert browser.post(f"/plans/{plan}/approve").headers["location"] == f"/plans/{plan}"
    assert states(visited) == ["returned"]
    assert "returned" in browser.get(f"/plans/{plan}").text


def test_who_decides_may_read_a_plan_without_being_in_the_team(visited: Visited, bohn: Person) -> None:
    chief = visited.world.person("Chief", "sponsor", language="en")
    kam = visited.world.person("Kruse", superior_id=chief.id)
    (plan,) = submitted(visited, kam, "Muster AG")
    with write(visited.world.engine) as session:
        session.add(PlanSection(plan_id=plan, number=1, body="More of it", filled_on=date(2026, 9, 1)))
    page: Any = visited.signed_in(chief).get(f"/plans/{plan}")

    assert "More of it" in page.text
    assert "Approve the plan" in page.text
    assert "One account plan waits" in visited.signed_in(chief).get("/").text
