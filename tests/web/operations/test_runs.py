"""A run from the page: one event, which the relay turns into a run for that day; odd days are refused."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from kamflow.models.event import Event, RelayBatch
from kamflow.store import engine as db
from kamflow.store import relay
from tests.conftest import NOW
from tests.web.operations.conftest import Operated

RUN = "/operations/flows/intake/run"
TODAY = NOW.date()


def events(house: Operated) -> list[Event]:
    with db.read(house.world.engine) as session:
        return list(session.exec(select(Event).where(Event.name == "run.requested")))


def test_run_now_is_one_event_of_who_asks_however_often_they_click(house: Operated) -> None:
    browser = house.browser()
    answers = [browser.post(RUN, {"as_of": TODAY.isoformat()}) for _ in range(3)]
    written = events(house)

    assert {(each.status_code, each.headers["location"]) for each in answers} == {
        (303, RUN.removesuffix("/run"))
    }
    assert [(each.payload, each.actor_id, each.via) for each in written] == [
        ({"flow": "intake", "as_of": TODAY.isoformat()}, house.hansen.id, "page")
    ]
    assert "A run for 7 September was asked for" in browser.get("/operations/flows/intake").text
    assert "asked for" in browser.get("/operations").text


def test_the_relay_makes_it_a_batch_for_that_day_and_then_one_may_ask_again(house: Operated) -> None:
    house.nights()
    browser, day = house.browser(), date(2026, 9, 3)
    browser.post(RUN, {"as_of": day.isoformat()})
    relay.gather(house.world.engine, NOW, TODAY)
    browser.post(RUN, {"as_of": day.isoformat()})
    batch = house.one(RelayBatch)

    assert (batch.flow, batch.as_of, batch.fixed_day, batch.accounts) == ("intake", day, True, [])
    assert len(events(house)) == 1

    house.change(batch, state="done", done_at=NOW)
    browser.post(RUN, {"as_of": day.isoformat()})
    assert len(events(house)) == 2


@pytest.mark.parametrize("day", ["2026-09-08", "2026-08-31", "1999-01-01", "9999-12-31", "tomorrow", ""])
def test_a_day_that_makes_no_sense_is_refused_with_those_that_do(sqlite_house: Operated, day: str) -> None:
    sqlite_house.nights()
    answer = sqlite_house.browser().post(RUN, {"as_of": day})

    assert answer.status_code == 422
    assert (
        "Please choose a day from 1 September 2026 to 7 September 2026. Nothing was started." in answer.text
    )
    assert events(sqlite_house) == []


def test_a_flow_that_never_ran_runs_for_today_only(sqlite_house: Operated) -> None:
    answer = sqlite_house.browser().post(RUN, {"as_of": (TODAY - timedelta(days=1)).isoformat()})

    assert answer.status_code == 422
    assert "So far this flow can run for today only, 7 September 2026." in answer.text


def test_an_unknown_flow_is_not_found_and_a_form_from_elsewhere_refused(sqlite_house: Operated) -> None:
    browser, today = sqlite_house.browser(), {"as_of": TODAY.isoformat()}

    assert browser.post("/operations/flows/nothing/run", today).status_code == 404
    assert browser.get("/operations/flows/nothing").status_code == 404
    assert browser.post(RUN, today, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert events(sqlite_house) == []


def test_nobody_else_starts_anything(sqlite_house: Operated) -> None:
    head = sqlite_house.visited.signed_in(sqlite_house.world.person("Bohn", "head"))

    assert head.post(RUN, {"as_of": TODAY.isoformat()}).status_code == 403
    assert events(sqlite_house) == []
