"""What a quarter, measures and requests read like: figures with date and source, missing said as missing."""

from dataclasses import replace

from notifications.render import examples, letter
from notifications.render import quarter_example as made
from notifications.render import training_example as training
from notifications.render.formats import Formats
from notifications.render.item import Item, Letter
from notifications.render.view import NudgeView


def written(*nudges: NudgeView, language: str = "de") -> Letter:
    return letter.letter(training.view(nudges, language=language))


def only(found: Letter) -> Item:
    (item,) = found.items
    return item


def test_a_customer_behind_its_goal_has_figures_with_date_and_source() -> None:
    found = written(made.quarter())
    line = only(found).lines[0]
    assert found.subject == "Bis 15. September: Quartal kommentieren, Muster AG"
    assert only(found).title == "Muster AG: unter Ziel, April–Juni 2026"
    assert (line.badge, line.tone) == ("61,2\N{NO-BREAK SPACE}% vom Ziel", "over")
    assert line.text == "Umsatz 612.000\N{NO-BREAK SPACE}€, Ziel 1.000.000\N{NO-BREAK SPACE}€"
    assert line.about == "endgültige Zahlen, Stand 30. Juni 2026, Quelle: sap"
    assert "Vorjahresquartal: 740.000\N{NO-BREAK SPACE}€ (−17,3\N{NO-BREAK SPACE}%)" in line.notes


def test_unknown_figures_are_named_and_never_zero() -> None:
    empty = [made.figure(each["name"], each["unit"]) for each in made.figures(1, 1, 1, "red")[2:]]
    revenue = made.figures(612_000, 1_000_000, None, "red")[:2]
    item = only(written(made.quarter(figures=[*revenue, *empty], hints=made.NO_HINTS)))
    assert item.lines[0].notes == ("Vorjahresquartal: nicht bekannt",)
    (unknown,) = item.figures
    assert (unknown.label, unknown.as_of, unknown.source) == (
        "Nicht in den Daten",
        "Stand unbekannt",
        "Quelle unbekannt",
    )
    assert "Deckungsbeitrag" in unknown.value
    assert "0" not in unknown.value


def test_what_the_figures_suggest_is_a_proposal_each() -> None:
    proposals = only(written(made.quarter(), language="en")).proposals
    assert proposals == (
        "+23.4% revenue in twelve months: a better package, and what is asked in return?",
        "Entitled to, but not used in twelve months: Replacement of defective parts in 24 hours",
        "Bought by others, not here (2): Filter and Ventile",
        "Does the class still fit? Revenue speaks for a higher one.",
    )


def test_a_margin_that_decides_the_light_is_shown_with_the_revenue() -> None:
    line = only(written(made.quarter(decided_by="margin"), language="en")).lines[0]
    assert line.badge == "87.6% of goal"
    assert line.notes[0] == "Margin after services given €184,000, goal €210,000"


def test_the_heaviest_customer_stands_first_and_revenue_is_summed_with_the_oldest_date() -> None:
    item = only(written(*examples.quarters(), language="en"))
    assert [line.head for line in item.lines] == ["Muster AG", "Feinblech Nord GmbH"]
    assert item.figures[0].value == "€1,072,000 of €1,520,000"
    assert "not called the quarter complete" in item.why


def test_missing_revenue_says_who_brings_it_or_that_nobody_is_known() -> None:
    item = only(written(*examples.unknown_quarters()))
    assert [(line.about, line.text) for line in item.lines] == [
        ("KAM: Jürgen Witt", "Quelle: sap"),
        ("ohne KAM", "Quelle unbekannt"),
    ]


def test_measures_are_one_list_with_the_overdue_first() -> None:
    found = written(*examples.measures())
    assert found.subject == "3 Maßnahmen, die erste überfällig seit 1. September"
    assert [line.badge for line in only(found).lines] == ["überfällig", "heute", "bis 11. September"]
    assert "Niemand ist dafür benannt" in only(found).lines[1].notes[0]


def test_requests_are_sorted_by_customer_date_those_without_one_last() -> None:
    lines = only(written(*examples.requests())).lines
    assert [line.head for line in lines] == ["Preise", "Lieferzeiten", "Muster"]
    assert lines[0].notes[-1].startswith("Später angefragt als vereinbart: 15 Arbeitstage")
    assert lines[2].text == "Nr. 2, ohne Kundentermin"


def test_a_refusal_names_its_cause_and_the_department() -> None:
    line = only(written(made.request(step="refused", cause="missing_data"))).lines[0]
    assert (line.badge, line.about) == ("Angaben fehlen", "Muster AG, Logistik")
    assert line.notes[-1] == "Abgelehnt am 4. September"


def test_nobody_in_charge_is_said() -> None:
    for stage, said in (("unassigned", "who takes it?"), ("nobody", "who can deliver")):
        nudge = replace(made.request(), stage=stage)
        assert said in " ".join(only(written(nudge, language="en")).lines[0].notes)


def test_the_report_counts_by_light_and_names_no_employee() -> None:
    found = examples.example("quarterly_report", "head", "de")
    assert found.subject == "Quartalsbericht Juli–September 2026: 1 rot, 1 gelb"
    assert [line.tone for line in found.items[0].lines] == ["over", "due", "due"]
    assert not {"Witt", "Kruse", "Albers"} & set(repr(found).replace("'", " ").split())


def test_money_percent_and_change_are_written_as_the_reader_does() -> None:
    german, english = Formats("de_DE", training.DAY), Formats("en_GB", training.DAY, "CHF")
    assert german.money("-1234.60") == "−1.235\N{NO-BREAK SPACE}€"
    assert english.money("1234.40") == "CHF\N{NO-BREAK SPACE}1,234"
    assert (german.percent(94.9), english.change(0.0)) == ("94,9\N{NO-BREAK SPACE}%", "±0%")
