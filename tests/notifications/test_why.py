"""What `kamflow why` says: only what applies, with the figure that counted."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kamflow.models.nudge import StoredNudge
from kamflow.store import engine as db
from notifications.render import training_example as made
from notifications.render.view import NudgeView, PersonView
from notifications.why import explain, text
from notifications.why_words import words_of
from tests.notifications.conftest import Office

TODAY = date(2026, 9, 7)


def said(office: Office, view: NudgeView, language: str = "de", **more: Any) -> str:
    """What is said of a nudge with the rule, facts and reasons of the view."""
    own = {name: getattr(view, name) for name in ("rule", "stage", "due_on", "facts", "why")}
    row = office.nudge(office.person(), view.step, **own, **more)
    reader = PersonView(row.owner_id, "Anna", language, "Europe/Berlin")
    with db.read(office.engine) as session:
        nudge = session.get_one(StoredNudge, row.id)
        return "\n".join(text(explain(session, nudge, reader, office.settings, office.clock(), TODAY)))


def milestone(name: str) -> NudgeView:
    view = made.plan(ask=name)
    return replace(view, why={**view.why, "threshold": "milestone", "days": 7, "closes": "step"})


@pytest.mark.parametrize(
    ("view", "threshold"),
    [
        (made.contacts(made.cell(2, 6, 2, 2))[0], "Kontakte hinter dem gleichmäßigen Tempo, ab 1"),
        (
            made.contacts(made.cell(1, 1, 0, 1))[0],
            "spätester Beginn erreicht, bis zu 60 Arbeitstage Vorlauf",
        ),
        (made.no_data()[0], "kein Kontakt in den Daten"),
        (made.plan(), "Abgabe spätestens 62 Kalendertage vor dem Geschäftsjahr"),
        (
            made.plan(limit="meeting", limit_on="2026-10-05"),
            "Abgabe vor dem Jahresgespräch, spätestens am 5. Oktober 2026",
        ),
        (made.plan(returned_on="2026-09-03"), "am 3. September 2026 zur Überarbeitung zurückgegeben"),
        (milestone("position"), "Schritt „eigene Position“ des Plans"),
        (milestone("measures"), "Schritt „Maßnahmen“ des Plans"),
        (made.plan(ask="approve"), "10 Arbeitstage für die Freigabe"),
    ],
)
def test_the_threshold_is_said_with_its_own_figure_only(office: Office, view: NudgeView, threshold: str):
    name = {"plan_creation": "Accountplan", "contact_shortfall": "Kontakte hinter Plan"}[view.rule]
    assert f"\nRegel: {name}, Schwelle: {threshold}\n" in said(office, view)


def test_two_thresholds_are_both_said(office: Office):
    (view,) = made.contacts(made.cell(2, 6, 2, 2), made.cell(1, 1, 0, 1))
    found = said(office, view, "en")
    assert (
        "contacts behind an even pace, from 1; latest start reached, up to 60 working days of lead\n" in found
    )


@pytest.mark.parametrize(
    ("view", "closes"),
    [
        (made.contacts(made.cell(1, 1, 0, 1))[0], "der fehlende Kontakt eingetragen oder gebucht ist"),
        (
            made.contacts(made.cell(2, 6, 2, 2), made.cell(1, 1, 0, 1))[0],
            "die 3 fehlenden Kontakte eingetragen oder gebucht sind",
        ),
        (made.no_data()[0], "der erste Kontakt importiert oder eingetragen ist"),
    ],
)
def test_what_closes_it_names_all_that_is_missing(office: Office, view: NudgeView, closes: str):
    assert f"\nErledigt, sobald {closes}\n" in said(office, view)


def test_what_is_closed_is_not_said_to_close(office: Office):
    closed = {"closed_at": office.clock(), "closed_on": TODAY, "closed_as": "account closed"}
    found = said(office, made.plan(), **closed)
    assert "geschlossen am 7. September 2026 (Account beendet)" in found
    assert "Erledigt, sobald" not in found
    assert "plan_creation" not in found


def test_both_languages_say_the_same_things():
    same_in_english = {"due", "overdue", "waiting", "sending", "sent", "failed", "done", "paused"}
    german, english = words_of("de_DE"), words_of("en_GB")
    assert set(german) - set(english) == same_in_english | {"account closed"}
    assert set(english) <= set(german)
