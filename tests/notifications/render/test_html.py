import re
from dataclasses import fields, is_dataclass

import pytest

from notifications.render import examples, html
from notifications.render import training_example as made
from notifications.render.house import House
from notifications.render.item import Action, Bars, Field, Letter, Trend
from notifications.render.picture import pictures
from notifications.render.shorten import SHORTEST, shortened
from notifications.render.view import PersonView
from tests.notifications.render import mails
from tests.notifications.render.page import Page, squeezed


def said(value: object) -> list[str]:
    """Every text of the neutral model that a reader is to see."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [text for part in value for text in said(part)]
    if isinstance(value, Bars | Field | Trend):
        return [value.alt]
    if not is_dataclass(value) or (isinstance(value, Action) and value.url is None):
        return []
    hidden = {"act", "url", "tone", "locale", "subject", "preheader", "labels"}
    return [
        text
        for field in fields(value)
        if field.name not in hidden
        for text in said(getattr(value, field.name))
    ]


def as_sent(letter: Letter) -> Letter:
    """The letter, shortened to what a mail program does not cut off."""
    drawn = pictures(letter, House())
    steps = (shortened(letter, step) for step in range(SHORTEST + 1))
    return next(each for each in steps if len(html._made(each, drawn).html.encode()) <= html.LIMIT)


def not_said(letter: Letter, mail: html.RenderedMail, shown: str) -> dict[str, object]:
    """What a reader of the HTML or of the text would not be told."""
    plain = squeezed(mail.text)
    texts = [
        squeezed(text) for text in said(as_sent(letter) if letter.labels.left_out in mail.text else letter)
    ]
    # What the inbox shows beside the subject ends in the middle of a word.
    body = shown.replace(squeezed(letter.preheader), " ", 1)
    return {
        "the HTML does not say": [text for text in texts if text not in shown],
        "the text does not say": [text for text in texts if text not in plain],
        "only the HTML says": set(re.findall(r"\w+", body)) - set(re.findall(r"\w+", mail.text)),
    }


def not_sendable(mail: html.RenderedMail, page: Page) -> dict[str, object]:
    """What a mail program would fetch, hide or cut off."""
    enclosed = [f"cid:{part.content_id}" for part in mail.parts]
    return {
        "links are missing in the text": [link for link in page.links if link not in mail.text],
        "loads or leaves lying": page.loads if page.loads != enclosed else [],
        "styles load": [each for each in ("@import", "url(") if each in mail.html],
        "tags": {"script", "iframe", "form", "object", "link"} & set(page.tags),
        "pictures without words": [image for image in page.images if not image.get("alt")],
        "is cut off": len(mail.html.encode()) > html.LIMIT,
    }


def faults(example: tuple[str, str, str]) -> dict[str, object]:
    mail = mails.mail(*example)
    page = Page(mail.html)
    found = not_said(mails.letter(*example), mail, page.text) | not_sendable(mail, page)
    return {what: which for what, which in found.items() if which}


@pytest.mark.parametrize(("document", "case"), mails.OF_EACH)
def test_html_and_text_say_all_that_the_letter_says_and_nothing_comes_from_elsewhere(
    document: str, case: str
) -> None:
    assert {each: faults(each) for each in mails.in_each_language(document, case) if faults(each)} == {}


def test_a_mail_of_many_items_with_long_names_keeps_every_title() -> None:
    view = made.view(*([examples.longest()] * 30))
    mail = html.mail(view)
    assert len(mail.html.encode()) <= html.LIMIT
    assert Page(mail.html).tags.count("h2") == 30


@pytest.mark.parametrize(("language", "lang"), [("de", "de-DE"), ("en", "en-GB"), ("de-CH", "de-CH")])
def test_a_mail_names_its_language(language: str, lang: str) -> None:
    reader = PersonView(made.WITT, "Jürgen Witt", language, "Europe/Berlin")
    page = Page(html.mail(made.view(examples.classic(), recipient=reader)).html)
    assert page.attributes["html"]["lang"] == lang


def test_a_redirected_mail_names_its_true_recipient_first() -> None:
    mail = html.mail(made.view(examples.classic(), redirected_from="Jürgen Witt <witt@example.com>"))
    assert mail.text.splitlines()[0] == (
        "Testbetrieb: Diese Nachricht war für Jürgen Witt <witt@example.com> bestimmt und wurde umgeleitet."
    )
    body = Page(mail.html).text
    assert body.index("witt@example.com") < body.index("Guten Tag")


def test_the_inbox_shows_what_it_is_about() -> None:
    mail = html.mail(made.view(examples.classic(), (made.plan(),)))
    assert "Muster AG: 6 Kontakte hinter Plan · Muster AG: Accountplan bei Schritt 4 von 7" in mail.html


def test_a_notice_has_neither_nudge_nor_person() -> None:
    facts = {"source": "SAP", "file_id": 7, "rejected": 1425, "rows": 8800}
    mail = html.notice("rejects", "de", facts, "Beispiel GmbH", made.DAY)
    assert mail.subject == "SAP: 1.425 abgelehnte Zeilen korrigieren"
    assert "1.425 von 8.800 Zeilen wurden nicht übernommen" in mail.text


def test_an_alert_says_which_run_and_why() -> None:
    facts = {"flow": "contact_shortfall", "day": "2026-09-07", "cause": "crashed", "error": None, "run": "7"}
    mail = html.notice("alert", "en", facts)
    assert mail.subject == "Look at kamflow: contact_shortfall did not finish"
    assert "Its process ended in the middle" in mail.text


def test_an_alert_says_a_cause_it_has_no_words_for_as_it_is() -> None:
    facts = {"flow": "intake", "day": "2026-09-07", "cause": "suspended", "error": "KeyError", "run": "7"}
    text = html.notice("alert", "de", facts).text
    assert "Suspended" in text
    assert "Art des Fehlers: KeyError" in text


def test_the_same_view_gives_the_same_mail() -> None:
    view = examples.VIEWS["digest", "daily"]("de")
    assert html.mail(view) == html.mail(view)
