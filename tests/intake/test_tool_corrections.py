"""A form that is corrected and read in again means the same rows; what contradicts them comes back."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from kamflow.acts import measure as measures
from kamflow.acts.acting import Acting
from kamflow.intake.forms import tools
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.models.event import Event
from kamflow.models.person import PersonRole
from kamflow.models.plan import Measure, OpenQuestion
from kamflow.models.service import ServiceGiven
from kamflow.settings import Company
from kamflow.store.engine import read, write
from tests.intake import training
from tests.intake.bringing import NOW, bring, counts, put, rows
from tests.intake.filling import appended, filled

TODAY, LATER = date(2026, 9, 7), date(2026, 12, 1)
LIST = {"account": "Nord SE", "title": "Preisliste neu", "due_on": date(2026, 10, 1)}


@pytest.fixture
def company(sqlite_engine: Engine) -> Engine:
    training.tools(sqlite_engine, training.company(sqlite_engine))
    return sqlite_engine


@pytest.fixture
def form(company: Engine, tmp_path: Path) -> Path:
    return exported(company, tmp_path / "form.xlsx")


def exported(engine: Engine, path: Path) -> Path:
    with read(engine) as session:
        tools.write(session, path, Scope(), "de", TODAY)
    return path


def insert(engine: Engine, form: Path, code: str, *lines: dict[str, Any]) -> Any:
    """Lines put in where nobody prepared a key, and what became of them."""
    return bring(engine, appended(form, form.with_name("inserted.xlsx"), code, *lines), preset="form")


def fill(engine: Engine, form: Path, code: str, **said: Any) -> Any:
    """Cells of the first row."""
    changes = {(code, "1", name): value for name, value in said.items()}
    return bring(engine, filled(form, form.with_name("filled.xlsx"), changes), preset="form")


def expected(report: Any) -> list[str]:
    return [problem.expected for record in report.rejects for problem in record.problems]


def told(engine: Engine, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(each.name, each.payload) for each in rows(engine, Event) if each.name.startswith(f"{kind}.")]


def test_an_inserted_line_that_was_corrected_is_no_second_row(company: Engine, form: Path):
    assert counts(insert(company, form, "measures", LIST), "measures") == (1, 0, 1, 0)
    assert counts(insert(company, form, "measures", LIST), "measures") == (0, 0, 2, 0)
    moved = insert(company, form, "measures", LIST | {"due_on": date(2026, 10, 8)})
    assert expected(moved) == ["'nothing' as when the form was written; kamflow has '2026-10-01' meanwhile"]
    called = insert(company, form, "measures", LIST | {"title": "Preisliste ganz neu"})
    assert expected(called)[0].startswith("'Preisliste neu' as in this form before: correct it in kamflow")
    assert [each.title for each in rows(company, Measure)] == ["@Schulung", "Preisliste neu"]


def test_an_inserted_line_fills_what_was_empty(company: Engine, form: Path):
    insert(company, form, "measures", LIST)
    assert counts(insert(company, form, "measures", LIST | {"owner": "Lech"}), "measures") == (0, 1, 1, 0)
    assert rows(company, Measure)[1].owner_id == 2


def test_a_further_inserted_line_is_a_row_of_its_own(company: Engine, form: Path):
    insert(company, form, "measures", LIST)
    more = insert(company, form, "measures", LIST, LIST | {"title": "Messe"}, LIST | {"account": "M"})
    assert (counts(more, "measures"), expected(more)) == ((2, 0, 2, 0), [])


def test_two_inserted_lines_of_one_name_that_differ_come_back(company: Engine, form: Path):
    report = insert(company, form, "measures", LIST, LIST, LIST | {"due_on": LATER})
    assert counts(report, "measures") == (1, 0, 1, 1)
    assert expected(report)[0].startswith("the same as on line ")


def test_what_may_happen_twice_a_day_is_told_apart_by_its_order(company: Engine, form: Path):
    given = {"account": "M", "service": "X-1", "day": date(2026, 9, 1), "quantity": 1}
    for _ in range(2):
        insert(company, form, "services_given", given, given | {"quantity": 2})
    assert [int(each.quantity) for each in rows(company, ServiceGiven)[1:]] == [1, 2]


def test_a_question_without_its_answer_is_open_again(company: Engine, form: Path):
    assert counts(fill(company, form, "questions", answer=""), "questions") == (0, 1, 0, 0)
    [row] = rows(company, OpenQuestion)
    assert (row.answer, row.answered_on, row.version) == (None, None, 2)
    again = exported(company, form.with_name("again.xlsx"))
    fill(company, again, "questions", answer="Drei")
    assert rows(company, OpenQuestion)[0].answered_on == TODAY
    assert told(company, "question") == [
        (f"question.{name}", {"question": 1}) for name in ("changed", "answered")
    ]


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [({}, "a day; without its answer"), ({"answer": None, "answered_on": None}, "an answer with it")],
)
def test_an_answer_and_its_day_go_together(company: Engine, form: Path, stored: Any, wanted: str):
    with write(company) as session:
        session.execute(update(OpenQuestion).values(**stored or {"answer": "Ja"}))
    said = LATER if stored else ""
    report = fill(company, exported(company, form), "questions", answered_on=said, section=3)
    assert expected(report)[0].startswith(wanted)
    [row] = rows(company, OpenQuestion)
    assert (row.section, bool(row.answer)) == (3, bool(row.answered_on))


def test_a_measure_is_moved_in_a_sheet_with_a_reason_only(company: Engine, form: Path):
    with write(company) as session:
        session.execute(update(Measure).values(done_on=None))
    form = exported(company, form)
    report = fill(company, form, "measures", due_on=LATER, topic="Preise")
    assert expected(report) == ["a reason beside it that is new: a measure is moved with a reason"]
    [row] = rows(company, Measure)
    assert (counts(report, "measures"), row.due_on, row.topic) == ((0, 1, 0, 1), training.DAY, "Preise")
    report = fill(company, form, "measures", due_on=LATER, moved_reason="Muster fehlt")
    [row] = rows(company, Measure)
    assert (report.rejected, row.due_on, row.moved_reason, row.version) == (0, LATER, "Muster fehlt", 3)


def test_a_sheet_tells_a_moved_measure_as_the_act_does(company: Engine, form: Path):
    with write(company) as session:
        session.execute(update(Measure).values(done_on=None))
    put(company, PersonRole(person_id=1, role="kam"))
    fill(company, exported(company, form), "measures", due_on=LATER, moved_reason="Muster fehlt")
    with write(company) as session:
        measures.move(Acting(session, 1, NOW, Company()), 1, date(2026, 12, 8), "Messe")
    assert told(company, "measure") == [
        ("measure.moved", {"measure": 1, "before": "2026-03-12", "to": "2026-12-01"}),
        ("measure.moved", {"measure": 1, "before": "2026-12-01", "to": "2026-12-08"}),
    ]


def test_a_table_without_a_reason_cannot_move_a_measure(company: Engine, tmp_path: Path):
    table = tmp_path / "measures.csv"
    for reason, moved in (("", (0, 0, 0, 1)), ("Messe", (0, 1, 0, 0))):
        table.write_text(f"account;title;due_on;moved_reason\nM;@Schulung;01.12.2026;{reason}\n")
        assert counts(bring(company, table, preset="kamflow"), "measures") == moved
    assert rows(company, Measure)[0].due_on == LATER


def test_what_a_sheet_does_to_a_measure_is_told_once(company: Engine, form: Path):
    with write(company) as session:
        session.execute(update(Measure).values(done_on=None))
    fill(company, exported(company, form), "measures", done_on=TODAY)
    fill(company, exported(company, form), "measures", topic="Preise")
    assert [name for name, _ in told(company, "measure")] == ["measure.done", "measure.changed"]
