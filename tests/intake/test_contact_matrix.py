"""The contact matrix in Excel, both ways: nothing lost, nothing overwritten unseen."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.errors import Refused
from kamflow.intake.forms import matrix, matrix_workbook, memory
from kamflow.intake.mapping import parse
from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.interaction import Interaction
from kamflow.models.person import Person
from kamflow.periods import fiscal_year
from kamflow.store.engine import read, write
from tests.intake.bringing import bring, counts, put, rows

TODAY = date(2026, 9, 7)
HEADS = (
    ("Geschäftsführer", "Knut", 5),
    ("Einkäufer", "Paul", 8),
    ("Controller", "Philip", 8),
    ("Marketing", "Karl", 4),
)
SIDES = (("Vorstand", "Kruse"), ("KAM", "Witt"), ("Produktmanager", "Arnst"), ("Logistikleiter", "Lech"))
CELLS = {
    ("Kruse", "Knut"): ("Allianz für den Markteintritt", "1/1"),
    ("Witt", "Knut"): ("Geschäftsentwicklung", "2/6"),
    ("Witt", "Paul"): ("Auftragsabwicklung; Preise", "2/4"),
    ("Arnst", "Paul"): ("Einführung eines neuen Produkts", "2/3"),
    ("Lech", "Philip"): ("Lieferketten – größere Lose\nund Paletten", "1/3"),
    ("Arnst", "Karl"): ("Marktforschung", "5/12"),
}


def draw(
    path: Path, title: str = "Kontaktplan Muster AG 2026", labels: bool = False, changes: Any = None
) -> Path:
    """The training example as a trainer draws it: no keys, merged names."""
    cells = CELLS | (changes or {})
    with xlsxwriter.Workbook(str(path), {"default_date_format": "d/m"}) as book:
        sheet = book.add_worksheet("Matrix")
        sheet.write(0, 0, title)
        for row, word in enumerate(("Position", "Name", "Einfluss"), 1):
            sheet.write(row, 1, word if labels else "")
        for column, head in enumerate(HEADS, 2):
            for row, value in enumerate(head, 1):
                sheet.write(row, column, value)
        for number, (function, name) in enumerate(SIDES):
            row = 4 + 2 * number
            sheet.merge_range(row, 0, row + 1, 0, function)
            sheet.merge_range(row, 1, row + 1, 1, name)
            for column, (_, contact, _) in enumerate(HEADS, 2):
                for line, value in enumerate(cells.get((name, contact), ())):
                    sheet.write(row + line, column, value)
    return path


def written(engine: Engine, path: Path, language: str = "de") -> Path:
    with read(engine) as session:
        account = session.execute(select(Account)).scalars().one()
        drawn = matrix.load(session, account, fiscal_year(TODAY), TODAY)
        matrix_workbook.write(drawn, path, TODAY, language)
    return path


def edited(source: Path, target: Path, **cells: str) -> Path:
    """The same workbook with some cells written anew, hidden places and all."""
    book = CalamineWorkbook.from_path(source)
    with xlsxwriter.Workbook(str(target)) as out:
        for name in book.sheet_names:
            sheet = out.add_worksheet(name)
            for row, values in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
                for column, value in enumerate(values):
                    sheet.write_string(row, column, str(value))
            for place, value in cells.items() if name != memory.SHEET else ():
                sheet.write_string(place, value)
    return target


@pytest.fixture
def muster(engine: Engine) -> Engine:
    people = [Person(key=name.lower(), name=f"Vorname {name}", position=f) for f, name in SIDES]
    put(engine, Account(key="MUSTER", name="Muster AG"), *people)
    return engine


@pytest.fixture
def filled(muster: Engine, tmp_path: Path) -> Engine:
    bring(muster, draw(tmp_path / "hand.xlsx"), preset="contact-matrix")
    return muster


@pytest.mark.parametrize("labels", [True, False])
def test_the_training_example_is_read_as_drawn(muster: Engine, tmp_path: Path, labels: bool):
    report = bring(muster, draw(tmp_path / "m.xlsx", labels=labels), preset="contact-matrix")
    assert counts(report, "contacts") == (4, 0, 0, 0)
    assert counts(report, "targets") == (6, 0, 0, 0)
    assert [place.influence for place in rows(muster, Place)] == [5, 8, 8, 4]
    assert sum(target.soll for target in rows(muster, ContactTarget)) == 29
    assert {target.topic for target in rows(muster, ContactTarget)} == {topic for topic, _ in CELLS.values()}
    assert bring(muster, draw(tmp_path / "m.xlsx"), preset="contact-matrix").changes == 0


def test_contacts_made_are_reported_and_never_made_up(muster: Engine, tmp_path: Path):
    report = bring(muster, draw(tmp_path / "m.xlsx"), preset="contact-matrix")
    assert "Witt x Knut: Ist 2 on the form, 0 known; nothing was made up" in report.receipts[1]
    assert rows(muster, Interaction) == []


def test_contacts_made_are_taken_over_once_where_the_mapping_says_so(muster: Engine, tmp_path: Path):
    plan = parse('source = "cm"\n[contact_matrix]\nist = "held"\nheld_on = 2026-08-31\n', "test")
    report = bring(muster, draw(tmp_path / "m.xlsx"), mapping=plan)
    assert (report.counts["interactions"]["new"], len(rows(muster, Interaction))) == (13, 13)
    assert bring(muster, draw(tmp_path / "m.xlsx"), mapping=plan).changes == 0
    text = [[str(c) for c in row] for row in _cells(written(muster, tmp_path / "out.xlsx"))]
    assert {ratio for _, ratio in CELLS.values()} <= {cell for row in text for cell in row}


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_round_trip_loses_nothing(filled: Engine, tmp_path: Path, language: str):
    long = "Überlänge 😀 <b>&amp; =1+1 _x0041_ \u202e " + "ä" * 400
    with write(filled) as session:
        session.execute(update(ContactTarget).where(col(ContactTarget.soll) == 12).values(topic=long))
        session.execute(
            update(Contact).where(col(Contact.last_name) == "Paul").values(last_name="=Pa'ul\x01")
        )
    before = rows(filled, ContactTarget), rows(filled, Contact), rows(filled, Place)
    report = bring(filled, written(filled, tmp_path / "out.xlsx", language), preset="contact-matrix")
    assert (report.changes, report.rejected) == (0, 0)
    assert (rows(filled, ContactTarget), rows(filled, Contact), rows(filled, Place)) == before


def test_changes_on_the_form_go_in(filled: Engine, tmp_path: Path):
    form = written(filled, tmp_path / "out.xlsx")
    where = {cell: place for place, cell in _places(form)}
    changed = edited(
        form, tmp_path / "back.xlsx", **{where["0/6"]: "0/8", where["Marktforschung"]: "Neues Thema"}
    )
    report = bring(filled, changed, preset="contact-matrix")
    assert counts(report, "targets") == (0, 2, 4, 0)
    stored = {(target.soll, target.topic) for target in rows(filled, ContactTarget)}
    assert {(8, "Geschäftsentwicklung"), (12, "Neues Thema")} <= stored


def test_a_cell_changed_on_both_sides_comes_back_with_both_values(filled: Engine, tmp_path: Path):
    form = written(filled, tmp_path / "out.xlsx")
    where = {cell: place for place, cell in _places(form)}
    with write(filled) as session:
        session.execute(update(ContactTarget).where(col(ContactTarget.soll) == 6).values(soll=7))
        session.execute(update(ContactTarget).where(col(ContactTarget.soll) == 12).values(soll=10))
    report = bring(
        filled, edited(form, tmp_path / "back.xlsx", **{where["0/6"]: "0/8"}), preset="contact-matrix"
    )
    assert counts(report, "targets") == (0, 0, 5, 1)
    problem = report.rejects[0].problems[0]
    assert (problem.value, problem.expected) == (
        "8",
        "'6' as when the form was written; kamflow has '7' meanwhile",
    )
    assert sorted(target.soll for target in rows(filled, ContactTarget)) == [1, 3, 3, 4, 7, 10]


def test_influence_and_position_can_be_changed_on_the_form(filled: Engine, tmp_path: Path):
    form = written(filled, tmp_path / "out.xlsx")
    changed = edited(form, tmp_path / "back.xlsx", E5="9", F3="Leiter Einkauf", G5="11")
    report = bring(filled, changed, preset="contact-matrix")
    assert counts(report, "contacts") == (0, 2, 1, 1)
    places = rows(filled, Place)
    assert (places[0].influence, places[1].position, places[2].influence) == (9, "Leiter Einkauf", 8)


def test_what_excel_made_a_date_of_comes_back(muster: Engine, tmp_path: Path):
    changes = {("Witt", "Knut"): ("Thema", datetime(2026, 6, 2)), ("Kruse", "Knut"): ("T", "oft")}  # noqa: DTZ001 - Excel knows no zones
    path = tmp_path / "m.xlsx"
    draw(path, changes=changes)
    report = bring(muster, path, preset="contact-matrix")
    assert counts(report, "targets") == (4, 0, 0, 2)
    assert any("format the cell as text" in record.problems[0].expected for record in report.rejects)


def test_a_person_nobody_knows_comes_back(muster: Engine, tmp_path: Path):
    with write(muster) as session:
        session.delete(session.execute(select(Person).where(col(Person.key) == "lech")).scalar_one())
    report = bring(muster, draw(tmp_path / "m.xlsx"), preset="contact-matrix")
    assert counts(report, "targets") == (5, 0, 0, 1)
    assert "import our people first" in report.rejects[0].problems[0].expected


@pytest.mark.parametrize("title", ["Kontaktplan 2026", "Kontaktplan Fremde GmbH"])
def test_a_matrix_of_nobody_is_refused(muster: Engine, tmp_path: Path, title: str):
    with pytest.raises(Refused, match="names no account"):
        bring(muster, draw(tmp_path / "m.xlsx", title), preset="contact-matrix")


def test_a_workbook_without_a_matrix_is_refused(muster: Engine, tmp_path: Path):
    with xlsxwriter.Workbook(str(tmp_path / "m.xlsx")) as book:
        book.add_worksheet("x").write(0, 0, "nothing")
    with pytest.raises(Refused, match="no contact matrix"):
        bring(muster, tmp_path / "m.xlsx", preset="contact-matrix")


def _cells(path: Path) -> list[Any]:
    return list(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False))


def _places(path: Path) -> list[tuple[str, str]]:
    return [
        (matrix_workbook.place(row, column), str(cell))
        for row, cells in enumerate(_cells(path))
        for column, cell in enumerate(cells)
    ]
