"""What comes back from a sheet: with file, sheet, row, column, value and what was expected."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from kamflow.intake.forms import tools
from kamflow.intake.forms.memory import SHEET
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.models.plan import Goal, Measure
from kamflow.models.training import CollaborationRule, Competitor, Gap, Position
from kamflow.store.engine import read, write
from tests.intake import training
from tests.intake.bringing import bring, counts, rows
from tests.intake.filling import appended, cells, filled, new, store


@pytest.fixture
def company(sqlite_engine: Engine) -> Engine:
    training.tools(sqlite_engine, training.company(sqlite_engine))
    return sqlite_engine


@pytest.fixture
def form(company: Engine, tmp_path: Path) -> Path:
    """The workbook of all tools, as it was written this morning."""
    path = tmp_path / "t.xlsx"
    with read(company) as session:
        tools.write(session, path, Scope(), "de", date(2026, 9, 7))
    return path


def change(engine: Engine, model: Any, **values: Any) -> None:
    """Somebody works in kamflow meanwhile."""
    with write(engine) as session:
        session.execute(update(model).values(**values, version=2))


def problems(report: Any) -> list[tuple[int, str, str, str]]:
    """(line, column, value, expected) of all that came back."""
    return [
        (record.row.line, each.column, each.value, each.expected)
        for record in report.rejects
        for each in record.problems
    ]


def test_a_cell_changed_meanwhile_comes_back_with_both_values_and_the_others_go_in(
    company: Engine, form: Path
):
    said = {("competitors", "1", "name"): "Würth AG", ("competitors", "1", "rank"): 7}
    back = filled(form, form.with_name("b.xlsx"), said)
    change(company, Competitor, rank=3)
    report = bring(company, back, preset="form")
    assert problems(report) == [
        (5, "Rang (C5)", "7", "'2' as when the form was written; kamflow has '3' meanwhile")
    ]
    assert report.rejects[0].where == "b.xlsx, sheet Wettbewerber, line 5"
    assert (counts(report, "competitors"), rows(company, Competitor)[0].name) == ((0, 1, 0, 1), "Würth AG")
    assert rows(company, Competitor)[0].rank == 3


def test_a_cell_changed_to_the_same_on_both_sides_is_no_conflict(company: Engine, form: Path):
    back = filled(form, form.with_name("b.xlsx"), {("competitors", "1", "rank"): 7})
    change(company, Competitor, rank=7)
    assert counts(bring(company, back, preset="form"), "competitors") == (0, 0, 1, 0)


def test_what_changed_meanwhile_stays_where_the_form_says_nothing_new(company: Engine, form: Path):
    change(company, Measure, title="Neu", done_on=None)
    report = bring(company, form, preset="form")
    assert (report.changes, report.rejected, rows(company, Measure)[0].title) == (0, 0, "Neu")


def test_without_its_memory_only_the_version_tells(company: Engine, form: Path):
    sheets = cells(form)
    sheets[SHEET] = [row for row in sheets[SHEET] if row[0] == "meta"]
    bare = store(form.with_name("m.xlsx"), sheets)
    change(company, Competitor, rank=3)
    said = {("competitors", "1", "rank"): 7, ("goals", "2", "amount"): 13}
    report = bring(company, filled(bare, form.with_name("b.xlsx"), said), preset="form")
    assert counts(report, "goals") == (0, 1, 1, 0)
    assert (counts(report, "competitors"), rows(company, Competitor)[0].rank) == ((0, 0, 0, 1), 3)


WRONG = (
    ("goals", "1", "amount", "viel", "Betrag (C", "a number such as 1.234,56"),
    ("goals", "2", "amount", "1,5 USD", "Betrag (C", "an amount without a currency"),
    ("goals", "1", "due_on", "03/04/2026", "Termin (E", "a date such as 2026-03-12"),
    ("goals", "1", "account", "", "Kunde (A", "a value for account"),
    ("measures", "1", "owner", "Niemand", "Verantwortlich (E", "a person that kamflow knows"),
    ("measures", "1", "side", "wir", "Seite (D", "one of ours, customer, joint"),
    ("positions", "1", "attractiveness", 101, "Attraktivität (0–100) (C", "a whole number from 0 to 100"),
    ("collaboration", "1", "for_meeting", "vielleicht", "Vor jedem Jahresgespräch (D", "yes or no"),
    ("collaboration", "1", "lead_time", 1.5, "Vorlauf (Arbeitstage) (C", "a whole number from 0 to 366"),
    ("services_given", "1", "quantity", "1,2345", "Menge (D", "a number with at most 3 decimals"),
    ("complaints", "1", "closed_on", date(2026, 1, 1), "Erledigt am (E", "a day not before 2026-03-12"),
    ("negotiations", "1", "year", "2031", "Jahr (B", "a year with an annual meeting of this account"),
    ("gaps", "1", "need", "0", "Gegen Bedarf (C", "a chance only where both ratings are +"),
    ("gaps", "1", "measure_due", date(2027, 1, 1), "Maßnahme: bis (K", "no other value: measure 1"),
)  # fmt: skip


def test_a_cell_that_cannot_be_taken_is_named(company: Engine, form: Path):
    stored = {each.kept.model for each in tools.TOOLS}
    before = {model: [each.model_dump() for each in rows(company, model)] for model in stored}
    said = {(code, key, field): value for code, key, field, value, _, _ in WRONG}
    report = bring(company, filled(form, form.with_name("b.xlsx"), said), preset="form")
    told = {(line, column): expected for line, column, _, expected in problems(report)}
    for code, key, _, _, column, expected in WRONG:
        line = 4 + int(key)
        assert told.pop((line, f"{column}{line})"), "").startswith(expected), (code, column)
    assert (told, report.changes) == ({}, 0)
    assert {model: [each.model_dump() for each in rows(company, model)] for model in stored} == before


def test_a_new_row_goes_in_whole_or_not_at_all(company: Engine, form: Path):
    said = {("measures", new(), "title"): "Start", ("measures", new(), "account"): "Nord SE",
            ("measures", new(), "due_on"): "bald"}  # fmt: skip
    report = bring(company, filled(form, form.with_name("b.xlsx"), said), preset="form")
    assert (counts(report, "measures"), len(rows(company, Measure))) == ((0, 0, 1, 1), 1)


def test_a_chance_needs_plus_against_both(company: Engine, form: Path):
    report = bring(
        company, filled(form, form.with_name("b.xlsx"), {("gaps", "2", "chance"): "ja"}), preset="form"
    )
    assert problems(report)[0][2:] == ("ja", "a chance only where both ratings are +")
    assert rows(company, Gap)[1].chance is False


def test_a_row_that_is_gone_comes_back_only_where_it_was_changed(company: Engine, form: Path):
    with write(company) as session:
        session.execute(delete(Goal))
    back = filled(form, form.with_name("b.xlsx"), {("goals", "1", "text"): "neu"})
    report = bring(company, back, preset="form")
    assert [told for _, _, _, told in problems(report)] == ["a row that kamflow still has; this one is gone"]


def test_a_copied_line_is_no_second_row(company: Engine, form: Path):
    sheets = cells(form)
    first = sheets["Wettbewerber"][4]
    sheets["Wettbewerber"] += [list(first), [*first[:2], 9, *first[3:]]]
    report = bring(company, store(form.with_name("b.xlsx"), sheets), preset="form")
    assert counts(report, "competitors") == (0, 0, 1, 1)
    assert problems(report)[0][3] == "a row of its own; line 5 is the same one"


def test_what_exists_once_is_not_made_twice(company: Engine, form: Path):
    twice = {"account": "M", "rated_on": date(2026, 3, 12), "attractiveness": 10}
    report = bring(company, appended(form, form.with_name("b.xlsx"), "positions", twice), preset="form")
    assert problems(report)[0][3] == "'nothing' as when the form was written; kamflow has '80' meanwhile"
    with write(company) as session:
        session.add(CollaborationRule(department_id=1, kind="Muster", lead_time=5))
    taken = filled(form, form.with_name("c.xlsx"), {("collaboration", "1", "kind"): "Muster"})
    assert problems(bring(company, taken, preset="form"))[0][3].startswith("what no other row says")
    assert len(rows(company, Position)) == 1


def test_a_second_copy_of_the_form_does_not_overwrite_what_the_first_brought(company: Engine, form: Path):
    mine, yours = (
        filled(form, form.with_name(f"{name}.xlsx"), {
            ("competitors", new(), "account"): "M", ("competitors", new(), "name"): name})
        for name in ("Kalt", "Warm")
    )  # fmt: skip
    bring(company, mine, preset="form")
    report = bring(company, yours, preset="form")
    assert [each.name for each in rows(company, Competitor)][1:] == ["Kalt"]
    assert problems(report)[0][2:] == (
        "Warm",
        "'nothing' as when the form was written; kamflow has 'Kalt' meanwhile",
    )


def test_a_dry_run_says_the_same_and_writes_nothing(company: Engine, form: Path, tmp_path: Path):
    said = {("gaps", "2", "measure_owner"): "Lech", ("gaps", "2", "measure_due"): date(2026, 12, 1)}
    back = filled(form, form.with_name("b.xlsx"), said)
    assert counts(bring(company, back, preset="form", dry_run=True), "gaps") == (0, 1, 1, 0)
    assert len(rows(company, Measure)) == 1
    report = bring(company, back, preset="form", rejects_folder=tmp_path / "rejects")
    assert (counts(report, "gaps"), rows(company, Gap)[1].measure_id) == ((0, 1, 1, 0), 2)
