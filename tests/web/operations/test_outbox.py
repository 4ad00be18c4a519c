"""Send again and stop, from the page: one message, or all of a cause; each act is somebody's."""

import pytest
from sqlmodel import select

from kamflow.models.event import Event
from kamflow.models.message import StoredMessage
from kamflow.store import engine as db
from kamflow.store import outbox_listing
from tests.web.operations.conftest import Operated

OUTBOX = "/operations/outbox"


def state(house: Operated, number: int | None) -> str:
    return house.world.one(StoredMessage, number or 0).state


def acts(house: Operated) -> list[tuple[str, int, int | None, str | None]]:
    with db.read(house.world.engine) as session:
        found = session.exec(select(Event).where(Event.name.startswith("message.")).order_by(Event.id))
        return [(each.name, each.payload["message"], each.actor_id, each.via) for each in found]


def test_one_message_is_sent_again_or_stopped_by_somebody(house: Operated) -> None:
    failed, waiting = house.message("failed", "too-large"), house.message("waiting")
    browser, who = house.browser(), house.hansen.id

    assert browser.post(f"{OUTBOX}/{failed.id}/retry").headers["location"] == f"{OUTBOX}/{failed.id}"
    assert browser.post(f"{OUTBOX}/{waiting.id}/cancel").status_code == 303
    assert (state(house, failed.id), state(house, waiting.id)) == ("waiting", "cancelled")
    assert acts(house) == [
        ("message.retried", failed.id, who, "page"),
        ("message.cancelled", waiting.id, who, "page"),
    ]
    assert "Stopped by hand" in browser.get(f"{OUTBOX}/{waiting.id}").text


def test_all_of_a_cause_go_again_but_those_whose_reader_has_them(house: Operated) -> None:
    failed = [house.message("failed", "recipient-refused") for _ in range(3)]
    other = house.message("failed", "too-large")
    elsewhere = house.message("failed", "recipient-refused")
    house.message("sent", channel="slack", instead_of_id=elsewhere.id)
    form = {"channel": "email", "state": "failed", "cause": "recipient-refused"}
    answer = house.browser().post(OUTBOX, form)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{OUTBOX}?sent=3&left=0")
    assert {state(house, each.id) for each in failed} == {"waiting"}
    assert (state(house, other.id), state(house, elsewhere.id)) == ("failed", "failed")
    assert [each[1] for each in acts(house)] == [each.id for each in failed]
    assert "3 messages go out again." in house.browser().get(answer.headers["location"]).text


def test_very_many_go_in_steps(sqlite_house: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_listing, "AT_ONCE", 2)
    failed = [sqlite_house.message("failed", "too-large") for _ in range(5)]
    form = {"channel": "email", "state": "failed", "cause": "too-large"}
    steps = [
        sqlite_house.browser().post(OUTBOX, form | {"after": after}).headers["location"]
        for after in (0, failed[1].id, failed[3].id)
    ]

    assert [each.rpartition("after=")[2] for each in steps[:2]] == [str(failed[1].id), str(failed[3].id)]
    assert steps[2] == f"{OUTBOX}?sent=1&left=0"
    assert "Send the next ones" in sqlite_house.browser().get(steps[0]).text


def test_what_is_still_tried_is_tried_at_once(sqlite_house: Operated) -> None:
    retrying = sqlite_house.message("retrying", "connect-failed", ago=-1)
    form = {"channel": "email", "state": "retrying", "cause": "connect-failed"}
    sqlite_house.browser().post(OUTBOX, form)

    assert state(sqlite_house, retrying.id) == "waiting"


@pytest.mark.parametrize("act", ["retry", "cancel"])
def test_what_was_sent_stays_and_the_page_says_so(sqlite_house: Operated, act: str) -> None:
    sent = sqlite_house.message("sent")
    answer = sqlite_house.browser().post(f"{OUTBOX}/{sent.id}/{act}")

    assert answer.status_code == 409
    assert "Nothing was changed." in answer.text
    assert (state(sqlite_house, sent.id), acts(sqlite_house)) == ("sent", [])


def test_other_states_and_strange_numbers_are_refused(sqlite_house: Operated) -> None:
    browser = sqlite_house.browser()
    sent = sqlite_house.message("sent")

    assert browser.post(OUTBOX, {"channel": "email", "state": "sent", "cause": ""}).status_code == 403
    assert browser.post(f"{OUTBOX}/999/retry").status_code == 404
    assert browser.get(f"{OUTBOX}/{2**70}").status_code == 404
    assert browser.get(f"{OUTBOX}?page=0").status_code == 422
    assert state(sqlite_house, sent.id) == "sent"


def test_a_cause_lists_its_messages_page_by_page(sqlite_house: Operated) -> None:
    for _ in range(52):
        sqlite_house.message("failed", "too-large", person_id=sqlite_house.hansen.id)
    address = f"{OUTBOX}?channel=email&state=failed&cause=too-large"
    first, second = (sqlite_house.browser().get(f"{address}&page={page}").text for page in (1, 2))

    assert (first.count(">Message "), second.count(">Message ")) == (50, 2)
    assert "Older" in first
    assert "Newer" in second
    assert "Send all again" in first
