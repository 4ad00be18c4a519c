"""The tools of KAM training as Excel sheets: out, filled in by program, and in again; nothing is lost."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from kamflow.errors import Refused
from kamflow.intake.forms import tools
from kamflow.intake.forms.memory import CELL, CUT, fitting
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.models.account import Account
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.service import ServiceClass, ServiceGiven
from kamflow.models.tables import INTERNAL
from kamflow.models.training import Competitor, Complaint, Gap, Position
from kamflow.store.engine import read, write
from tests.intake import training
from tests.intake.bringing import bring, counts, rows
from tests.intake.filling import appended, cells, filled, new, store

TODAY = date(2026, 9, 7)


def build(engine: Engine) -> Engine:
    training.tools(engine, training.company(engine))
    return engine


@pytest.fixture
def company(sqlite_engine: Engine) -> Engine:
    """On SQLite, where the first row of each table is number 1."""
    return build(sqlite_engine)


def exported(engine: Engine, path: Path, language: str = "de", accounts: Any = None) -> Path:
    with read(engine) as session:
        tools.write(session, path, Scope(accounts), language, TODAY)
    return path


def everything(engine: Engine) -> list[list[Any]]:
    return [[each.model_dump() for each in rows(engine, table)] for table in training.TABLES]


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_round_trip_loses_nothing(engine: Engine, tmp_path: Path, language: str):
    company = build(engine)
    before = everything(company)
    report = bring(company, exported(company, tmp_path / "t.xlsx", language), preset="form")
    assert (report.changes, report.rejected, report.rejects) == (0, 0, [])
    assert sum(counter["unchanged"] for counter in report.counts.values()) == 15
    assert everything(company) == before


def test_a_workbook_saved_by_another_program_says_the_same(company: Engine, tmp_path: Path):
    saved = filled(exported(company, tmp_path / "t.xlsx"), tmp_path / "s.xlsx", {})
    assert (bring(company, saved, preset="form").changes, rows(company, Event)[-1].name) == (
        0,
        "file.imported",
    )


def test_the_portfolio_shows_axes_field_and_strategy(company: Engine, tmp_path: Path):
    grid = cells(exported(company, tmp_path / "t.xlsx"))["Position"]
    assert grid[4][5:9] == [80.0, 40.0, "aufbaukunde", "investieren"]


def test_every_column_of_a_new_row_goes_in(engine: Engine, tmp_path: Path):
    company = build(engine)
    said = {"account": "Nord SE", "service": "Kälte", "need": "+", "competitor": "+", "factor": "=1+1",
            "chance": "ja", "action": "Zeile 1\nZeile 2", "rated_on": date(2026, 4, 1),
            "measure_owner": "Lech", "measure_due": "31.12.2026"}  # fmt: skip
    form = exported(company, tmp_path / "t.xlsx")
    changed = filled(form, tmp_path / "c.xlsx", {("gaps", new(), name): each for name, each in said.items()})
    report = bring(company, changed, preset="form")
    gap, measure = rows(company, Gap)[-1], rows(company, Measure)[-1]
    assert (counts(report, "gaps"), report.rejected) == ((1, 0, 2, 0), 0)
    north, lech = rows(company, Account)[1].id, rows(company, Person)[1].id
    assert (gap.account_id, gap.factor, gap.chance, gap.measure_id) == (north, "=1+1", True, measure.id)
    assert (measure.title, measure.owner_id, measure.due_on) == ("Zeile 1", lech, date(2026, 12, 31))
    assert {"gap.added", "measure.agreed"} <= {event.name for event in rows(company, Event)}


def test_reading_the_same_file_again_changes_nothing(company: Engine, tmp_path: Path):
    form = exported(company, tmp_path / "t.xlsx")
    changes = {("competitors", "1", "rank"): 1, ("competitors", new(3), "account"): "N",
               ("competitors", new(3), "name"): "Neu GmbH"}  # fmt: skip
    changed = filled(form, tmp_path / "c.xlsx", changes)
    both = appended(changed, tmp_path / "d.xlsx", "complaints",
                    {"account": "M", "subject": "Bruch", "opened_on": date(2026, 5, 1)})  # fmt: skip
    assert bring(company, both, preset="form").changes == 3
    before = everything(company)
    again = bring(company, both, preset="form")
    assert (again.changes, again.rejected, everything(company)) == (0, 0, before)
    assert [each.version for each in rows(company, Competitor)] == [2, 1]


def test_a_deleted_row_changes_nothing(company: Engine, tmp_path: Path):
    sheets = cells(exported(company, tmp_path / "t.xlsx"))
    before = everything(company)
    for grid in sheets.values():
        del grid[4:5]
    report = bring(company, store(tmp_path / "d.xlsx", sheets), preset="form")
    assert (report.changes, report.rejected, everything(company)) == (0, 0, before)


def test_sheets_may_be_renamed_sorted_and_their_columns_moved(company: Engine, tmp_path: Path):
    sheets = cells(exported(company, tmp_path / "t.xlsx"))
    grid = sheets.pop("Ziele")
    sheets["Meine"] = [list(reversed(row)) for row in [*grid[:4], *reversed(grid[4:])]]
    changed = store(tmp_path / "s.xlsx", sheets)
    moved = filled(changed, tmp_path / "m.xlsx", {("goals", "2", "amount"): 13})
    assert counts(bring(company, moved, preset="form"), "goals") == (0, 1, 1, 0)
    assert rows(company, Goal)[1].amount == 13


def test_an_emptied_cell_empties_what_is_stored(company: Engine, tmp_path: Path):
    changes = {("services_given", "1", "value"): "", ("services_given", "1", "charge"): "berechnet",
               ("services", "1", "class_b"): "", ("services", "1", "class_c"): "nein",
               ("competitors", "1", "rank"): ""}  # fmt: skip
    report = bring(
        company, filled(exported(company, tmp_path / "t.xlsx"), tmp_path / "c.xlsx", changes), preset="form"
    )
    given = rows(company, ServiceGiven)[0]
    assert (report.changes, given.value, given.charge) == (3, None, "charged")
    again = exported(company, tmp_path / "u.xlsx")
    emptied = {("services_given", "1", "charge"): ""}
    bring(company, filled(again, tmp_path / "d.xlsx", emptied), preset="form")
    assert rows(company, ServiceGiven)[0].charge is None
    stored = {each.account_class: each.entitlement for each in rows(company, ServiceClass)}
    assert stored == {"key": "included", "C": "no"}
    assert rows(company, Competitor)[0].rank == 1


def test_a_text_longer_than_a_cell_stays_whole(company: Engine, tmp_path: Path):
    longer = "ä😀" * 20_000
    with write(company) as session:
        session.execute(update(Position).values(strategy=longer))
    form = exported(company, tmp_path / "t.xlsx")
    assert bring(company, form, preset="form").changes == 0
    changed = filled(form, tmp_path / "c.xlsx", {("positions", "1", "strategy"): "kurz"})
    report = bring(company, changed, preset="form")
    assert counts(report, "positions") == (0, 0, 0, 1)
    assert report.rejects[0].problems[0].expected.startswith("no change here: the text is longer")
    assert rows(company, Position)[0].strategy == longer


@pytest.mark.parametrize("text", ["a" * (CELL + 1), "😀" * CELL, "ab😀" * CELL])
def test_what_is_cut_fits_the_cell_and_says_so(text: str):
    cut = fitting(text)
    assert len(cut.encode("utf-16-le")) // 2 <= CELL
    assert (cut.endswith(CUT), text.startswith(cut.removesuffix(CUT))) == (True, True)


def test_one_account_brings_its_rows_and_what_is_everybodys(company: Engine, tmp_path: Path):
    form = exported(company, tmp_path / "t.xlsx", "en", [2])
    assert [row[0] for row in cells(form)["Competitors"][4:6]] == ["Nord SE", "Nord SE"]
    said = {("competitors", new(), "name"): "Neu", ("measures", new(40), "title"): "Start"}
    report = bring(company, filled(form, tmp_path / "c.xlsx", said), preset="form")
    assert (report.changes, report.rejected, report.counts["services"]["unchanged"]) == (2, 0, 1)
    assert (rows(company, Competitor)[-1].account_id, rows(company, Measure)[-1].account_id) == (2, 2)


def test_an_answer_and_an_end_leave_their_day_and_event(company: Engine, tmp_path: Path):
    with write(company) as session:
        session.execute(update(OpenQuestion).values(answer=None, answered_on=None))
        session.execute(update(Complaint).values(closed_on=None))
    changes = {("questions", "1", "answer"): "Zwei", ("complaints", "1", "closed_on"): date(2026, 9, 1)}
    bring(
        company, filled(exported(company, tmp_path / "t.xlsx"), tmp_path / "c.xlsx", changes), preset="form"
    )
    assert rows(company, OpenQuestion)[0].answered_on == TODAY
    happened = {event.name: event.payload for event in rows(company, Event)}
    assert happened["question.answered"] == {"question": 1}
    assert happened["complaint.closed"] == {"complaint": 1}


def test_another_workbook_is_no_form(company: Engine, tmp_path: Path):
    with pytest.raises(Refused, match="no form that kamflow wrote"):
        bring(company, store(tmp_path / "x.xlsx", {"A": [["name"], ["x"]]}), preset="form")


def test_internal_tables_are_named_and_their_sheets_say_so():
    marked = {each.kept.table.name for each in tools.TOOLS if each.sheet.internal}
    rated = {"position", "position_criterion", "gap", "competitor", "negotiation"}
    assert marked == {*rated, "goal", "complaint", "open_question"}
    assert marked <= INTERNAL
    assert all(each.sheet.note.de.startswith("Nur intern") for each in tools.TOOLS if each.sheet.internal)


def test_every_tool_has_a_sheet_with_all_its_fields():
    for each in tools.TOOLS:
        fields = {field.name for field in each.kept.entity.fields} - {"id"}
        assert fields <= {column.field.name for column in each.sheet.columns}, each.sheet.code
        assert len(each.sheet.title.de) <= 31
