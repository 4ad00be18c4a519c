"""A contact answers on the page: what is kept, what becomes an event, what is never lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kamflow.models.survey import SurveyInvitation
from tests.web.browser import Browser
from tests.web.survey.conftest import Asking

FULL = {
    "version": "0", "score": "3", "comment": "Die Lieferung\r\nkam zu spät.",
    "expectation-delivery": "9", "experience-delivery": "0",
    "expectation-service": "", "experience-service": "7",
}  # fmt: skip


def test_an_answer_is_kept_with_its_ratings_and_becomes_an_event_without_text(
    asking: Asking, browser: Browser
) -> None:
    path = asking.link()
    answer = browser.post(path, FULL)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/thanks")
    assert asking.answers() == [(3, "Die Lieferung\nkam zu spät.", 1)]
    assert asking.ratings() == {"delivery": (9, 0), "service": (None, 7)}
    [event] = asking.events()
    assert event.payload == {
        "wave": asking.wave.id,
        "invitation": asking.rows(SurveyInvitation)[0].id,
        "score": 3,
    }
    assert (event.account_id, event.via, event.relayed_at) == (asking.muster.id, "page", None)


def test_a_changed_answer_takes_the_place_of_the_first_and_is_told_too(
    asking: Asking, browser: Browser
) -> None:
    path = asking.link()
    browser.post(path, FULL)
    shown = browser.get(path).text
    browser.post(path, {"version": "1", "score": "9", "experience-service": "8"})

    assert 'value="3" checked' in shown
    assert "kam zu spät." in shown
    assert asking.answers() == [(9, None, 2)]
    assert asking.ratings() == {"service": (None, 8)}
    assert [event.payload["score"] for event in asking.events()] == [3, 9]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"comment": "Gut so."}, (None, "Gut so.")),
        ({"score": ""} | {"comment": " Gut so. "}, (None, "Gut so.")),
        ({"score": "0"}, (0, None)),
        ({"score": "10", "comment": "\0🙂"}, (10, "\N{REPLACEMENT CHARACTER}🙂")),
        ({"experience-delivery": "5"}, (None, None)),
    ],
)
def test_part_of_an_answer_is_one_and_no_score_is_not_zero(
    asking: Asking, browser: Browser, said: dict[str, str], expected: tuple[Any, Any]
) -> None:
    assert browser.post(asking.link(), said).status_code == 303
    assert asking.answers() == [(*expected, 1)]


def test_the_second_browser_is_shown_what_the_first_one_said(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    phone = asking.outside(client="198.51.100.7")
    phone.post(path, {"version": "0", "score": "8", "comment": "Vom Telefon."})
    answer = browser.post(path, {"version": "0", "score": "2", "comment": "Vom Rechner."})

    assert answer.status_code == 409
    assert "Bewertung dort: 8 von 10." in answer.text
    assert "Vom Telefon." in answer.text
    assert "\nVom Rechner.</textarea>" in answer.text
    assert asking.answers() == [(8, "Vom Telefon.", 1)]
    assert 'name="version" value="1"' in answer.text
    assert browser.post(path, {"version": "1", "score": "2", "comment": "Vom Rechner."}).status_code == 303
    assert asking.answers() == [(2, "Vom Rechner.", 2)]


def test_the_same_form_sent_twice_is_one_answer(asking: Asking, browser: Browser) -> None:
    path = asking.link()

    assert [browser.post(path, FULL).status_code for _ in range(3)] == [303] * 3
    assert len(asking.events()) == 1


def test_of_answers_that_arrive_at_once_one_is_kept_and_the_others_see_it(
    asking: Asking, browser: Browser
) -> None:
    path = asking.link()
    browser.get(path)  # builds what FastAPI puts off until the first request
    app = browser._app
    with ThreadPoolExecutor(6) as pool:
        said = [{"version": "0", "score": str(score)} for score in (2, 2, 2, 9, 9, 9)]
        answers = list(pool.map(lambda form: Browser(app).post(path, form), said))

    [(kept, _, version)] = asking.answers()
    by_score = [(int(form["score"]), answer.status_code) for form, answer in zip(said, answers, strict=True)]
    assert set(by_score) == {(kept, 303), (11 - (kept or 0), 409)}
    assert (version, len(asking.events())) == (1, 1)


def test_a_form_with_nothing_in_it_is_shown_again(asking: Asking, browser: Browser) -> None:
    answer = browser.post(asking.link(), {"version": "0", "score": "", "comment": "  "})

    assert (answer.status_code, asking.answers()) == (422, [])
    assert "Noch gibt es nichts zu speichern" in answer.text


def test_a_comment_that_is_too_long_is_not_cut_but_shown_again(asking: Asking, browser: Browser) -> None:
    answer = browser.post(asking.link(), {"score": "5", "comment": "x" * 4001})

    assert (answer.status_code, asking.answers()) == (422, [])
    assert "x" * 4001 in answer.text


@pytest.mark.parametrize(
    "forged",
    [
        {"score": "11"}, {"score": "-1"}, {"score": "٣"}, {"score": "3.5"}, {"score": "9" * 400},
        {"experience-delivery": "12"}, {"expectation-boss": "3"}, {"score": "3", "version": "x"},
    ],
)  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused(
    asking: Asking, browser: Browser, forged: dict[str, str]
) -> None:
    assert browser.post(asking.link(), forged).status_code == 422
    assert (asking.answers(), asking.events()) == ([], [])


def test_customer_text_is_text(asking: Asking, browser: Browser) -> None:
    path = asking.link()
    browser.post(path, {"score": "1", "comment": "</textarea><script>alert(1)</script>\x07"})
    shown = browser.get(path).text

    assert "<script" not in shown
    assert "&lt;/textarea&gt;&lt;script&gt;" in shown
    assert "\x07" not in shown
