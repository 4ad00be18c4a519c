"""What is said about surveys to a KAM, and what a customer reads."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from kamflow.figures.survey_governor import Reason
from notifications.render import examples, html, letter
from notifications.render import quarter_example as quarters
from notifications.render import survey_example as made
from notifications.render import training_example as training
from notifications.render.item import Item
from notifications.render.view import NudgeView


def only(*nudges: NudgeView, language: str = "de") -> Item:
    (item,) = letter.letter(training.view(nudges, language=language)).items
    return item


def test_a_list_names_everybody_with_day_and_influence_and_who_is_left_out_and_why() -> None:
    item = only(made.wave())

    assert item.title == "Muster AG: 3 Ansprechpartner werden befragt, ab 15. September"
    assert [(line.head, line.badge, line.text) for line in item.lines] == [
        ("Paul Lange", "15. September", "Einfluss 8"),
        ("Philip Roth", "16. September", "Einfluss 8"),
        ("Ana Ruiz", "15. September", "Einfluss unbekannt"),
        ("Knut Berger", "nicht befragt", "Keine Einwilligung eingetragen"),
        (
            "Karl Sommer",
            "nicht befragt",
            "Wurde von einer anderen Umfrage befragt, wieder möglich ab 2. November",
        ),
    ]
    assert "Schulferien dort sind nicht bekannt" in item.lines[2].notes[0]


@pytest.mark.parametrize(
    ("nudge", "title", "why"),
    [
        (made.answer(3), "Muster AG: Paul Lange ist nicht zufrieden mit uns (3 von 10)", "0 bis 6"),
        (made.answer(7), "Muster AG: Paul Lange ist nicht ganz zufrieden (7 von 10)", "7 oder 8"),
        (made.answer(10), "Muster AG: Paul Lange empfiehlt uns weiter (10 von 10)", "9 oder 10"),
        (made.call(), "Muster AG: Paul Lange hat nicht geantwortet, bitte anrufen", "keine zweite Mail"),
    ],
)
def test_an_answer_and_a_silence_say_what_to_do(nudge: NudgeView, title: str, why: str) -> None:
    item = only(nudge)

    assert item.title == title
    assert why in item.why


def test_an_unhappy_customer_is_told_to_the_head_later() -> None:
    assert "2 Arbeitstage nach dem Termin erfährt es die KAM-Leitung" in only(made.answer(3)).next
    assert "KAM-Leitung" not in only(made.answer(10)).next


def test_every_reason_for_not_asking_has_its_words() -> None:
    for reason in (*get_args(Reason), "wave_full"):
        item = only(made.wave(refused=[made.refused(1, reason)]))
        assert item.lines[-1].text not in ("", reason)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("case", ["one", "reminder"])
def test_a_customer_reads_nothing_of_kamflow(language: str, case: str) -> None:
    mail = html.laid_out(examples.example("survey_invitation", case, language))

    assert "kamflow" not in mail.text.lower() + mail.subject.lower()
    assert ">kamflow<" not in mail.html
    assert "widerspruch@example.com" in mail.text
    assert "https://survey.example.com/s/" in mail.text


@pytest.mark.parametrize(
    ("address", "heading"),
    [("mr", "Sehr geehrter Herr Lange,"), ("ms", "Sehr geehrte Frau Lange,"), ("", "Guten Tag Paul Lange,")],
)
def test_the_contact_is_addressed_formally(address: str, heading: str) -> None:
    facts = made.invitation(address=address)
    assert letter.notice("survey_invitation", "de", facts, names=training.names("de")).heading == heading


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [
        (33, {"answers": 3, "coverage": 60.0, "raw": []}, "33 aus 3 Antworten, 60 % des Buying Centers"),
        (
            None,
            {"answers": 2, "coverage": None, "raw": [9, 6]},
            "zu wenig für einen Wert, die Antworten sind 9 und 6",
        ),
    ],
)
def test_a_scorecard_says_how_many_stand_behind_a_score(value: Any, more: Any, expected: str) -> None:
    nps = quarters.figure("nps", "points", value=value, more=more, as_of="2026-07-14", source="kamflow")
    one = quarters.quarter()
    known = [each for each in one.facts["figures"] if each["name"] != "nps"]
    item = only(replace(one, facts={**one.facts, "figures": [*known, nps]}))

    assert any(expected in figure.value.replace("\xa0", " ") for figure in item.figures)
