"""What the briefing says in words: of a year not posted to its end, of sites, and of what is too long."""

from typing import Any

import pytest

from kamflow.documents import briefing
from kamflow.store.names import ContactName, Names
from notifications.render import briefing_example as made
from notifications.render import briefing_page
from notifications.render.item import Bars, Letter
from notifications.render.training_example import KRUSE, WITT, names

SEPTEMBER = {"first": "2026-09-01", "last": "2026-09-30", "actual": "90000.00", "target": "340000.00",
             "before": "252000.00", "as_of": "2026-09-03", "until": "2026-09-03"}  # fmt: skip


def full(language: str = "en", known: Names | None = None, **changes: Any) -> Letter:
    first, *_ = briefing_page.variants(made.briefing(**changes), language, known or names(language))
    return first


def said(letter: Letter) -> str:
    words: list[str] = []
    for item in letter.items:
        words += [item.title, *item.marks]
        words += [f"{line.head} {line.text} {' '.join(line.notes)}" for line in item.lines]
        words += [f"{each.label}: {each.value}, {each.as_of}" for each in item.figures]
        words += [cell.text for table in item.tables for row in table.rows for cell in row]
    return " ".join(words)


def year(**parts: Any) -> dict[str, Any]:
    """The example's year with other parts, by their place: `p8`."""
    [line] = made.briefing()["series"]
    return {
        "series": [line | {"parts": [parts.get(f"p{at}", part) for at, part in enumerate(line["parts"])]}]
    }


def chart(letter: Letter) -> Bars:
    [bars] = (each for item in letter.items for each in item.charts if isinstance(each, Bars))
    return bars


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Revenue September 2026, until 3 September 2026 only: €90,000, as of 3 September 2026"),
        ("de", "Umsatz September 2026, nur bis 3. September 2026: 90.000 €, Stand 3. September 2026"),
    ],
)
def test_a_month_that_has_only_begun_is_said_with_its_day_and_compared_with_nothing(
    language: str, words: str
) -> None:
    letter = full(language, **year(p8=SEPTEMBER))
    bars = chart(letter)

    assert words in said(letter).replace("\N{NO-BREAK SPACE}", " ")
    assert bars.target
    assert bars.before
    assert (bars.actual.values[8], bars.target.values[8], bars.before.values[8]) == (90000, None, None)
    assert bars.target.values[7:10:2] == (330000, 330000)


def test_a_quarter_that_has_only_begun_is_drawn_as_the_months_it_has() -> None:
    part = SEPTEMBER | {"first": "2026-07-01", "until": "2026-08-31"}
    bars = chart(full(**year(p8=part)))
    assert bars.labels[8] == "Jul–Aug"
    assert "July – September 2026, until 31 August 2026 only: €90,000;" in bars.alt.replace(".", ";")


def test_months_that_are_missing_from_the_sum_are_named() -> None:
    gone = {f"p{at}": made.briefing()["series"][0]["parts"][at] | {"actual": None} for at in (2, 4)}
    assert "without Mar and May (not known): €1,144,000, as of" in said(full(**year(**gone)))
    more = gone | {f"p{at}": gone["p2"] | {"first": f"2026-0{at + 1}-01"} for at in (3, 5)}
    assert "without 4 months (not known)" in said(full(**year(**more)))


def test_what_stands_at_a_site_names_it() -> None:
    [own, *_] = made.briefing()["measures"]
    site = names("en").accounts[2].name

    assert site not in said(full(measures=[own | {"account": 1}]))
    assert said(full(measures=[own | {"account": 2}])).count(site) == 1


@pytest.mark.parametrize("language", ["en", "de"])
def test_names_are_cut_and_never_the_date_and_source_behind_them(language: str) -> None:
    known = names(language)
    long = "Freifrau von " + "x" * 300
    known = Names(**vars(known) | {
        "persons": dict.fromkeys(known.persons, long),
        "contacts": dict.fromkeys(known.contacts, ContactName(long)),
    })  # fmt: skip
    for letter in [*briefing_page.variants(made.briefing(), language, known)][1:]:
        [met, *_] = [line for item in letter.items for line in item.lines if line.badge.endswith(" 8")]
        assert met.text.endswith(("source: crm", "Quelle: crm"))
        assert "…" in met.text
        marks = [mark for item in letter.items for mark in item.marks]
        assert all(mark.endswith(("kamflow", "sap", "Salesforce")) for mark in marks)


def test_with_a_works_council_the_page_has_own_contacts_and_who_met_whom_last() -> None:
    sponsor, open_to_all = full(), full(council=False)

    assert "Own contacts: 0 of 1 held" in said(sponsor)
    assert "4 September 2026, Ruth Albers" in said(sponsor)
    assert "13 of 29" not in said(sponsor)
    assert said(open_to_all).count("13 of 29") == 1
    assert "4 people in the contact plan" in said(full(for_person=WITT, person=KRUSE))


def test_most_pages_need_few_of_their_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[briefing.Room] = []
    known = briefing.read
    monkeypatch.setattr(
        briefing, "read", lambda facts, room=briefing.FULL: read.append(room) or known(facts, room)
    )

    briefing_page.page(made.briefing(), "en", names("en"), made.House(company="Beispiel Technik GmbH"))
    assert len(read) < 5
