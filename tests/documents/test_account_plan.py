"""The account plan as a document: complete, fresh or stale, each figure from a fact, nothing made up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kamflow.documents.account_plan.lines import Finding, paragraphs
from kamflow.documents.account_plan.plan import AccountPlan, Answer, Section
from notifications.render import plan_document, plan_example
from notifications.render.formats import Formats, locale_of
from notifications.render.item import Item, Letter
from tests.documents import told

TODAY = date(2026, 11, 5)
RUNNING = "2026 until 30 October"
LANGUAGES = ["de", "en", "de_AT", "de_CH", "en_US"]


def item(letter: Letter, kind: str) -> Item:
    return next(each for each in letter.items if each.kind.startswith(kind))


def known(plan: AccountPlan, formats: Formats) -> set[str]:
    """Every figure and date of the facts, as this reader writes them, and the texts themselves."""
    found: set[str] = set()
    waiting: list[object] = [plan]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tuple):
            waiting.extend(each)
        elif hasattr(each, "__dataclass_fields__"):
            waiting.extend(getattr(each, name) for name in each.__dataclass_fields__)
        elif isinstance(each, date):
            found |= {formats.dated(each), formats.weekday(each), formats.day(each)}
        elif isinstance(each, Decimal):
            shown = {formats.money(str(each)), formats.number(round(each)), formats.number(float(each))}
            found |= shown | {formats.change(float(round(each, 1)))}
        elif isinstance(each, int) and not isinstance(each, bool):
            found |= {str(each), formats.percent(each)}
        elif isinstance(each, str):
            found.add(each)
    return found


@pytest.mark.parametrize("case", plan_example.CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_can_be_traced_to_a_fact(case: str, language: str):
    plan = plan_example.CASES[case](language[:2])
    formats = Formats(locale_of(language), plan.as_of)
    letter = plan_document.letter(plan, language)
    lists = (plan.measures, plan.goals, plan.gaps, plan.contacts, plan.competitors, plan.projects)
    open_ = [each for each in plan.measures if each.done_on is None]
    states = [plan.projects_in(state) for state in ("open", "won", "lost")]
    counted = {str(len(each)) for each in (*lists, open_, states[0], states[1] + states[2])}
    counted |= {str(plan.unknown), *(str(each.unknown) for each in plan.sections)}
    headings = {f"{number} · " for number in range(1, 11)} | {
        f" {number}"
        for number in (1, 2, 3)  # of contacts, measures and requests in the summary
    }
    assert told.left_over(letter, known(plan, formats) | counted | headings) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_of_nothing_says_what_is_missing_and_invents_nothing(language: str):
    letter = plan_document.letter(plan_example.bare(), language)
    said = " ".join(told.texts(letter))
    assert not any(each.charts for each in letter.items)
    assert not told.MADE_UP.search(said)
    for number in (1, 3, 5, 6, 7, 9, 10):
        lines = item(letter, f"{number} · ").lines
        assert lines[0].head in ("Es fehlt", "Missing")
    assert len(item(letter, "Offene" if language.startswith("de") else "Open ques").tables[0].rows) == 27


def test_all_ten_categories_stand_in_their_order_and_the_short_form_has_five():
    whole = plan_document.letter(plan_example.approved("en"), "en")
    short = plan_document.letter(plan_example.short("en"), "en")
    numbered = [each.kind.split(" · ")[0] for each in whole.items if " · " in each.kind]
    assert list(dict.fromkeys(numbered)) == [str(number) for number in range(1, 11)]
    assert [each.kind[0] for each in short.items if " · " in each.kind] == ["1", "3", "5", "8", "9"]
    assert (whole.badge, whole.tone, short.badge) == ("approved", "calm", "draft")


def test_a_category_that_nobody_looked_at_for_too_long_is_stale_and_says_so():
    at = Section(6, filled_on=date(2026, 7, 8))
    assert at.freshness(TODAY, 120) == "fresh"
    assert replace(at, filled_on=date(2026, 7, 7)).freshness(TODAY, 120) == "stale"
    assert replace(at, reviewed_on=TODAY).freshness(TODAY, 120) == "fresh"
    assert Section(6, reviewed_on=TODAY).freshness(TODAY, 120) == "empty"

    plan = plan_example.approved("en")
    assert (plan.stale, plan.empty) == ((6,), ())
    shown = item(plan_document.letter(plan, "en"), "6 · ")
    assert (shown.marks, shown.tone) == (("filled on 2 April 2026", "stale"), "over")


def test_an_open_question_shows_who_finds_out_by_when_and_whom_to_ask():
    plan = plan_example.approved("en")
    line = next(each for each in item(plan_document.letter(plan, "en"), "2 · ").lines if each.badge)
    assert (line.badge, line.text) == (
        "?", "Jürgen Witt finds out by 1 December 2026, to be asked: Philip Roth",
    )  # fmt: skip
    bare = replace(plan, sections=(Section(2, answers=(Answer("finances", (), Finding()),)),), questions=())
    assert bare.unknown == 1
    (only,) = item(plan_document.letter(bare, "en"), "2 · ").lines
    assert only.text == "nobody finds out yet"
    (german,) = item(plan_document.letter(bare, "de"), "2 · ").lines
    assert german.text == "klärt noch niemand"


def test_the_running_year_and_one_known_in_part_say_so_in_the_table_and_in_the_chart():
    plan = plan_example.approved("en")
    revenue = replace(plan.revenue, partly=0, since=date(2024, 7, 1))
    shown = item(plan_document.letter(replace(plan, revenue=revenue), "en"), "3 · ")
    (table,), (chart,) = shown.tables, shown.charts
    assert (table.head[1], chart.labels[0]) == ("2024 from 1 July 2024",) * 2
    assert (table.rows[-1][1].text, chart.actual.values[0]) == ("2,275,000", 2_275_000.0)
    said = [line.text for line in shown.lines if line.head.startswith("2026")]
    (compared,) = said
    assert "compares the months until 31 October 2026 with the same months of the year before" in compared


def test_the_example_shows_what_the_product_reckons_and_no_year_ahead_of_a_running_one():
    revenue = plan_example.approved("en").revenue
    assert (revenue.running, revenue.until, revenue.compared) == (2, date(2026, 10, 30), date(2026, 10, 31))
    assert [line.changes[2] for line in (*revenue.lines, revenue.total)] == [None] * 4
    assert round(revenue.growth, 1) == Decimal("9.9")


def test_revenue_is_told_by_product_group_and_year_with_its_change_as_table_and_chart():
    shown = item(plan_document.letter(plan_example.approved("en"), "en"), "3 · ")
    (table,), (chart,) = shown.tables, shown.charts
    assert table.head == ("Product group", "2024", "2025", "± %", RUNNING, "± %", "2027 target", "± %")
    assert [cell.text for cell in table.rows[0]] == [
        "Sheet metal", "1,420,000", "1,610,000", "+13.4%", "1,380,000", "+2.2%", "2,100,000", "–",
    ]  # fmt: skip
    assert [cell.text for cell in table.rows[2]][2:5] == ["not known", "–", "not known"]
    assert (chart.actual.values[3], chart.target.values) == (None, (None, None, None, 3_400_000.0))
    assert chart.labels == ("2024", "2025", RUNNING, "2027 target")
    assert f"2025: €2,370,000, {RUNNING}: €2,285,000" in chart.alt
    assert shown.figures[0].label == f"Revenue {RUNNING}"
    assert (shown.figures[0].as_of, shown.figures[0].source) == ("as of 30 October 2026", "source: SAP")


def test_a_text_stays_as_written_in_its_paragraphs():
    naughty = "<b>{{ 7*7 }}</b> #let x=1 $(rm) =1+1\r\nzweite Zeile\n\n"
    section = Section(2, TODAY, remarks=paragraphs(naughty))
    letter = plan_document.letter(replace(plan_example.bare(), sections=(section,)), "de")
    lines = item(letter, "2 · ").lines
    assert [(each.head, each.text) for each in lines] == [
        ("Weiteres", "<b>{{ 7*7 }}</b> #let x=1 $(rm) =1+1"), ("", "zweite Zeile"),
    ]  # fmt: skip


def test_on_paper_it_has_its_text_and_the_same_facts_give_the_same_bytes():
    made = plan_example.pdf("many", "de")
    text = told.of_pdf(made)
    for word in ("Muster AG", "Accountplan 2027", "Umsatzanalyse", "1.610.000", "+13,4", "Nordblech GmbH"):
        assert word in text
    assert made == plan_example.pdf("many", "de")
