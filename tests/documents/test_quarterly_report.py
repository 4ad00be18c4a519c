"""The quarterly report: each number from a fact with a date, nothing made up, nothing of single employees."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kamflow.documents.quarterly_report import contents
from kamflow.documents.quarterly_report.contents import People
from kamflow.documents.quarterly_report.sums import GroupSales
from notifications.render import report_document as document
from notifications.render import report_example as example
from notifications.render.formats import Formats, locale_of
from notifications.render.item import Field
from notifications.render.training_example import names
from tests.documents import told
from tests.notifications.render.traced import numbers, origins

LANGUAGES = ["de", "en"]
COMMENT = names("en").comments[1]
PEOPLE = {"person", "persons", "kam", "owner", "author", "lead", "specialist", "head", "sponsor", "by"}


def traceable(facts: Mapping[str, Any], language: str) -> Mapping[str, tuple[str, str]]:
    """Every number that may be read -> where it stands and of which day it is."""
    formats = Formats(locale_of(language), example.DAY)
    found = dict(origins({**facts, "as_of": facts["day"]}, formats, names(language)))
    counts = facts["counts"]
    derived = {
        "counts": sum(counts.values()),
        "counts - room": counts["red"] + counts["amber"] - 6,
        "nps": facts["nps"]["of"] - facts["nps"]["known"],
        "watched": facts["dependence"]["watched"] + facts["dependence"]["dangerous"],
        # The words "0 to 100 each" and "revenue in 12 months".
        "scale": 100,
        "months": 12,
    }
    for path, value in derived.items():
        found.setdefault(str(value), (path, facts["day"]))
    for token in numbers(formats.weekday(example.DAY)):
        found.setdefault(token, ("day", facts["day"]))
    return found


@pytest.mark.parametrize("whole", [True, False], ids=["paper", "mail"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", example.CASES)
def test_every_number_can_be_traced_to_a_fact_and_its_day(case: str, language: str, whole: bool) -> None:
    facts = example.report(case)
    letter = document.letter(facts, language, names(language), whole=whole)
    traced = traceable(facts, language)
    for text in told.texts(letter):
        for number in numbers(text):
            assert number in traced, f"{number} in {text!r} comes from no fact"
            assert date.fromisoformat(traced[number][1])


@pytest.mark.parametrize("whole", [True, False], ids=["paper", "mail"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_data_nothing_is_made_up(language: str, whole: bool) -> None:
    letter = document.letter(example.report("missing"), language, names(language), whole=whole)
    assert not [text for text in told.texts(letter) if told.MADE_UP.search(text)]
    assert not [chart for item in letter.items for chart in item.charts]
    assert ("unbekannt" if language == "de" else "unknown") in " ".join(told.texts(letter))


def test_the_mail_is_a_summary_and_the_paper_has_every_section() -> None:
    facts = example.report("head")
    mail, paper = (document.letter(facts, "en", names("en"), whole=whole) for whole in (False, True))
    assert [item.kind for item in mail.items] == ["At a glance", "Chances and risks"]
    assert sum(len(item.charts) for item in mail.items) == 1
    assert len(paper.items) == len(contents.WHOLE)
    assert {item.kind for item in paper.items} >= {"Lights", "Portfolio", "Movers", "Comments"}


def test_classes_are_reviewed_in_one_quarter_only() -> None:
    cards = [replace(card, hints={**card.hints, "class_review": None}) for card in example.few().cards]
    facts = contents.facts(replace(example.few(), cards=cards))
    assert facts["classes"] is None
    assert "classes" not in contents.shown(facts, whole=True)["sections"]


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


@pytest.mark.parametrize("case", example.CASES)
def test_no_employee_is_in_the_facts(case: str) -> None:
    assert not PEOPLE.intersection(keys(example.report(case, None)))


def test_what_few_people_have_open_is_not_shown() -> None:
    facts = contents.facts(replace(example.few(), people=People(4, 4, 4)))
    assert (facts["measures"], facts["contacts"], facts["comments"]["of"]) == (None, None, None)
    assert facts["comments"]["lines"] == []
    texts = " ".join(told.texts(document.letter(facts, "en", names("en"))))
    assert "not shown: it would be about fewer than 5 people" in texts
    assert "65 of 145" not in texts
    assert COMMENT not in texts
    book = told.cells(document.book(facts, "en", names("en"), example.HOUSE))
    assert not {"Measures late", "Contacts made", "Contact coverage", COMMENT} & book


def test_with_a_works_council_what_people_do_is_a_sum_and_never_by_customer() -> None:
    facts = contents.facts(example.few())
    assert (facts["measures"]["late"], facts["contacts"]["value"]) == (6, 65)
    assert (facts["measures"]["lines"], facts["contacts"]["lines"]) == ([], [])
    items = {item.kind: item for item in document.letter(facts, "en", names("en")).items}
    assert items["Measures late"].title == "6 late at 2 customers"
    assert not items["Measures late"].tables + items["Contact coverage"].tables
    book = told.sheets(document.book(contents.facts(example.few(), None), "en", names("en"), example.HOUSE))
    assert "Measures late" in {row[0] for row in book["Overview"]}
    assert not {"Measures late", "Contacts made", "Contact coverage"} & {
        c for r in book["Customers"] for c in r
    }


def test_without_a_works_council_everything_is_shown_however_few_they_are() -> None:
    facts = contents.facts(replace(example.few(), people=People(1, 1, 1), council=False))
    assert [line["account"] for line in facts["measures"]["lines"]] == [1, 6]
    assert (len(facts["contacts"]["lines"]), len(facts["comments"]["lines"])) == (5, 2)
    book = told.cells(document.book(facts, "en", names("en"), example.HOUSE))
    assert {"Measures late", "Contacts made", "Contact coverage", COMMENT} <= book


def test_thousands_of_customers_leave_a_bounded_report_that_says_what_is_left_out() -> None:
    one = example.card(1, "red", (612, 1000, 740, 12.4, 50))
    cards = [replace(one, account=number) for number in range(1, 3_001)]
    known = replace(example.few(), cards=cards, council=False)
    facts = contents.facts(known)
    assert len(json.dumps(facts)) < 60_000
    assert facts["lights"]["left"]["red"] == 3_000 - contents.ROOM
    shown = facts["contacts"]
    assert (len(shown["lines"]), shown["more"]) == (contents.FEW, 3_000 - contents.FEW)
    assert facts["movers"]["falling"] == 3_000


def test_few_answers_are_a_count_and_no_score() -> None:
    few = dict(example.card(1, "green", (612, 600, 740, 3, 50)).figures)
    few["nps"] = few["nps"] | {"value": None, "more": {"answers": 2, "coverage": 25.0, "raw": [10, 3]}}
    card = replace(example.card(1, "green", (612, 600, 740, 3, 50)), figures=few)
    facts = contents.facts(replace(example.few(), cards=[card], answers={1: (10, 3)}))
    assert (facts["nps"]["value"], facts["nps"]["answers"]) == (None, 2)
    assert "raw" not in set(keys(facts))
    assert "2 answers: too few for an NPS" in told.texts(document.letter(facts, "en", names("en")))


def test_what_is_counted_in_its_group_is_not_counted_once_more() -> None:
    group, site = (example.card(number, "green", (100, 90, 80, 3, 50)) for number in (1, 2))
    known = replace(example.few(), cards=[group, replace(site, group=1)], answers={1: (9, 9, 9), 2: (9,)})
    facts = contents.facts(known)
    totals = facts["totals"]
    assert (totals["revenue"]["value"], totals["goal"]["against"]) == ("100000.00", "90000.00")
    assert (totals["revenue"]["of"], facts["nps"]["answers"]) == (1, 3)
    assert facts["contacts"]["against"] == 29
    assert facts["counts"]["green"] == 1
    for section in ("lights", "movers", "dependence"):
        assert facts[section].get("of", 1) == 1
    assert [line["account"] for line in facts["lights"]["lines"] + facts["movers"]["up"]] == [1, 1]
    assert [line["account"] for line in facts["dependence"]["lines"]] == [1]


def test_a_site_behind_its_goal_is_named_beside_the_group_it_counts_in() -> None:
    group = example.card(1, "green", (100, 90, 80, 3, 50))
    site = replace(example.card(2, "red", (10, 90, 80, 3, 50)), group=1)
    facts = contents.facts(replace(example.few(), cards=[group, site]))
    letter = document.letter(facts, "en", names("en"))
    lights = next(item for item in letter.items if item.kind == "Lights")
    assert lights.title == "0 red, 0 amber, 1 green, 0 without a light, 0 without data"
    assert "One site is counted in its group and not once more." in lights.rest
    assert "Of these are behind their goal: Feinblech Nord GmbH (red)." in lights.rest
    rows = told.sheets(document.book(facts, "en", names("en"), example.HOUSE))["Customers"]
    head = next(row for row in rows if row[0] == "Customer")
    assert [(row[0], row[head.index("Counted in")]) for row in rows[rows.index(head) + 1 :]] == [
        ("Muster AG", ""),
        ("Feinblech Nord GmbH", "Muster AG"),
    ]


def test_the_portfolio_draws_every_customer_it_lists_and_names_the_largest() -> None:
    facts = example.report("many")
    portfolio = next(
        item for item in document.letter(facts, "en", names("en")).items if item.kind == "Portfolio"
    )
    [chart] = portfolio.charts
    assert isinstance(chart, Field)
    assert len(chart.points) == len(facts["portfolio"]["lines"]) == contents.ROOM
    assert sum(bool(point.label) for point in chart.points) == 16
    said = "The picture shows the 40 largest of 47 customers, the largest of them by name"
    assert said in portfolio.rest
    assert said in chart.alt


def test_a_number_has_one_day_wherever_it_is_said() -> None:
    late = example.card(2, "green", (500, 400, 400, 3, 50))
    figures = {**late.figures, "contacts": late.figures["contacts"] | {"as_of": "2026-06-01"}}
    cards = [*example.few().cards, *(replace(late, account=30 + n, figures=figures) for n in range(20))]
    for council in (True, False):
        facts = contents.facts(replace(example.few(), cards=cards, council=council))
        items = {item.kind: item for item in document.letter(facts, "en", names("en")).items}
        first = next(each for each in items["At a glance"].figures if each.label.startswith("Contacts made"))
        section = items["Contact coverage"]
        stamp = f"{first.as_of}, {first.source}"
        assert stamp.lower() in (section.tables[0].caption if section.tables else section.rest).lower()


def test_a_goal_of_a_group_that_sold_nothing_has_its_day_and_source() -> None:
    aimed = GroupSales("Ventile", None, Decimal(10), None, date(2026, 9, 30), "sap")
    facts = contents.facts(replace(example.few(), groups=[aimed]))
    assert (facts["groups"]["as_of"], facts["groups"]["source"]) == ("2026-09-30", "sap")


def test_percentages_without_a_light_are_rounded_half_up() -> None:
    near = example.card(1, "green", (1996, 2001, 1000, 3, 50))
    facts = contents.facts(replace(example.few(), cards=[near]))
    assert facts["totals"]["goal"]["percent"] == 99.8


def test_the_example_agrees_with_itself() -> None:
    facts = example.report("many", None)["not_bought"]
    by_group = {line["group"]: line["count"] for line in facts["by_group"]["lines"]}
    assert set(by_group.values()) == {facts["count"]}


def test_the_largest_changes_come_first_and_say_what_they_are_compared_with() -> None:
    facts = example.report("head")
    assert [line["change"] for line in facts["movers"]["down"]] == ["-128000.00", "-14000.00"]
    assert [line["change"] for line in facts["movers"]["up"]] == ["260000.00", "30000.00"]
    first = facts["movers"]["down"][0]
    assert (first["as_of"], first["before_as_of"]) == ("2026-09-30", "2025-09-30")


@pytest.mark.parametrize("case", ["head", "missing"])
def test_the_paper_can_be_read_and_is_the_same_for_the_same_facts(case: str) -> None:
    one, other = (example.pdf(case, "de") for _ in range(2))
    assert one == other
    text = told.of_pdf(one)
    assert "Quartalsbericht" in text
    assert "Juli–September 2026" in text


def sheet(case: str, name: str, language: str = "en") -> list[list[Any]]:
    [(_, content)] = example.files(case, language)
    return told.sheets(content)[name]


def test_the_workbook_has_every_customer_with_typed_cells() -> None:
    rows = sheet("many", "Customers")
    head = next(row for row in rows if row[0] == "Customer")
    lines = rows[rows.index(head) + 1 :]
    first = dict(zip(head, lines[0], strict=True))
    assert len(lines) == 60
    assert (first["Light"], first["Reached"] < 0.7) == ("red", True)
    assert isinstance(first["Revenue"], int | float)
    assert isinstance(first["Revenue as of"], date)
    assert not isinstance(first["Revenue as of"], datetime)


def test_the_workbook_says_what_is_unknown() -> None:
    rows = sheet("missing", "Kunden", "de")
    head, *lines = rows[next(at for at, row in enumerate(rows) if row[0] == "Kunde") :]
    values = dict(zip(head, lines[0], strict=True))
    assert (values["Umsatz"], values["Vorjahresquartal"]) == ("unbekannt", "unbekannt")
    assert not {0, "None", "nan"} & {value for line in lines for value in line}
