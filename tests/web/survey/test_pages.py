"""Which page a link leads to, in whose language, and what stands on it whatever happens."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.models.message import StoredMessage
from kamflow.models.survey import SurveyInvitation
from kamflow.store import survey_mails
from tests.surveyed import Surveyed
from tests.web.browser import Browser
from tests.web.survey.conftest import LATE, LEGAL, OPEN, Asking

SAID = {"version": "0", "score": "3", "comment": "Zu spät."}


@pytest.fixture
def asking(sqlite_engine: Engine) -> Asking:
    return Asking(Surveyed(sqlite_engine))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("part", ["", "/no-more"])
def test_every_page_names_the_sender_the_readers_and_the_rights(
    asking: Asking, browser: Browser, part: str, language: str
) -> None:
    text = browser.get(f"{asking.link()}{part}?language={language}").text
    law = {
        "de": ("Art. 6 Abs. 1 lit. a DSGVO", "§ 7 Abs. 3 UWG", "Basistarifen", "aufsichtsbehörde"),
        "en": ("Art. 6 (1) (a) GDPR", "§ 7 (3) UWG", "basic rates", "supervisory authority"),
    }[language]

    for said in (*law, LEGAL, "nein@example.com", "Witt", "https://www.example.com/datenschutz"):
        assert said in text


def test_a_relationship_is_named_as_one(asking: Asking, browser: Browser) -> None:
    path = asking.link(survey_consent="relationship", consent_on=date(2026, 1, 5), consent_wording="…")
    assert "Art. 6 Abs. 1 lit. f DSGVO" in browser.get(path).text


@pytest.mark.parametrize(
    ("own", "country", "chosen", "expected"),
    [
        ("de", "DE", "", "de-DE"),
        ("de-CH", "CH", "", "de-CH"),
        ("en-US", "DE", "", "en-US"),
        (None, "DE", "", "de-DE"),
        ("de", "DE", "?language=en", "en-GB"),
        ("en", "DE", "?language=de", "de-DE"),
        ("en", "CH", "?language=de", "de-CH"),
        ("de", "DE", "?language=fr", "de-DE"),
        ("de@du", "DE", "", "de-DE"),
    ],
)
def test_a_page_speaks_the_contacts_language_or_the_one_chosen(
    asking: Asking, browser: Browser, own: str | None, country: str, chosen: str, expected: str
) -> None:
    text = browser.get(asking.link(language=own, country=country) + chosen).text

    assert f'lang="{expected}"' in text
    assert ("ß" in text) == (expected == "de-DE")  # "regelmäßig": the law's words have one in Germany


def test_the_language_that_was_chosen_stays(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    shown = browser.get(f"{path}?language=en").text
    answer = browser.post(f"{path}?language=en", SAID)

    assert f'action="{path}?language=en"' in shown
    assert answer.headers["location"] == f"{path}/thanks?language=en"


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"now": LATE}, 410, "abgeschlossen"),
        ({"stopped_on": date(2026, 7, 8)}, 410, "abgeschlossen"),
        ({"struck_on": date(2026, 7, 8)}, 410, "abgeschlossen"),
        ({"closed_on": date(2026, 7, 8)}, 410, "abgeschlossen"),
        ({"survey_consent": "objected"}, 200, "Wir fragen Sie nicht mehr"),
    ],
)
def test_a_survey_that_takes_no_answer_says_so_and_gives_the_text_back(
    asking: Asking, browser: Browser, change: dict[str, Any], status: int, says: str
) -> None:
    path = asking.link()
    asking.now = change.pop("now", OPEN)
    for row in (asking.wave, asking.rows(SurveyInvitation)[0], asking.muster, asking.kruse()):
        if own := {name: value for name, value in change.items() if name in type(row).model_fields}:
            asking.world.change(row, **own)
    shown, answer = browser.get(path), browser.post(path, SAID)

    assert (shown.status_code, answer.status_code) == (status, status)
    assert says in shown.text
    assert asking.answers() == []
    assert status == 200 or "Zu spät." in answer.text


def test_the_last_day_is_the_contacts_own(asking: Asking, browser: Browser) -> None:
    tokyo, honolulu = asking.link("A", zone="Asia/Tokyo"), asking.link("B", zone="Pacific/Honolulu")
    asking.now = LATE

    assert (browser.get(tokyo).status_code, browser.get(honolulu).status_code) == (410, 200)


def test_a_mail_that_was_redirected_opens_a_trial_that_stores_nothing(
    asking: Asking, browser: Browser
) -> None:
    path, contact = asking.link(), asking.kruse().id or 0
    key = survey_mails.key("invite", asking.muster.id or 0, contact, asking.wave.id or 0, "invitation")
    what = {"kind": "invitation", "channel": "email", "template": "survey_invitation", "facts": {}}
    ended = {"state": "sent", "cause": "redirected", "created_at": OPEN, "due_at": OPEN}
    asking.world.add(StoredMessage(key=key, **what, **ended))

    assert "Probelauf" in browser.get(path).text
    assert "Gespeichert wurde nichts" in browser.get(browser.post(path, SAID).headers["location"]).text
    browser.post(f"{path}/no-more")
    assert (asking.answers(), asking.kruse().survey_consent) == ([], "given")


def test_no_wave_before_dimensions_asks_for_them(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    asking.world.change(asking.wave, dimensions=None)

    assert "<select" not in browser.get(path).text
    assert browser.post(path, SAID).status_code == 303


def test_looking_leaves_no_trace(asking: Asking, browser: Browser) -> None:
    """A scanner follows every link of a mail, and every link it finds there, again and again."""
    path = asking.link()
    before = _dump(asking)
    for _ in range(5):
        for part in ("", "/thanks", "/no-more", "?language=en", "/no-more?language=en"):
            for look in (browser.get, browser.head):
                answer = look(path + part)
                assert answer.status_code in (200, 303)
                assert "set-cookie" not in answer.headers

    assert _dump(asking) == before


def _dump(asking: Asking) -> list[str]:
    with asking.world.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return list(driver.iterdump())
