from dataclasses import replace
from datetime import date

import pytest
from jinja2 import UndefinedError

from kamflow.store.names import Names
from notifications.render import examples, letter
from notifications.render import training_example as made
from notifications.render.item import Item, Letter
from notifications.render.view import NudgeView


def written(*items: tuple[NudgeView, ...], language: str = "de", **changes: object) -> Letter:
    return letter.letter(made.view(*items, language=language, **changes))


def only(found: Letter) -> Item:
    (item,) = found.items
    return item


def test_the_subject_says_what_to_do_and_by_when() -> None:
    cells = made.contacts(made.cell(2, 6, 2, 2), made.cell(1, 1, 0, 1))
    plan = (made.plan(due_on=date(2026, 9, 11)),)
    assert written(cells).subject == "Bis 15. September: 3 Kontakte vereinbaren, Muster AG"
    assert written(cells, plan, language="en").subject == (
        "By 15 September: arrange 3 contacts, Muster AG (and 1 more item)"
    )


def test_contacts_at_several_customers_are_one_part_of_the_subject() -> None:
    first, second = made.contacts(made.cell(2, 6, 2, 2)), made.contacts(made.cell(1, 1, 0, 1), account=2)
    plan = (made.plan(due_on=date(2026, 9, 11)),)
    assert written(first, plan, second).subject == (
        "3 Kundenkontakte, die ersten bis 15. September (und 1 weiteres Thema)"
    )


def test_a_cell_says_soll_ist_influence_last_contact_and_topic() -> None:
    line = only(written(made.contacts(made.cell(2, 6, 2, 2)))).lines[0]
    assert (line.head, line.about, line.badge) == ("Paul Lange", "Einkäufer, Einfluss 8", "2 fehlen")
    assert line.text == "2 von 6 Kontakten erfolgt, zuletzt am 12. März"
    assert line.notes == ("Thema: Preise, Auftragsabwicklung",)


def test_who_is_named_before_the_contact_only_where_somebody_else_reads() -> None:
    cells = made.contacts(made.cell(2, 6, 2, 2))
    elsewhere = replace(cells[0], owner=made.KRUSE)
    assert only(written(cells)).lines[0].lead == ""
    assert only(written((elsewhere,))).lines[0].lead == "Henrike Kruse"


def test_an_earlier_year_is_said() -> None:
    line = only(written(made.contacts(made.cell(2, 6, 2, 2, last="2025-11-28")), language="en")).lines[0]
    assert line.text == "2 of 6 held, last on 28 November 2025"


def test_missing_is_said_in_words() -> None:
    item = only(written(examples.missing()))
    assert item.lines[0].about == "Einfluss unbekannt"
    assert item.lines[0].text == "0 von 4 Kontakten erfolgt, kein früherer Kontakt bekannt"
    assert item.lines[1].head == "(Name unbekannt)"
    assert (item.figures[0].as_of, item.figures[0].source) == ("Stand unbekannt", "Quelle unbekannt")


def test_no_contact_in_the_data_is_not_nobody_went_there() -> None:
    found = written(made.no_data())
    assert found.subject == "Bis 15. September: letzte Kontakte nachtragen, Halm & Söhne"
    assert only(found).title == "Halm & Söhne: noch kein Kontakt bekannt"
    assert "0" not in only(found).lines[0].text


def test_every_figure_has_its_date_and_source() -> None:
    letters = [
        examples.example(document, case, "de") for document, case in (*examples.VIEWS, *examples.NOTICES)
    ]
    figures = [figure for found in letters for item in found.items for figure in item.figures]
    told = [examples.example(document, case, "de") for document, case in examples.VIEWS]
    assert all(item.figures for found in told for item in found.items)
    assert all(figure.label and figure.value and figure.as_of and figure.source for figure in figures)


def test_the_reason_names_the_lead_and_for_whom() -> None:
    (nudge,) = made.contacts(made.cell(1, 1, 0, 1))
    with_board = replace(nudge, why={**nudge.why, "lead_for": "board"})
    assert "60 Arbeitstage Vorlauf" in only(written((nudge,))).why
    assert "Kontakt mit der Geschäftsleitung" in only(written((with_board,))).why


def test_a_visit_proposes_whom_to_meet() -> None:
    item = only(written(examples.classic(), language="en"))
    german = only(written(examples.classic()))
    assert german.proposals[0].startswith("Ein Besuch, vier Gesprächspartner: Paul Lange, ")
    assert item.proposals[0] == "One visit, four people: Paul Lange, Philip Roth, Knut Berger and Karl Sommer"


def test_what_cannot_fit_proposes_another_way() -> None:
    item = only(written(made.contacts(made.cell(2, 6, 2, 4, fits=False))))
    assert "Soll senken, übergeben oder Kontakte zusammenlegen" in item.lines[0].notes[-1]
    assert item.lines[0].tone == "over"


def test_several_plans_are_one_item_the_nearest_first() -> None:
    item = only(written(examples.three_plans()))
    assert item.title == "3 Accountpläne in Arbeit"
    assert [line.head for line in item.lines] == ["Muster AG", "Halm & Söhne", "Feinblech Nord GmbH"]
    assert item.lines[0].text == "Schritt 4 von 7 (eigene Position), fällig 11. September"


def test_a_plan_names_what_is_empty_and_the_summary_last() -> None:
    notes = only(written((made.plan(missing=[8, 9, 1]),), language="en")).lines[0].notes
    assert notes[0] == "Still empty: strategy for next year and measures; the management summary comes last."
    assert notes[1] == "Unanswered: Who decides on a first order?"


