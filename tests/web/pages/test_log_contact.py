"""A contact is logged in three fields, without a script."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from kamflow.models.event import Event
from kamflow.models.interaction import Encounter, Interaction
from kamflow.store.engine import read
from kamflow.web import log_contact
from tests.web.conftest import Visited


def rows(visited: Visited, table: type[Any]) -> list[Any]:
    with read(visited.world.engine) as session:
        return list(session.execute(select(table)).scalars())


def test_whom_when_and_how_is_enough(visited: Visited) -> None:
    witt = visited.world.person("Witt", language="en")
    muster = visited.world.account("Muster AG", witt)
    knut = visited.world.place("Knut", muster, 8)
    browser = visited.signed_in(witt)
    assert f'value="{muster.id}-{knut.contact_id}"' in browser.get("/log").text

    sent = browser.post("/log", {"at": f"{muster.id}-{knut.contact_id}", "day": "2026-09-04", "kind": "call"})
    assert sent.headers["location"] == f"/log/{muster.id}/2026-09-04"
    assert "Witt × Knut" in browser.get(sent.headers["location"]).text
    (met,) = rows(visited, Interaction)
    assert (met.kind, met.state, met.day, met.logged_by_id) == ("call", "held", date(2026, 9, 4), witt.id)
    assert rows(visited, Event)[-1].via == "page"


def test_several_people_and_a_day_to_come_are_booked_and_twice_is_once(visited: Visited) -> None:
    witt, kruse = visited.world.person("Witt"), visited.world.person("Kruse", "sponsor")
    muster = visited.world.account("Muster AG", witt)
    visited.world.add(type(_team(visited))(person_id=kruse.id, account_id=muster.id, role="sponsor"))
    knut, paul = (visited.world.place(name, muster, 8) for name in ("Knut", "Paul"))
    form = {
        "account": muster.id,
        "contact": [knut.contact_id, paul.contact_id],
        "person": [witt.id, kruse.id],
        "day": "2026-10-01",
        "kind": "visit",
    }
    for _ in range(2):
        assert visited.signed_in(witt).post("/log", form).status_code == 303

    assert len(rows(visited, Encounter)) == 4
    assert {each.state for each in rows(visited, Interaction)} == {"booked"}


def _team(visited: Visited) -> Any:
    from kamflow.models.account import Team

    return Team(person_id=0, account_id=0, role="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": ""},
        {"day": "04.09.2026"},
        {"day": "0026-09-04"},
        {"kind": "dance"},
        {"contact": []},
        {"contact": [999]},
        {"person": [999]},
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(visited: Visited, wrong: dict[str, Any]) -> None:
    witt = visited.world.person("Witt", language="en")
    muster = visited.world.account("Muster AG", witt)
    knut = visited.world.place("Knut", muster, 8)
    form = {"account": muster.id, "contact": [knut.contact_id], "day": "2026-09-04", "kind": "visit"}
    answer = visited.signed_in(witt).post("/log", form | wrong)

    assert answer.status_code == 422
    assert "Something does not fit" in answer.text
    assert rows(visited, Interaction) == []


def test_whom_somebody_chose_still_stands_there_when_the_day_does_not_fit(visited: Visited) -> None:
    witt = visited.world.person("Witt")
    muster = visited.world.account("Muster AG", witt)
    at = f"{muster.id}-{visited.world.place('Knut', muster, 8).contact_id}"
    answer = visited.signed_in(witt).post("/log", {"at": at, "day": "0026-09-04", "kind": "visit"})

    assert f'value="{at}" selected' in answer.text


def test_many_contacts_are_found_by_their_customer_first(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_contact, "TOGETHER", 1)
    witt = visited.world.person("Witt")
    muster = visited.world.account("Muster AG", witt)
    for name in ("Knut", "Paul"):
        visited.world.place(name, muster, 8)
    text = visited.signed_in(witt).get("/log").text

    assert "<select" not in text
    assert f'href="/log?account={muster.id}"' in text


def test_an_assistant_logs_what_their_sponsor_was_in(visited: Visited) -> None:
    anna = visited.world.person("Anna", "assistant")
    kruse = visited.world.person("Kruse", "sponsor", assistant_id=anna.id)
    muster = visited.world.account("Muster AG", kruse)
    knut = visited.world.place("Knut", muster, 8)
    browser = visited.signed_in(anna)
    assert f'value="{kruse.id}" checked' in browser.get(f"/log?account={muster.id}").text

    form = {"account": muster.id, "contact": knut.contact_id, "person": kruse.id, "day": "2026-09-04"}
    assert browser.post("/log", form).status_code == 303
    assert [(each.person_id, each.contact_id) for each in rows(visited, Encounter)] == [
        (kruse.id, knut.contact_id)
    ]
