"""“Please do not ask me again”: kept with date, source and wording, and honoured by everything that asks."""

from datetime import date

import pytest

from kamflow.figures.survey_governor import refusal
from kamflow.models.survey import SurveyInvitation
from kamflow.policy import Policy
from tests.web.browser import Browser
from tests.web.survey.conftest import LATE, Asking

TODAY = date(2026, 7, 9)


@pytest.mark.parametrize(
    ("language", "wording"), [("de", "Bitte fragen Sie mich nicht"), ("en", "Please do not")]
)
def test_an_objection_is_kept_with_date_source_and_wording(
    asking: Asking, browser: Browser, language: str, wording: str
) -> None:
    path = asking.link(language=language)
    asked, done = browser.get(f"{path}/no-more"), browser.post(f"{path}/no-more")
    kruse, [event] = asking.kruse(), asking.events("survey.objected")

    assert (done.status_code, done.headers["location"]) == (303, f"{path}/no-more")
    assert (kruse.survey_consent, kruse.consent_on, kruse.consent_source) == (
        "objected",
        TODAY,
        "survey page",
    )
    assert kruse.consent_wording is not None
    assert kruse.consent_wording.startswith(wording)
    assert kruse.consent_wording in asked.text
    assert event.payload == {
        "wave": asking.wave.id,
        "invitation": asking.rows(SurveyInvitation)[0].id,
        "contact": kruse.id,
    }
    assert event.account_id == asking.muster.id


def test_the_second_click_says_it_is_noted(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    browser.post(f"{path}/no-more")
    browser.post(f"{path}/no-more")

    assert len(asking.events("survey.objected")) == 1
    for part in ("", "/no-more"):
        assert "Ihr Widerspruch ist notiert" in browser.get(path + part).text


def test_one_may_object_when_the_survey_is_over(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    asking.now = LATE
    browser.post(f"{path}/no-more")

    assert asking.kruse().survey_consent == "objected"


def test_an_objection_keeps_the_answer_that_was_given(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    browser.post(path, {"version": "0", "score": "9"})
    browser.post(f"{path}/no-more")

    assert asking.answers() == [(9, None, 1)]
    assert "Die Antwort, die Sie gegeben haben, bleibt bei uns" in browser.get(f"{path}/no-more").text


def test_after_an_objection_the_rule_asks_nobody_at_that_address(asking: Asking, browser: Browser) -> None:
    """Neither this survey's reminder nor another account's survey, whichever row it would ask."""
    path = asking.link()
    other = asking.world.account("Andere AG", asking.witt, account_class="key")
    asking.world.contact("Zweit", other, email=" KRUSE@example.de")
    browser.post(f"{path}/no-more")
    policy = Policy().survey_dispatch
    refused = [
        refusal(who, TODAY, None, fact.quiet, policy)
        for fact in asking.world.facts("survey_dispatch", TODAY)
        for who in (*fact.candidates, *(each.who for each in (fact.wave.invitations if fact.wave else ())))
    ]

    assert {each.reason for each in refused if each} == {"objected"}
    assert None not in refused
