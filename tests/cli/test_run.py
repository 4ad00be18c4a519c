from typing import Any

import pytest

from flows.local import FLOWS
from kamflow.errors import StoreError
from kamflow.store.run import Outcome
from tests.acts.world import Act, World


@pytest.fixture
def flows(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was asked of the flows; `plan_creation` fails when its day is the thirteenth."""
    from flows import local

    asked: list[tuple[Any, ...]] = []

    def run_flow(home: Any, name: str, as_of: Any, accounts: list[str] | None = None) -> Outcome:
        asked.append((name, as_of.isoformat(), accounts))
        if name == "plan_creation" and as_of.day == 13:
            raise StoreError("the table is gone")
        return Outcome(opened=2, closed=1)

    monkeypatch.setattr(local, "run_flow", run_flow)
    return asked


def test_one_flow_is_run_for_today(world: World, kamflow: Act, flows: list) -> None:
    said = kamflow("run", "contact_shortfall", "--json")
    assert said.code == 0
    assert (said.json["opened"], said.json["updated"], said.json["closed"]) == (2, 0, 1)
    assert flows == [("contact_shortfall", "2026-09-07", None)]


def test_all_are_run_in_the_order_of_a_night(world: World, kamflow: Act, flows: list) -> None:
    said = kamflow("run", "all", "--as-of", "2026-09-08")
    assert [name for name, _, _ in flows] == list(FLOWS)
    assert f"2026-09-08: {2 * len(FLOWS)} opened, 0 updated, {len(FLOWS)} closed" in said.out


def test_some_accounts_need_no_intake(world: World, kamflow: Act, flows: list) -> None:
    kamflow("run", "all", "--account", "muster", "--account", "andere")
    assert [name for name, _, _ in flows] == [name for name in FLOWS if name != "intake"]
    assert all(accounts == ["muster", "andere"] for _, _, accounts in flows)


def test_one_that_fails_does_not_keep_the_others(world: World, kamflow: Act, flows: list) -> None:
    said = kamflow("run", "all", "--as-of", "2026-09-13", "--json")
    assert said.code == 1
    assert (said.json["failed"], said.json["opened"]) == (["plan_creation"], 2 * (len(FLOWS) - 1))
    assert said.err == "kamflow: plan_creation: the table is gone\n"


def test_a_flow_that_is_not_there_is_named(world: World, kamflow: Act) -> None:
    said = kamflow("run", "nonsense")
    assert (said.code, "no flow 'nonsense'" in said.err) == (2, True)
