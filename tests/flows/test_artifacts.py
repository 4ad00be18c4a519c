"""What Prefect shows of a run: figures and ids, with links; whatever Prefect does, the run is not touched."""

import asyncio
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from flows import artifacts, runtime
from flows.runtime import Visit
from kamflow.models.account import Account
from kamflow.store import engine as db
from kamflow.store.run import Accounts, Outcome, Run
from kamflow.store.run_report import Left, RunReport, of_run
from tests.world import World

DAY = date(2026, 9, 7)
REPORT = RunReport(
    12, "contact_shortfall", DAY, True, "finished", {"opened": 3, "superseded": 1}, None,
    (Left("4711", "superseded", date(2026, 9, 8)),),
)  # fmt: skip


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    made = World(sqlite_engine)
    for number in range(2):
        made.add(Account(key=f"acc-{number}", name=f"Muster {number} AG"))
    return made


def decided(world: World, day: date, decide: Any = None) -> RunReport:
    """What is shown of a run for that day."""
    visit = Visit(prefect_id=f"prefect-{day}")

    def nothing(run: Run, accounts: Accounts) -> Outcome:
        return Outcome()

    with suppress(KeyError):
        runtime.run_whole(world.home(), "contact_shortfall", decide or nothing, day, visit)
    with db.read(world.engine) as session:
        found = of_run(session, f"prefect-{day}", visit.failed)
    assert found is not None
    return found


def test_the_summary_says_what_was_done_and_where_to_look_further() -> None:
    said = artifacts.markdown(REPORT, "https://kam.example.com/")

    assert "# contact-shortfall, 2026-09-07" in said
    assert "| Nudges opened | 3 |" in said
    assert "[Run 12 in kamflow's ledger](https://kam.example.com/operations/flows/contact_shortfall)" in said
    assert "web] internal_url" in artifacts.markdown(REPORT, None)


def test_the_table_names_what_was_left_out_by_its_key() -> None:
    assert artifacts.table(REPORT) == [
        {
            "Account (key)": "4711",
            "What": "superseded",
            "Meaning": "decided for a later day already; nothing is to be done",
            "Decided for": "2026-09-08",
        }
    ]


def test_accounts_that_a_later_day_was_decided_for_are_listed(world: World) -> None:
    decided(world, date(2026, 9, 8))

    late = decided(world, DAY)
    assert [(each.account, each.why) for each in late.left] == [
        ("acc-0", "superseded"),
        ("acc-1", "superseded"),
    ]


def test_the_accounts_of_the_batch_that_failed_are_listed_by_key_and_not_by_name(world: World) -> None:
    def failing(run: Run, accounts: Accounts) -> Outcome:
        raise KeyError("Muster 0 AG")

    report = decided(world, DAY, failing)
    assert [(each.account, each.why) for each in report.left] == [("acc-0", "failed"), ("acc-1", "failed")]
    assert "Muster" not in artifacts.markdown(report, None) + str(artifacts.table(report))


@pytest.mark.parametrize("trouble", ["raises", "hangs"])
def test_a_prefect_that_takes_nothing_does_not_touch_the_run(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refusing(*args: Any) -> None:
        if trouble == "hangs":
            await asyncio.Event().wait()
        raise RuntimeError("no server")

    monkeypatch.setattr(artifacts, "SECONDS", 0.01)
    monkeypatch.setattr(artifacts, "acreate_markdown_artifact", refusing)

    asyncio.run(artifacts.show(REPORT, None))


def test_progress_is_shown_while_a_run_lasts_and_not_for_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[float] = []

    async def create(percent: float, key: str, words: str) -> str:
        assert key == "plan-creation-progress"
        shown.append(percent)
        return "id"

    async def update(number: str, percent: float) -> None:
        shown.append(percent)

    monkeypatch.setattr(artifacts, "STEP_SECONDS", 0)
    monkeypatch.setattr(artifacts, "acreate_progress_artifact", create)
    monkeypatch.setattr(artifacts, "aupdate_progress_artifact", update)

    async def story() -> None:
        progress = artifacts.Progress("plan_creation")
        await progress.over()
        showing = asyncio.create_task(progress.shown())
        for done in (1, 1, 3):
            progress.told(done, 4)
            for _ in range(5):
                await asyncio.sleep(0)
        await progress.over()
        showing.cancel()

    asyncio.run(story())
    assert shown == [25, 75, 100]
