"""One file with all accounts of a KAM: out, filled in on the plane, and in again."""

from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from kamflow.cli.app import run
from kamflow.errors import NotAllowed
from kamflow.figures.plan_questions import QUESTIONS
from kamflow.intake.forms.plan_export import sheet_name
from kamflow.models.account import Account, Team
from kamflow.models.contact import ContactTarget
from kamflow.models.event import Event
from kamflow.models.plan import AccountPlan, OpenQuestion, PlanSection
from kamflow.models.training import Complaint
from kamflow.store.engine import connect
from tests.intake.bringing import bring, rows
from tests.intake.filling import filled
from tests.intake.plan_filling import answered, places, put_in
from tests.world import World


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    """An installation with Witt's three accounts, two of them with names that Excel takes for none."""
    folder = tmp_path / "home"
    assert run(["init", str(folder)]) == 0
    monkeypatch.setenv("KAMFLOW_HOME", str(folder))
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T06:30+00:00")
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    world = World(connect(f"sqlite:///{folder / 'kamflow.db'}"))
    people(world)
    return world


def people(world: World) -> None:
    kam, other = world.person("Witt"), world.person("Arnst")
    long = "Großhandelsgesellschaft [Süd/West]: Müller & Söhne"
    for key, name in (("A", long), ("B", long), ("C", "Muster AG")):
        account = world.account(name, kam, key=key, account_class="major")
        world.target(kam, world.place(f"Knut {key}", account, 5), 6, topic="Preise")
    world.account("Fremd AG", other, key="D", account_class="key")


def test_all_accounts_stand_in_one_file_under_names_that_can_be_read(home: World):
    assert run(["export", "workbook", "--person", "Witt", "--out", "w.xlsx"]) == 0
    names = CalamineWorkbook.from_path("w.xlsx").sheet_names
    assert [each for each in names if each.endswith((" 2", "Plan", "Matrix"))] == [
        "Großhandelsgesellschaft… · Plan", "Großhandelsgesellscha… · Matrix",
        "Großhandelsgesellscha… · Plan 2", "Großhandelsgesellsc… · Matrix 2",
        "Muster AG · Plan", "Muster AG · Matrix",
    ]  # fmt: skip
    assert run(["import", "w.xlsx", "--json"]) == 0
    assert [
        (row.name, row.account_id) for row in rows(home.engine, Event) if row.name != "file.imported"
    ] == []


def test_what_was_filled_in_on_the_plane_comes_back(home: World):
    assert run(["export", "workbook", "--person", "Witt", "--language", "en", "--out", "w.xlsx"]) == 0
    cells = places(Path("w.xlsx"), "B")
    answered(Path("w.xlsx"), Path("x.xlsx"), {("text:1:goals", "value"): "Ziele für B"}, "B")
    matrix = next(
        each for each in CalamineWorkbook.from_path("w.xlsx").sheet_names if each == "Muster AG · Matrix"
    )
    put_in(Path("x.xlsx"), Path("y.xlsx"), {(matrix, "E7"): "0/9"})
    assert cells[("text:1:goals", "value")][0].endswith("Plan 2")
    assert run(["--as", "Witt", "import", "y.xlsx"]) == 0
    assert sorted(each.soll for each in rows(home.engine, ContactTarget)) == [6, 6, 9]
    (plan,) = rows(home.engine, AccountPlan)
    keys = {each.id: each.key for each in rows(home.engine, Account)}
    assert keys[plan.account_id] == "B"
    assert [each.answers for each in rows(home.engine, PlanSection)] == [{"goals": "Ziele für B"}]
    assert {each.section for each in rows(home.engine, OpenQuestion)} == {8}
    assert run(["import", "y.xlsx", "--json"]) == 0
    assert len(rows(home.engine, OpenQuestion)) == len([each for each in QUESTIONS if each.section == 8])


def test_the_tools_behind_the_plans_come_back_too(home: World):
    account = next(each for each in rows(home.engine, Account) if each.key == "C")
    home.add(Complaint(account_id=account.id, subject="Falsche Lieferung", opened_on=date(2026, 8, 3)))
    assert run(["export", "plan", "--account", "C", "--out", "p.xlsx"]) == 0
    filled(Path("p.xlsx"), Path("q.xlsx"), {("complaints", "1", "resolution"): "Ersatz geliefert"})
    assert run(["import", "q.xlsx"]) == 0
    assert [each.resolution for each in rows(home.engine, Complaint)] == ["Ersatz geliefert"]
    assert rows(home.engine, AccountPlan) == []


def test_only_the_team_hands_a_plan_in(home: World):
    assert run(["export", "workbook", "--person", "Witt", "--out", "w.xlsx"]) == 0
    arnst = next(each for each in rows(home.engine, Team) if each.account_id == 4).person_id
    with pytest.raises(NotAllowed, match="may fill its plan"):
        bring(home.engine, Path("w.xlsx"), preset="form", actor=arnst)


def test_nothing_to_write_is_said(home: World, capsys: pytest.CaptureFixture[str]):
    for arguments, said in (
        (["workbook"], "--person"),
        (["plan"], "--account"),
        (["workbook", "--person", "Nobody"], "no person"),
        (["plan", "--account", "A", "--language", "fr"], "de and en"),
    ):
        assert run(["export", *arguments]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Muster AG", "Muster AG · Plan"),
        ("a/b\\c:d*e?[f]", "a-b-c-d-e-(f) · Plan"),
        ("'", "? · Plan"),
        ("😀" * 20, "😀" * 11 + "… · Plan"),
        ("  viele \n Leerzeichen ", "viele Leerzeichen · Plan"),
    ],
)
def test_names_of_sheets_are_what_excel_takes(called: str, name: str):
    taken: set[str] = set()
    assert sheet_name(called, "Plan", taken) == name
    assert len(name.encode("utf-16-le")) // 2 <= 31
    assert sheet_name(called.upper(), "Plan", taken).endswith("Plan 2")
