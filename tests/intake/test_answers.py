"""Answers to surveys held elsewhere come in with their scale, and what does not fit comes back."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from kamflow.errors import Refused
from kamflow.figures.nps import score
from kamflow.intake.importing import run_import
from kamflow.intake.mapping import parse
from kamflow.intake.record import Problem
from kamflow.intake.report import ImportReport
from kamflow.models.event import Event
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating, SurveyUnnamed, SurveyWave
from kamflow.settings import Company
from kamflow.store import engine as db
from tests.conftest import NOW
from tests.world import World

MAPPING = """
source = "tool"
[[answers]]
columns.account = "account"
columns.contact = "contact"
columns.day = "day"
columns.score = "score"
columns.comment = "comment"
columns.expectation_delivery = "expected"
columns.experience_delivery = "experienced"
"""
HEAD = "account;contact;day;score;comment;expected;experienced\n"


class Importing:
    """Muster AG with two contacts, and files in a folder."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        world = World(engine)
        account = world.account("Muster", world.person("Witt"))
        world.place("Paul", account, influence=8)
        world.place("Lech", account, influence=2)

    def bring(self, rows: str, mapping: str = MAPPING, head: str = HEAD) -> ImportReport:
        path = self.folder / "answers.csv"
        path.write_text(head + rows)
        plan = parse(mapping, "test")
        return run_import(self.engine, [path], now=NOW, company=Company(), mapping=plan)

    def rows(self, model: type[SQLModel]) -> list[SQLModel]:
        with db.read(self.engine) as session:
            return list(session.execute(select(model)).scalars())


@pytest.fixture
def tool(engine: Engine, tmp_path: Path) -> Importing:
    return Importing(engine, tmp_path)


def test_an_answer_comes_in_once_however_often_it_is_imported(tool: Importing) -> None:
    rows = "Muster;paul;2026-09-02;4;Too late;9;3\nMuster;lech;2026-09-03;;;;\n"
    report = tool.bring(rows)
    again = tool.bring(rows)

    assert report.counts["answers"]["new"] == 2
    assert (again.counts["answers"]["unchanged"], again.changes) == (2, 0)
    (wave,) = tool.rows(SurveyWave)
    assert (wave.source, wave.imported, wave.send_on) == ("tool", True, date(2026, 9, 2))
    assert [(each.score, each.comment) for each in tool.rows(SurveyAnswer)] == [(4, "Too late")]
    assert [(each.expectation, each.experience) for each in tool.rows(SurveyRating)] == [(9, 3)]
    # Who said nothing was asked, and has no score.
    assert len(tool.rows(SurveyInvitation)) == 2


def test_of_several_answers_the_newest_counts_and_an_older_file_takes_nothing_back(tool: Importing) -> None:
    tool.bring("Muster;paul;2026-09-02;4;;;\n")
    tool.bring("Muster;paul;2026-09-04;9;;;\n")
    tool.bring("Muster;paul;2026-09-02;4;;;\n")

    assert [each.score for each in tool.rows(SurveyAnswer)] == [9]


def test_what_does_not_fit_comes_back_with_line_column_value_and_what_was_expected(tool: Importing) -> None:
    rows = "Muster;paul;2026-09-02;11;;;\nMuster;lech;2026-12-24;5;;;\nMuster;nobody;2026-09-02;5;;;\n"
    report = tool.bring(rows + "Muster;paul;2026-09-02;7.5;;;\n")

    told = [(each.row.line, *(_said(p) for p in each.problems)) for each in report.rejects]
    assert sorted(told) == [
        (2, ("score", "11", "a whole number from 0 to 10")),
        (3, ("day", "2026-12-24", "no day after 2026-09-07")),
        (4, ("contact", "nobody", "no contact 'nobody': import it first, or map it")),
        (5, ("score", "7.5", "a whole number from 0 to 10")),
    ]  # fmt: skip
    assert tool.rows(SurveyAnswer) == []


def _said(problem: Problem) -> tuple[str, str, str]:
    return problem.column, problem.value, problem.expected


def test_another_scale_is_stretched_and_kept_with_the_wave(tool: Importing) -> None:
    scaled = MAPPING.replace("[[answers]]", '[[answers]]\nscale = "1..5"\nratings_scale = "0..10"')
    report = tool.bring("Muster;paul;2026-09-02;5;;10;6\nMuster;lech;2026-09-02;6;;;\n", scaled)

    assert [each.score for each in tool.rows(SurveyAnswer)] == [10]
    assert [(each.expectation, each.experience) for each in tool.rows(SurveyRating)] == [(10, 6)]
    assert [each.scale for each in tool.rows(SurveyWave)] == ["1..5"]
    assert [problem.expected for problem in report.rejects[0].problems] == ["a whole number from 1 to 5"]
    other = tool.bring(
        "Muster;lech;2026-09-02;6;;;\n", MAPPING.replace("[[answers]]", '[[answers]]\nscale = "0..10"')
    )
    assert "(1..5)" in other.rejects[0].problems[0].expected


def test_scores_that_look_like_a_shorter_scale_are_refused_until_it_is_stated(tool: Importing) -> None:
    mapping = MAPPING.replace("columns.contact =", "columns.id =")
    rows = "".join(f"Muster;a-{at};2026-09-02;{1 + at % 5};;;\n" for at in range(10))

    with pytest.raises(Refused, match=r'state their scale in the mapping: scale = "1..5"'):
        tool.bring(rows, mapping)
    assert tool.bring(rows, mapping.replace("[[answers]]", '[[answers]]\nscale = "0..10"')).changes == 10


def test_an_answer_without_a_contact_is_found_again_by_its_id(tool: Importing) -> None:
    mapping = MAPPING.replace("columns.contact =", "columns.id =")
    tool.bring("Muster;a-1;2026-09-02;4;;;\n", mapping)
    report = tool.bring(
        "Muster;a-1;2026-09-02;5;;;\nMuster;;2026-09-02;5;;;\nMuster;a-2;2026-09-02;;;;\n", mapping
    )

    assert report.counts["answers"]["changed"] == 1
    assert [(each.key, each.score) for each in tool.rows(SurveyUnnamed)] == [("a-1", 5)]
    assert [each.problems[0].column for each in report.rejects] == ["contact", "score"]


def test_only_a_new_answer_of_these_days_is_told_on(tool: Importing) -> None:
    tool.bring("Muster;paul;2026-09-02;4;;;\nMuster;lech;2026-02-02;4;;;\n")
    tool.bring("Muster;paul;2026-09-02;4;;;\n")

    told = [each.payload["score"] for each in tool.rows(Event) if each.name == "survey.answered"]
    assert told == [4]


def test_a_thousand_answers_of_another_tool_give_the_score_they_have(
    sqlite_engine: Engine, shared_data: Callable[[str], Path]
) -> None:
    path = shared_data("nps_accounts_r/nps_testdata.csv")
    example = Path(__file__).parents[2] / "docs" / "examples" / "nps.toml"
    reports = [
        run_import(sqlite_engine, [path], now=NOW, company=Company(), mapping=example) for _ in range(2)
    ]

    assert reports[0].counts["answers"]["new"] == reports[1].counts["answers"]["unchanged"] == 1000
    with db.read(sqlite_engine) as session:
        counted = score(list(session.execute(select(SurveyUnnamed.score)).scalars()))
    assert counted[:3] == (462, 176, 362)
    assert float(counted.nps or 0) == 10.0
