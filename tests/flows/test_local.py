"""`run_flow` without a server: the plain body, in our ledger all the same."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows import local
from flows.runtime import Home
from kamflow.errors import InputError, NotFound
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store.run import Outcome
from tests.world import World

DAY = date(2026, 9, 7)


@pytest.fixture
def home(world: World, tmp_path: Path) -> Home:
    """The world's home, in a folder that is there."""
    return replace(world.home(), settings=world.settings.model_copy(update={"home": tmp_path}))


def test_flows_run_in_the_order_of_a_night() -> None:
    """Files first; what asks departments before what tells them."""
    assert local.FLOWS == (
        "intake",
        "plan_creation",
        "contact_shortfall",
        "annual_meeting",
        "survey_dispatch",
        "quarterly_controlling",
        "measure_followup",
        "department_requests",
    )


def test_a_flow_runs_without_a_server(world: World, home: Home) -> None:
    assert local.run_flow(home, "contact_shortfall", DAY).opened == 3


def test_an_account_may_be_called_by_its_name(world: World, home: Home) -> None:
    world.account("Muster AG", world.person("Berg"), key="k-9")
    outcome = local.run_flow(home, "contact_shortfall", DAY, ["Muster AG"])

    assert outcome.accounts == 1


def test_all_but_the_intake_run_for_one_account(world: World, home: Home) -> None:
    outcome = local.run_flow(home, "all", DAY, ["acc-1"])

    with db.read(world.engine) as session:
        ran = list(session.execute(select(FlowRun.flow).order_by(col(FlowRun.id))).scalars())
    assert ran == [name for name in local.FLOWS if name != "intake"]
    assert outcome.accounts == len(ran)


def test_the_intake_is_in_the_ledger_with_what_became_of_the_files(
    world: World, home: Home, tmp_path: Path
) -> None:
    (tmp_path / "inbox" / "sap").mkdir(parents=True)
    orders = tmp_path / "inbox" / "sap" / "orders.csv"
    orders.write_text("DEBTOR;AMOUNT\n", encoding="utf-8")
    os.utime(orders, (0, 0))

    assert local.run_flow(home, "intake", DAY) == Outcome()
    with db.read(world.engine) as session:
        (row,) = session.execute(select(FlowRun)).scalars()
    assert (row.flow, row.state, row.counts["refused"]) == ("intake", "finished", 1)


def test_an_unknown_flow_is_refused_with_the_names_there_are(world: World, home: Home) -> None:
    with pytest.raises(NotFound, match="plan_creation, contact_shortfall"):
        local.run_flow(home, "survey", DAY)


def test_files_belong_to_no_account(world: World, home: Home) -> None:
    with pytest.raises(InputError, match="without --account"):
        local.run_flow(home, "intake", DAY, ["acc-1"])
