"""The tools of KAM training out of CSV, JSON and Excel, by the templates or by a mapping."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.intake.entities.kept import KEPT
from kamflow.intake.forms import tools
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.intake.mapping import parse
from kamflow.models.account import ExternalReference
from kamflow.models.event import Event
from kamflow.models.plan import Goal, Measure
from kamflow.models.service import ServiceClass, ServiceGiven
from kamflow.models.training import BusinessCase, Competitor, Complaint, Gap, Negotiation
from kamflow.store.engine import read
from tests.intake import training
from tests.intake.bringing import bring, counts, first_problem, put, rows

TEMPLATES = {
    "goals": "account;figure;amount;unit;due_on;text\nM;revenue;1.250,50;;31.12.2026;Mehr\n"
    "M;share;12,5;%;;\n",
    "positions": "kunde;bewertet am;attraktivität;strategie\nM;12.03.2026;80;Ausbauen\n",
    "criteria": "kunde;bewertet am;achse;kriterium;gewicht;punkte\nM;12.03.2026;Attraktivität;Nähe;3;70\n",
    "gaps": "account;service;need;competitor;chance;measure_owner;measure_due\n"
    "M;Kälte;+;+;ja;witt;2026-12-01\nM;Wärme;-;plus;;;\n",
    "services": "key;name;unit;value;class_key;class_a;klasse b\nX;Express;Fahrt;49,90;ja;paid;nein\n",
    "services_given": "account;service;day;quantity;value;charge\nM;Express;2026-03-12;1;49,90;erlassen\n"
    "M;X;2026-03-12;1;49,90;erlassen\n",
    "complaints": "account;contact;subject;opened_on\nM;Paul;Bruch;2026-05-01\n",
    "competitors": "account;name;rank;revenue\nM;Würth;1;1.000,00\n",
    "business_cases": "account;benefit;amount;unit\nM;Prozesszeit;120;h\n",
    "negotiations": "account;year;topic;limit\nM;2026;Preise;3 %\n",
    "collaboration": "department;kind;lead_time;for_meeting\nLogistik;Lieferzeiten;15;ja\n",
    "measures": "account;title;side;owner;due_on\nM;Schulung;gemeinsam;witt;2026-10-01\n",
    "questions": "account;section;question;owner;due_on\nM;2;Wer entscheidet?;witt;2026-10-01\n",
}  # fmt: skip


@pytest.fixture
def company(engine: Engine) -> Engine:
    training.company(engine)
    return engine


@pytest.fixture
def small(sqlite_engine: Engine) -> Engine:
    training.company(sqlite_engine)
    return sqlite_engine


def file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8-sig")
    return path


def test_the_templates_bring_every_tool_and_a_second_import_changes_nothing(company: Engine, tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in TEMPLATES.items():
        file(folder, f"{name}.csv", content)
    report = bring(company, folder, preset="kamflow")
    assert (report.rejects, set(TEMPLATES)) == ([], set(KEPT))
    new = {name: report.counts[name]["new"] for name in TEMPLATES}
    assert new == {name: content.count("\n") - 1 for name, content in TEMPLATES.items()}
    assert len(rows(company, ServiceGiven)) == 2
    before = [[each.model_dump() for each in rows(company, table)] for table in training.TABLES]
    again = bring(company, folder, preset="kamflow")
    assert (again.changes, again.rejected) == (0, 0)
    assert [[each.model_dump() for each in rows(company, table)] for table in training.TABLES] == before


def test_a_gap_with_owner_and_date_makes_its_measure_once(small: Engine, tmp_path: Path):
    path = file(tmp_path, "gaps.csv", TEMPLATES["gaps"])
    bring(small, path, preset="kamflow")
    bring(small, path, preset="kamflow")
    [measure] = rows(small, Measure)
    assert (measure.title, measure.due_on) == ("Kälte", date(2026, 12, 1))
    assert [gap.measure_id for gap in rows(small, Gap)] == [measure.id, None]
    assert [event.name for event in rows(small, Event)].count("measure.agreed") == 1


@pytest.mark.parametrize(
    ("name", "row", "column", "expected"),
    [
        ("gaps", "account;service;need;competitor;chance\nM;K;+;0;ja\n", "chance", "a chance only"),
        ("gaps", "account;service;measure_due\nM;K;2026-12-01\n", "measure_owner", "an owner and"),
        ("collaboration", "department;kind;lead_time\nMars;K;3\n", "department", "no department 'Mars'"),
        ("services_given", "account;service;day\nM;Mond;2026-01-01\n", "service", "no service 'Mond'"),
        ("business_cases", "account;benefit;amount\nM;K;3 USD\n", "amount", "an amount in EUR, or a rate"),
        ("complaints", "account;subject;opened_on;closed_on\nM;K;2026-05-01;2026-04-01\n",
         "closed_on", "a day not"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_comes_back(
    small: Engine, tmp_path: Path, name: str, row: str, column: str, expected: str
):
    report = bring(small, file(tmp_path, f"{name}.csv", row), preset="kamflow")
    _, line, shown, _, told = first_problem(report)
    assert (line, shown.startswith(column), told.startswith(expected)) == (2, True, True), (shown, told)
    assert (report.changes, report.exit_code) == (0, 1)


def test_an_id_of_the_source_finds_the_row_again_under_another_name(small: Engine, tmp_path: Path):
    header = "id;account;name;rank\n"
    bring(small, file(tmp_path, "competitors.csv", f"{header}7;M;Würth;1\n"), preset="kamflow")
    again = bring(small, file(tmp_path, "competitors.csv", f"{header}7;M;Würth AG;1\n"), preset="kamflow")
    assert counts(again, "competitors") == (0, 1, 0, 0)
    assert [(each.name, each.version) for each in rows(small, Competitor)] == [("Würth AG", 2)]
    assert {each.kind for each in rows(small, ExternalReference)} == {"competitor"}


def test_two_of_one_name_need_an_id(small: Engine, tmp_path: Path):
    put(small, *(Complaint(account_id=1, subject="Bruch", opened_on=date(2026, 5, 1)) for _ in range(2)))
    path = file(tmp_path, "complaints.csv", "account;subject;opened_on\nM;Bruch;2026-05-01\n")
    assert first_problem(bring(small, path, preset="kamflow"))[4] == "an id; there are 2 of these already"


def test_a_mapping_brings_measures_out_of_json(small: Engine, tmp_path: Path):
    plan = parse(
        'source = "pm"\n[[measures]]\ncolumns = {id = "no", account = "customer", title = "what"}\n', "t"
    )
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([{"no": 1, "customer": "M", "what": "=1+1"}]), encoding="utf-8")
    assert bring(small, path, mapping=plan).as_json()["measures"]["new"] == 1
    assert bring(small, path, mapping=plan).as_json()["measures"]["unchanged"] == 1
    assert rows(small, Measure)[0].title == "=1+1"


def test_amounts_figures_and_limits_are_what_the_file_says(small: Engine, tmp_path: Path):
    for name in ("goals", "business_cases", "negotiations", "services"):
        bring(small, file(tmp_path, f"{name}.csv", TEMPLATES[name]), preset="kamflow")
    assert [goal.amount for goal in rows(small, Goal)] == [Decimal("1250.50"), Decimal("12.50")]
    assert (rows(small, BusinessCase)[0].unit, rows(small, Negotiation)[0].limit) == ("h", "3 %")
    entitled = {each.account_class: each.entitlement for each in rows(small, ServiceClass)}
    assert (entitled, rows(small, Negotiation)[0].meeting_id) == (
        {"key": "included", "A": "paid", "B": "no"},
        1,
    )


def test_naughty_strings_make_the_round_trip(
    small: Engine, shared_data: Callable[[str], Path], tmp_path: Path
):
    naughty: list[Any] = json.loads(shared_data("nasty_blns/blns.json").read_text())
    put(small, *(Competitor(account_id=1, name=f"{at}", strengths=text) for at, text in enumerate(naughty)))
    before = [each.model_dump() for each in rows(small, Competitor)]
    with read(small) as session:
        tools.write(session, tmp_path / "t.xlsx", Scope(), "de", date(2026, 9, 7))
    report = bring(small, tmp_path / "t.xlsx", preset="form")
    assert (report.changes, report.rejects, counts(report, "competitors")[2]) == (0, [], len(naughty))
    assert [each.model_dump() for each in rows(small, Competitor)] == before
