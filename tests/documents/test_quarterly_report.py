"""The quarterly report: each number from a fact with a date, nothing made up, nothing of single employees."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from kamflow.documents.quarterly_report import contents
from notifications.render import report_document as document
from notifications.render import report_example as example
from notifications.render.formats import Formats, locale_of
from notifications.render.training_example import names
from tests.documents import told
from tests.notifications.render.traced import numbers, origins

LANGUAGES = ["de", "en"]
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
    facts = contents.facts(replace(example.few(), people=4, asked_people=4))
    assert (facts["measures"], facts["contacts"], facts["comments"]["of"]) == (None, None, None)
    texts = " ".join(told.texts(document.letter(facts, "en", names("en"))))
    assert "not shown: it would be about fewer than 5 people" in texts
    assert "65 of 145" not in texts
    book = told.cells(document.book(facts, "en", names("en"), example.HOUSE))
    assert not {"Measures late", "Contacts made", "Contact coverage"} & book


def test_thousands_of_customers_leave_a_bounded_report_that_says_what_is_left_out() -> None:
    one = example.card(1, "red", (612, 1000, 740, 12.4, 50))
    known = replace(example.few(), cards=[replace(one, account=number) for number in range(1, 3_001)])
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
    head, *lines = sheet("missing", "Kunden", "de")[4:]
    values = dict(zip(head, lines[0], strict=True))
    assert (values["Umsatz"], values["Vorjahresquartal"]) == ("unbekannt", "unbekannt")
    assert not {0, "None", "nan"} & {value for line in lines for value in line}