def two_plans(step_due: date) -> tuple[NudgeView, ...]:
    """Hand-ins on 23 and 30 October, and a step of the second that is due before."""
    first = made.plan(2, due_on=date(2026, 10, 23), hand_in="2026-10-23")
    return first, made.plan(), made.plan(ask="position", due_on=step_due)


def test_a_step_that_is_due_does_not_make_a_plan_due() -> None:
    found, overdue = written(two_plans(date(2026, 9, 11))), written(two_plans(date(2026, 9, 3)))
    assert found.subject == "2 Accountpläne, zuerst „eigene Position“ bis 11. September"
    assert overdue.subject == ("2 Accountpläne, zuerst „eigene Position“, überfällig seit 3. September")
    assert [only(each).due for each in (found, overdue)] == [
        "Schritt bis 11. September",
        "Schritt überfällig",
    ]
    assert (only(overdue).tone, {line.tone for line in only(overdue).lines}) == ("over", {"calm"})


def test_a_step_of_the_only_plan_is_named_with_its_account() -> None:
    nudges = (made.plan(), made.plan(ask="position", due_on=date(2026, 9, 3)))
    assert written(nudges).subject == (
        "Seit 3. September überfällig: „eigene Position“ im Accountplan, Muster AG"
    )
    assert written(nudges[:1]).subject == "Bis 30. Oktober: Accountplan einreichen, Muster AG"


def test_a_hand_in_that_comes_first_keeps_its_own_date() -> None:
    found = written((made.plan(due_on=made.DAY), made.plan(ask="measures", due_on=date(2026, 10, 2))))
    assert found.subject == "Bis 7. September: Accountplan einreichen, Muster AG"
    assert only(found).due == "heute fällig"


def test_a_returned_plan_says_so() -> None:
    found = written((made.plan(returned_on="2026-09-03", missing=[]),))
    assert only(found).title == "Muster AG: Accountplan zur Überarbeitung zurück"
    assert only(found).lines[0].notes[0].startswith("Am 3. September zurückgegeben")


def test_a_milestone_that_is_not_the_present_step_is_told_beside_it() -> None:
    nudges = (made.plan(), made.plan(ask="measures", due_on=date(2026, 10, 2)))
    assert "Jetzt fälliger Schritt: Maßnahmen, bis 2. Oktober" in only(written(nudges)).lines[0].notes


def test_plans_wait_for_their_approver() -> None:
    found = written(examples.approvals())
    assert only(found).title == "2 Accountpläne warten auf Freigabe"
    assert only(found).lines[1].text == "Eingereicht von Jürgen Witt am 3. September"


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"reason": "opened"}, "neu"),
        ({"reason": "overdue", "reminder": 2}, "2. Erinnerung"),
        ({"reason": "back"}, "wieder da: als erledigt gemeldet, in den Daten steht aber noch nichts davon"),
        ({"reason": "due", "for_person": made.KRUSE}, "in Vertretung für Henrike Kruse"),
    ],
)
def test_an_item_says_why_it_is_told_again(changes: dict[str, object], mark: str) -> None:
    assert only(written(made.contacts(made.cell(2, 6, 2, 2), **changes))).marks == (mark,)


@pytest.mark.parametrize(
    ("due_on", "said"),
    [
        (date(2026, 9, 1), "überfällig seit 1. September"),
        (made.DAY, "heute fällig"),
        (date(2026, 9, 8), "bis 8. September"),
    ],
)
def test_an_item_says_when_it_is_due(due_on: date, said: str) -> None:
    assert only(written(made.contacts(made.cell(2, 6, 2, 2), due_on=due_on))).due == said


@pytest.mark.parametrize(
    ("occasion", "said"),
    [
        ("daily", "Heute steht ein Thema an."),
        ("catch-up", "kamflow konnte einige Zeit nicht schreiben. Ein Thema ist inzwischen fällig."),
        ("return", "Willkommen zurück. In der Zwischenzeit ist ein Thema aufgelaufen."),
        ("now", "Das kann nicht bis morgen warten."),
    ],
)
def test_the_occasion_is_said(occasion: str, said: str) -> None:
    assert written(examples.classic(), occasion=occasion).intro == said


def test_the_footer_says_who_which_rule_and_how_often() -> None:
    footer = written(examples.classic(), language="en").footer
    assert footer[0] == "For Jürgen Witt at Beispiel Technik GmbH. It is about: Contacts behind plan."
    assert footer[1].startswith("At most one message a day")


def test_there_is_a_link_where_the_account_has_an_id_in_the_crm() -> None:
    known, unknown = examples.classic(), made.contacts(made.cell(2, 6, 2, 2), account=3)
    link = only(written(known)).link
    assert link is not None
    assert link.url == "https://crm.example.com/accounts/0015800000AbCdE"
    assert only(written(unknown)).link is None
    assert only(written(known, account_url=None)).link is None


def test_without_a_single_name_there_are_still_sentences() -> None:
    found = written(examples.classic(), names=Names())
    assert found.subject == "Bis 15. September: 6 Kontakte vereinbaren, (Name unbekannt)"


def test_a_fact_that_a_template_misses_is_an_error() -> None:
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2))
    with pytest.raises(UndefinedError):
        written((replace(nudge, facts={"meetings": [], "data": {}}),))


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_of_the_machine_shows(language: str) -> None:
    for document, case in (*examples.VIEWS, *examples.NOTICES):
        text = repr(examples.example(document, case, language))
        assert not {"Undefined", "nan", "NaN"} & set(text.replace("'", " ").split()), (document, case)
        assert "'None" not in text
