"""A document by link, the release of a briefing, and the calendar feed."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlmodel import col

from kamflow.models.event import Event
from kamflow.models.meeting import BriefingNote
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.store import engine as db
from notifications import ways
from tests.web.documents.conftest import Sent
from tests.web.nudge_links.conftest import everything

_A_DAY = timedelta(days=1)


def said(sent: Sent, path: str, form: str, **fields: Any) -> str:
    browser = sent.visited.inside()
    answer = browser.post(f"{path}/{form}", fields)
    if answer.status_code != 303:
        return str(answer.status_code)
    assert not browser.cookies
    return browser.get(answer.headers["location"]).text


def notes(sent: Sent) -> list[tuple[str, str | None]]:
    with db.read(sent.visited.world.engine) as session:
        rows = session.execute(select(BriefingNote).order_by(col(BriefingNote.id))).scalars()
        return [(row.kind, row.line or row.text) for row in rows]


def test_a_document_is_read_by_link_and_printed_and_nothing_changes(sent: Sent) -> None:
    path, browser = sent.link(), sent.visited.inside()
    before = everything(sent.visited.world.engine)

    page = browser.get(path)
    assert page.status_code == 200
    assert "Muster AG" in page.text
    assert "Paul" in page.text
    pdf = browser.get(f"{path}/briefing.pdf")
    assert pdf.content[:5] == b"%PDF-"
    assert 'filename="briefing-muster-ag-2026-09-21.pdf"' in pdf.headers["content-disposition"]
    assert browser.head(path).status_code == browser.head(f"{path}/briefing.pdf").status_code == 200
    assert everything(sent.visited.world.engine) == before
    assert not browser.cookies


def test_a_draft_is_released_once(sent: Sent) -> None:
    path = sent.link()

    assert "Freigegeben. Es geht" in said(sent, path, "release")
    assert (sent.round().released_revision, sent.round().released_by_id) == (0, sent.witt.id)
    after = everything(sent.visited.world.engine)
    assert "war schon freigegeben" in said(sent, path, "release")
    assert everything(sent.visited.world.engine) == after
    with db.read(sent.visited.world.engine) as session:
        event = session.execute(select(Event).where(col(Event.name) == "briefing.released")).scalar_one()
    assert event.via == "link"


def test_lines_are_left_out_and_taken_in_again(sent: Sent) -> None:
    path, measure = sent.link(), f"measure.{sent.measure}"
    page = sent.visited.inside().get(path).text
    every = [part.split('"')[0] for part in page.split('name="line" value="')[1:]]

    assert measure in every
    assert "Gespeichert" in said(sent, path, "lines", line=[each for each in every if each != measure])
    assert notes(sent) == [("strike", measure)]
    assert "nichts geändert" in said(sent, path, "lines", line=[each for each in every if each != measure])
    assert "Gespeichert" in said(sent, path, "lines", line=every)
    assert notes(sent) == [("withdrawn", measure)]


def test_a_line_is_corrected_and_a_point_added_and_taken_back(sent: Sent) -> None:
    path, contact = sent.link(), f"contact.{sent.contact}"

    assert "Seit Mai neu" in said(sent, path, "correct", line=contact, text="Seit Mai neu <b>dort</b>")
    page = said(sent, path, "point", kind="raise", text="Zweites Werk")
    assert "Zweites Werk" in page
    number = page.split('name="note" value="')[1].split('"')[0]
    assert "Gespeichert" in said(sent, path, "take-back", note=number)
    assert [kind for kind, _ in notes(sent)] == ["correct", "withdrawn"]
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("correct", {"line": "contact.999", "text": "x"}),
        ("correct", {"line": "", "text": "x"}),
        ("point", {"kind": "raise", "text": " "}),
        ("point", {"kind": "praise", "text": "x"}),
        ("point", {"kind": "raise", "text": "x" * 601}),
        ("take-back", {"note": "999"}),
    ],
)
def test_what_cannot_be_used_changes_nothing(sent: Sent, form: str, fields: dict[str, str]) -> None:
    before = everything(sent.visited.world.engine)

    assert said(sent, sent.link(), form, **fields) == "422"
    assert everything(sent.visited.world.engine) == before


def test_links_that_do_not_open_it_change_nothing(sent: Sent) -> None:
    before = everything(sent.visited.world.engine)
    wrong = {
        sent.link(sent.berg): 404,
        sent.link(about=999): 404,
        sent.link(days=-1): 410,
        sent.link(version=2): 410,
        sent.link(purpose="nudge"): 404,
        sent.link()[:-3]: 404,
    }

    for path, status in wrong.items():
        browser = sent.visited.inside()
        assert browser.get(path).status_code == status
        assert browser.get(f"{path}/briefing.pdf").status_code == status
        assert browser.post(f"{path}/release", {}).status_code == status
    assert everything(sent.visited.world.engine) == before


def test_who_was_sent_it_and_may_not_release_it_reads_it_only(sent: Sent) -> None:
    with db.write(sent.visited.world.engine) as session:
        session.get_one(StoredMessage, sent.message).person_id = sent.berg.id
    path = sent.link(sent.berg)

    page = sent.visited.inside().get(path).text
    assert "Muster AG" in page
    assert "<form" not in page
    assert said(sent, path, "release") == "403"


def test_the_calendar_comes_by_link_until_it_is_revoked(sent: Sent) -> None:
    path, browser = sent.link(purpose="feed"), sent.visited.inside()
    before = everything(sent.visited.world.engine)
    answer = browser.get(path)

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert any(
        "Muster AG" in str(event["SUMMARY"]) for event in Calendar.from_ical(answer.text).walk("VEVENT")
    )
    assert browser.get(path, {"if-none-match": answer.headers["etag"]}).status_code == 304
    assert browser.head(path).status_code == 200
    assert [sent.visited.inside().get(sent.link(purpose="feed", **bad)).status_code for bad in
            ({"days": -1}, {"version": 2})] == [410, 410]  # fmt: skip
    assert everything(sent.visited.world.engine) == before


def test_a_person_s_feed_has_an_address_for_a_year(sent: Sent) -> None:
    link = ways.feed_link(sent.visited.settings, sent.witt.id or 0, 1, sent.visited.now)

    assert link is not None
    path = link.removeprefix("https://kamflow.example.com")
    sent.visited.now += 360 * _A_DAY
    assert sent.visited.inside().get(path).status_code == 200
    with db.write(sent.visited.world.engine) as session:
        session.get_one(Person, sent.witt.id).links_version = 2
    assert sent.visited.inside().get(path).status_code == 410
