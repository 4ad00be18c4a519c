import asyncio
from datetime import UTC, date, datetime

import httpx
import pytest

from kamflow.demo.diary import Day, Diary
from kamflow.demo.page import page, stylesheet
from kamflow.demo.show import Deed, Line, Reader, Received, Show

EVIL = '<script>alert("x")</script>'
AT = datetime(2026, 9, 7, 8, 30, tzinfo=UTC)
BLOCKS = (
    {"type": "header", "text": {"type": "plain_text", "text": EVIL}},
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": EVIL}]}],
    },
)


def show() -> Show:
    line = Line(EVIL, "contacts", "opened", "closed", date(2026, 9, 9))
    witt = Reader("witt", "Jürgen Witt", "Key Account Manager", "kam", "email", "daily", "de")
    witt.received.append(Received(7, AT, "email", EVIL, "daily", (line,), html="<p>Hallo</p>", text=EVIL))
    witt.deeds.append(Deed(AT, "held", account=EVIL, contacts=("Stefanie Paul", "Robert Philip")))
    lech = Reader("lech", "Georg Lech", "Leiter Logistik", "specialist", "slack", "monday", "de")
    lech.received.append(Received(8, AT, "slack", EVIL, "daily", (line,), blocks=BLOCKS))
    kruse = Reader("kruse", "Dr. Sabine Kruse", "Vorständin", "sponsor", "email", "first-tuesday", "de")
    diary = Diary([Day(date(2026, 9, 7), opened=2, closed=1, told=2, mails=1, posts=1)])
    return Show("Wendrath AG", (witt, lech, kruse), diary)


def get(path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        here = httpx.ASGITransport(page(show))
        async with httpx.AsyncClient(transport=here, base_url="http://127.0.0.1:8420") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("person", ["witt", "lech", "kruse", "nobody"])
@pytest.mark.parametrize("language", ["de", "en", ""])
def test_a_page_shows_text_as_text(person: str, language: str) -> None:
    answer = get(f"/?person={person}&language={language}")

    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_a_page_says_what_became_of_a_reminder() -> None:
    english = get("/?person=witt&language=en").text

    assert "closed by itself on 9 September" in english
    assert "Logged a contact with Stefanie Paul and Robert Philip" in english


def test_a_page_is_german_unless_asked_for_english() -> None:
    assert "von selbst erledigt am 9. September" in get("/?person=witt").text
    assert 'lang="en"' in get("/", **{"accept-language": "en-GB,en;q=0.9"}).text


def test_a_page_loads_nothing_from_elsewhere() -> None:
    answer = get("/")
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http:" not in answer.text.replace("http://127.0.0.1", "")
    assert "url(" not in stylesheet()


def test_a_mail_is_shown_in_a_sandbox() -> None:
    answer = get("/message/7")

    assert answer.text == "<p>Hallo</p>"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert get("/message/8").status_code == 404


def test_another_host_name_is_refused() -> None:
    assert get("/", host="evil.example.com:8420").status_code == 421
