"""The tools of KAM training on the command line: sheets out and in, and a measure of a gap."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.models.training import Gap
from kamflow.store.engine import write
from tests.acts.world import Act, World, store
from tests.intake.bringing import rows
from tests.intake.filling import cells, filled, new


@pytest.fixture
def gap(world: World, engine: Engine) -> int:
    with write(engine) as session:
        return store(session, Gap(account_id=world.account("muster"), service="Support", need="-")).id


@pytest.fixture
def form(world: World, kamflow: Act, gap: int, tmp_path: Path) -> Path:
    path = tmp_path / "tools.xlsx"
    answer = kamflow("export", "tools", "--account", "muster", "--language", "en", "--out", path)
    assert (answer.code, answer.out.strip()) == (0, str(path))
    return path


def test_a_form_is_recognised_and_read_back_without_a_preset(
    form: Path, kamflow: Act, engine: Engine, gap: int
):
    assert kamflow("import", form, "--json").json["gaps"]["unchanged"] == 1
    said = {("gaps", str(gap), "need"): "+", ("gaps", new(), "service"): "Training"}
    answer = kamflow("import", filled(form, form.with_name("b.xlsx"), said), "--json")
    assert answer.code == 0
    assert {state: answer.json["gaps"][state] for state in ("new", "changed", "rejected")} == {
        "new": 1, "changed": 1, "rejected": 0,
    }  # fmt: skip
    assert [(each.service, each.need) for each in rows(engine, Gap)] == [("Support", "+"), ("Training", None)]


def test_what_comes_back_is_said_with_sheet_row_and_value(form: Path, kamflow: Act, home: Path, gap: int):
    answer = kamflow("import", filled(form, form.with_name("b.xlsx"), {("gaps", str(gap), "need"): "++"}))
    assert "b.xlsx, sheet Gap analysis, line 5, Against need (C5) '++': expected one of +, 0, -" in answer.out
    assert (answer.code, len(list((home / "rejects").glob("b-Gap-analysis-*.csv")))) == (1, 1)


def test_all_accounts_stand_in_one_workbook(
    world: World, kamflow: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert kamflow("export", "tools").out == "tools.xlsx\n"
    assert {"Ziele", "Abweichungsanalyse", "Spielregeln"} <= set(cells(tmp_path / "tools.xlsx"))
    assert kamflow("export", "tools", "--language", "fr").code == 2
    assert kamflow("export", "nothing").code == 2


def test_a_measure_is_made_of_a_gap(world: World, kamflow: Act, gap: int):
    tokens = ("gap", "measure", gap, "--owner", "witt", "--due", "2026-11-30", "--as", "witt")
    made = kamflow(*tokens, "--json").json
    assert (made["gap"], made["state"], made["due_on"]) == (gap, "made", "2026-11-30")
    assert kamflow(*tokens).out.endswith("already, due on 2026-11-30\n")
    [listed] = kamflow("gap", "list", "--account", "muster", "--as", "witt", "--json").json["gaps"]
    assert (listed["id"], listed["service"], listed["measure_id"]) == (gap, "Support", made["measure"])
    assert "Support" in kamflow("gap", "list", "--account", "muster", "--as", "witt").out
