"""The account plan in Excel, both ways: nothing lost, nothing overwritten unseen, nothing asked twice."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col

from kamflow.errors import Refused
from kamflow.figures.plan_questions import QUESTIONS
from kamflow.intake.forms import labels, plan_export, workbook
from kamflow.intake.report import ImportReport
from kamflow.models.account import Account
from kamflow.models.event import Event
from kamflow.models.plan import (
    AccountPlan,
    Goal,
    Measure,
    OpenQuestion,
    PlanMilestone,
    PlanSection,
    PlanState,
)
from kamflow.models.training import Competitor
from kamflow.policy import Policy
from kamflow.store import lookup
from kamflow.store.engine import read, write
from tests.intake.bringing import bring, counts, rows
from tests.intake.plan_filling import answered, places
from tests.world import World

TODAY = date(2026, 9, 7)
# What a database has no part in is tried on one.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAUGHTY = "=1+1 'Ä' <b>&amp; _x0041_ \u202e😀 \"quoted\"\nzweite Zeile; 'quote"


@pytest.fixture
def world(engine: Engine) -> World:
    """Muster AG with a plan for 2027 in work, by Witt."""
    world = World(engine)
    kam = world.person("Witt")
    account = world.account("Müster & Söhne AG", kam, key="MUSTER", account_class="key")
    plan = world.add(
        AccountPlan(account_id=account.id, year_first=date(2027, 1, 1), year_last=date(2027, 12, 31),
                    author_id=kam.id, start_on=date(2026, 7, 1), hand_in_on=date(2026, 10, 30))
    )  # fmt: skip
    for number in range(1, 11):
        world.add(PlanSection(plan_id=plan.id, number=number))
    for step in range(1, 8):
        world.add(PlanMilestone(plan_id=plan.id, step=step, due_on=date(2026, 9, 10 + step)))
    return world


def export(world: World, path: Path, key: str = "MUSTER", language: str = "de", **more: Any) -> Path:
    with read(world.engine) as session:
        account = lookup.account(session, key)
        forms = plan_export.Export(
            session, TODAY, world.settings.company, Policy(), language, labels.load(session)
        )
        workbook.write_plan(forms, path, account, **more)
    return path


def hand_in(world: World, tmp_path: Path, cells: dict[tuple[str, str], Any], **more: Any) -> ImportReport:
    """Export, fill in, import."""
    form = export(world, tmp_path / "form.xlsx", **more)
    return bring(world.engine, answered(form, tmp_path / "back.xlsx", cells), preset="form")


def sections(world: World) -> dict[int, PlanSection]:
    return {each.number: each for each in rows(world.engine, PlanSection)}


@one_database
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_form_that_nobody_touched_changes_nothing(world: World, tmp_path: Path, language: str):
    report = bring(world.engine, export(world, tmp_path / "form.xlsx", language=language), preset="form")
    assert (report.changes, report.rejected) == (0, 0)
    assert rows(world.engine, OpenQuestion) == []


def test_what_is_filled_in_comes_into_the_plan(world: World, tmp_path: Path):
    long = "Überlänge " + "ä" * 30_000
    report = hand_in(world, tmp_path, {
        ("text:1:challenge", "value"): "Neue Werke in Osteuropa",
        ("text:1:contact_3", "value"): NAUGHTY,
        ("ask:2:finances", "value"): long,
        ("text:7:relationship", "strengths"): "offen",
        ("text:8:", "value"): "Freitext",
    })  # fmt: skip
    assert report.rejected == 0
    stored = sections(world)
    assert stored[1].answers == {"challenge": "Neue Werke in Osteuropa", "contact_3": NAUGHTY}
    assert (stored[2].answers or {})["finances"] == long
    assert stored[7].answers == {"relationship.strengths": "offen"}
    assert (stored[8].body, stored[8].filled_on, stored[8].version) == ("Freitext", TODAY, 2)
    assert [number for number, each in stored.items() if each.filled_on] == [1, 2, 7, 8]


def test_the_second_import_of_the_same_file_changes_nothing(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {("text:1:goals", "value"): "Ziel", ("measure:new-1", "title"): "Konzept"})
    again = bring(world.engine, tmp_path / "back.xlsx", preset="form")
    assert (again.changes, again.rejected) == (0, 0)
    assert len(rows(world.engine, OpenQuestion)) == len(QUESTIONS)


@one_database
def test_a_new_export_says_what_was_handed_in(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {
        ("ask:4:prices", "value"): NAUGHTY, ("goal:new-1", "figure"): "Umsatz",
        ("goal:new-1", "amount"): 1234567.89, ("goal:new-1", "due"): date(2027, 12, 31),
    })  # fmt: skip
    report = bring(world.engine, export(world, tmp_path / "next.xlsx"), preset="form")
    assert (report.changes, report.rejected) == (0, 0)
    (goal,) = rows(world.engine, Goal)
    assert (goal.figure, goal.amount, goal.due_on) == ("revenue", Decimal("1234567.89"), date(2027, 12, 31))


def test_a_question_left_empty_becomes_an_open_one_with_owner_and_date(world: World, tmp_path: Path):
    lech = world.person("Lech", "specialist")
    hand_in(world, tmp_path, {
        ("ask:2:finances", "value"): "gut",
        ("ask:2:potential", "owner"): "Lech",
        ("ask:2:potential", "due"): date(2026, 10, 1),
        ("ask:2:strategy", "value"): "?",
    })  # fmt: skip
    asked = {each.code: each for each in rows(world.engine, OpenQuestion)}
    assert "2.finances" not in asked
    assert len(asked) == len(QUESTIONS) - 1
    assert (asked["2.potential"].owner_id, asked["2.potential"].due_on) == (lech.id, date(2026, 10, 1))
    author = rows(world.engine, AccountPlan)[0].author_id
    assert (asked["2.strategy"].owner_id, asked["2.strategy"].due_on) == (author, date(2026, 9, 11))
    assert (asked["4.prices"].due_on, asked["8.goals"].due_on) == (date(2026, 9, 14), date(2026, 9, 15))


@one_database
def test_an_answer_in_the_form_closes_the_open_question(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {("ask:2:finances", "value"): "gut"})
    report = hand_in(world, tmp_path, {("ask:2:deciding", "value"): "Der Vorstand, im Mai"})
    assert counts(report, "questions") == (0, 1, len(QUESTIONS) - 2, 0)
    asked = {each.code: each for each in rows(world.engine, OpenQuestion)}
    assert (asked["2.deciding"].answer, asked["2.deciding"].answered_on) == ("Der Vorstand, im Mai", TODAY)
    assert len(asked) == len(QUESTIONS) - 1


@one_database
def test_an_answer_given_elsewhere_stands_in_the_form(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {("ask:2:finances", "value"): "gut"})
    with write(world.engine) as session:
        said = update(OpenQuestion).where(col(OpenQuestion.code) == "4.image")
        session.execute(said.values(answer="Sehr gut", answered_on=TODAY))
    report = bring(world.engine, export(world, tmp_path / "next.xlsx"), preset="form")
    assert (report.changes, report.rejected) == (0, 0)
    assert len(rows(world.engine, OpenQuestion)) == len(QUESTIONS) - 1


def test_measures_are_agreed_and_followed_in_the_form(world: World, tmp_path: Path):
    account = rows(world.engine, Account)[0]
    old = world.measure(account, date(2026, 9, 30), title="Preisliste")
    hand_in(world, tmp_path, {
        (f"measure:{old.id}", "done"): date(2026, 9, 4),
        ("measure:new-2", "title"): "Logistikkonzept", ("measure:new-2", "side"): "gemeinsam",
        ("measure:new-2", "topic"): "Lösungen", ("measure:new-2", "owner"): "Witt",
        ("measure:new-2", "due"): "03.11.2026",
    })  # fmt: skip
    done, new = rows(world.engine, Measure)
    assert (done.done_on, done.version) == (date(2026, 9, 4), 2)
    assert (new.side, new.topic, new.due_on) == ("joint", "solutions", date(2026, 11, 3))
    assert new.plan_id == rows(world.engine, AccountPlan)[0].id
    assert sections(world)[9].filled_on == TODAY
    assert {"measure.done", "measure.agreed"} <= {each.name for each in rows(world.engine, Event)}


@one_database
def test_a_measure_is_moved_with_a_reason_only(world: World, tmp_path: Path):
    account = rows(world.engine, Account)[0]
    old = world.measure(account, date(2026, 9, 30))
    line = f"measure:{old.id}"
    report = hand_in(world, tmp_path, {(line, "due"): date(2026, 10, 7)})
    assert report.rejects[0].problems[0].expected.startswith("a reason beside it")
    hand_in(world, tmp_path, {(line, "due"): date(2026, 10, 7), (line, "reason"): "Urlaub"})
    assert [(each.due_on, each.moved_reason) for each in rows(world.engine, Measure)] == [
        (date(2026, 10, 7), "Urlaub")
    ]


@one_database
def test_an_answer_taken_back_opens_the_question_again(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {("ask:2:finances", "value"): "gut"})
    hand_in(world, tmp_path, {("ask:4:image", "value"): "gut"})
    hand_in(world, tmp_path, {("ask:4:image", "value"): "?", ("ask:2:finances", "value"): ""})
    asked = {each.code: each for each in rows(world.engine, OpenQuestion)}
    assert len(asked) == len(QUESTIONS)
    assert not any(each.answer or each.answered_on for each in asked.values())
    told = {each.name for each in rows(world.engine, Event) if "question" in each.name}
    assert told == {"question.added", "question.answered", "question.changed"}


@one_database
def test_an_old_file_does_not_take_back_an_answer_given_elsewhere(world: World, tmp_path: Path):
    first = {("ask:4:image", "value"): "gut", ("ask:4:prices", "value"): "hohe"}
    hand_in(world, tmp_path, first)
    hand_in(world, tmp_path, {("ask:4:image", "value"): ""})
    with write(world.engine) as session:
        said = update(OpenQuestion).where(col(OpenQuestion.code) == "4.image")
        session.execute(said.values(answer="Sehr gut", answered_on=TODAY, version=9))
    back = bring(world.engine, tmp_path / "back.xlsx", preset="form")
    assert back.changes == 0
    assert {each.answer for each in rows(world.engine, OpenQuestion)} == {None, "Sehr gut"}


@one_database
def test_competitors_and_questions_of_ones_own_come_in(world: World, tmp_path: Path):
    world.place("Knut", rows(world.engine, Account)[0])
    hand_in(world, tmp_path, {
        ("competitor:new-1", "name"): "Konkurrenz GmbH", ("competitor:new-1", "revenue"): "1.200.000,50",
        ("competitor:new-1", "rank"): 2, ("competitor:new-1", "strengths"): NAUGHTY,
        ("question:new-1", "question"): "Wer folgt auf Knut?", ("question:new-1", "whom"): "Knut",
    })  # fmt: skip
    (rival,) = rows(world.engine, Competitor)
    assert (rival.rank, rival.revenue, rival.strengths) == (2, Decimal("1200000.50"), NAUGHTY)
    assert sections(world)[6].filled_on == TODAY
    own = [each for each in rows(world.engine, OpenQuestion) if each.code is None]
    assert [(each.question, each.ask_contact_id is not None) for each in own] == [
        ("Wer folgt auf Knut?", True)
    ]


UNREADABLE = {
    ("measure:new-1", "due"): ("übermorgen", "bis", "a date such as"),
    ("measure:new-2", "side"): ("niemand", "Seite", "one of wir (ours)"),
    ("measure:new-3", "owner"): ("Unbekannt", "Wer", "a person that kamflow knows"),
    ("goal:new-1", "amount"): ("viel", "Betrag", "a number such as 1.234,56"),
    ("competitor:new-1", "rank"): ("0", "Rang", "a whole number from 1 to 99"),
    ("ask:2:finances", "due"): ("31.02.2026", "bis", "a date such as"),
    ("question:new-1", "whom"): ("Niemand", "wen fragen", "a contact that kamflow knows"),
    ("question:new-2", "due"): ("03/04/2026", "bis", "a date such as"),
}


@one_database
def test_each_cell_that_cannot_be_read_comes_back_and_the_rest_goes_in(world: World, tmp_path: Path):
    cells = {spot: said for spot, (said, _, _) in UNREADABLE.items()}
    report = hand_in(world, tmp_path, cells | {("text:1:goals", "value"): "bleibt"})
    at = places(tmp_path / "form.xlsx")
    told = {(record.table.name, each.column): each for record in report.rejects for each in record.problems}
    for spot, (said, title, expected) in UNREADABLE.items():
        sheet, place = at[spot]
        problem = told[sheet, f"{title} ({place})"]
        assert (problem.value, expected in problem.expected) == (said, True)
    assert sections(world)[1].answers == {"goals": "bleibt"}
    assert rows(world.engine, Measure) == []


@one_database
def test_what_no_cell_can_hold_is_shown_and_left_alone(world: World, tmp_path: Path):
    plan = rows(world.engine, AccountPlan)[0]
    huge = Decimal("123456789012345.67")
    world.add(Goal(account_id=plan.account_id, plan_id=plan.id, figure="revenue", amount=huge))
    with write(world.engine) as session:
        session.execute(update(PlanSection).where(col(PlanSection.number) == 3).values(body="ä" * 40_000))
    report = hand_in(world, tmp_path, {("text:1:goals", "value"): "Ziel"})
    assert report.rejected == 0
    assert sections(world)[3].body == "ä" * 40_000
    assert [each.amount for each in rows(world.engine, Goal)] == [huge]


@one_database
def test_a_cell_changed_meanwhile_comes_back_with_both_values_and_the_rest_goes_in(
    world: World, tmp_path: Path
):
    hand_in(world, tmp_path, {("text:1:goals", "value"): "alt"})
    form = export(world, tmp_path / "later.xlsx")
    hand_in(world, tmp_path, {("text:1:goals", "value"): "von anderen"})
    cells = {("text:1:goals", "value"): "von mir", ("text:1:challenge", "value"): "neu"}
    report = bring(world.engine, answered(form, tmp_path / "mine.xlsx", cells), preset="form")
    (problem,) = report.rejects[0].problems
    assert (problem.value, "'alt'" in problem.expected, "'von anderen'" in problem.expected) == (
        "von mir", True, True,
    )  # fmt: skip
    assert sections(world)[1].answers == {"goals": "von anderen", "challenge": "neu"}


@one_database
def test_whoever_goes_on_in_the_same_file_is_not_told_of_their_own_changes(world: World, tmp_path: Path):
    first = {("text:1:goals", "value"): "eins", ("measure:new-1", "title"): "Konzept"}
    hand_in(world, tmp_path, first)
    form = tmp_path / "form.xlsx"
    second = first | {("text:1:goals", "value"): "zwei", ("measure:new-1", "due"): date(2026, 12, 1)}
    report = bring(world.engine, answered(form, tmp_path / "again.xlsx", second), preset="form")
    assert report.rejected == 0
    assert sections(world)[1].answers == {"goals": "zwei"}
    assert [(each.title, each.due_on) for each in rows(world.engine, Measure)] == [
        ("Konzept", date(2026, 12, 1))
    ]


@one_database
def test_an_old_copy_of_the_file_takes_nothing_back(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {("text:1:goals", "value"): "Ziel", ("measure:new-1", "title"): "Konzept"})
    report = bring(world.engine, tmp_path / "form.xlsx", preset="form")
    assert (report.changes, report.rejected) == (0, 0)
    assert any("were left alone" in note for note in report.notes)


@one_database
def test_emptied_cells_are_emptied(world: World, tmp_path: Path):
    hand_in(world, tmp_path, {("text:5:", "value"): "etwas"})
    hand_in(world, tmp_path, {("text:5:", "value"): ""})
    assert (sections(world)[5].body, sections(world)[5].filled_on) == (None, None)


@one_database
@pytest.mark.parametrize(("state", "taken"), [("submitted", False), ("approved", True)])
def test_a_plan_at_the_approver_takes_no_text_and_the_way_out_is_named(
    world: World, tmp_path: Path, state: str, taken: bool
):
    with write(world.engine) as session:
        session.execute(update(AccountPlan).values(state=state))
    report = hand_in(world, tmp_path, {
        ("text:1:goals", "value"): "Ziel", ("measure:new-1", "title"): "Konzept"
    })  # fmt: skip
    assert bool(sections(world)[1].answers) is taken
    assert len(rows(world.engine, Measure)) == 1
    assert any("kamflow plan return" in p.expected for r in report.rejects for p in r.problems) is not taken
    assert any("it stays approved" in note for note in report.notes) is (state == PlanState.APPROVED)


@one_database
def test_the_short_form_has_its_five_sections_and_goals(world: World, tmp_path: Path):
    world.account("Klein KG", key="KLEIN", account_class="major")
    form = export(world, tmp_path / "short.xlsx", "KLEIN")
    numbers = {code.split(":")[1] for code, _ in places(form) if code.startswith(("text:", "ask:"))}
    assert numbers == {"1", "3", "5", "8", "9"}
    cells = {("text:1:goals", "value"): "Ziel", ("goal:new-1", "figure"): "Umsatz"}
    report = bring(world.engine, answered(form, tmp_path / "back.xlsx", cells), preset="form")
    assert report.rejected == 0
    plan = next(each for each in rows(world.engine, AccountPlan) if each.form == "short")
    assert (plan.state, plan.year_first) == ("draft", date(2027, 1, 1))
    assert len([each for each in rows(world.engine, OpenQuestion) if each.plan_id == plan.id]) == 3
    assert bring(world.engine, tmp_path / "back.xlsx", preset="form").changes == 0


@one_database
def test_a_form_whose_memory_is_gone_is_refused(world: World, tmp_path: Path):
    from python_calamine import CalamineWorkbook

    form = export(world, tmp_path / "form.xlsx")
    assert "kamflow" in CalamineWorkbook.from_path(form).sheet_names
    with write(world.engine) as session:
        session.execute(update(Account).values(key="ANDERS"))
    with pytest.raises(Refused, match="no account with the key 'MUSTER'"):
        bring(world.engine, form, preset="form")
