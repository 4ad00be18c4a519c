"""Whatever somebody does leaves who did it, and by which door."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.event import Event
from kamflow.store.engine import read
from tests.surveyed import Surveyed
from tests.web.conftest import Visited
from tests.web.nudge_links.conftest import Linked
from tests.web.survey.conftest import Asking
from tests.world import World

ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "done": ("nudge.done", {}),
    "snooze": ("nudge.snoozed", {"until": "2026-09-10"}),
    "hand-over": ("nudge.handed_over", {"to": "1"}),
    "contact": ("interaction.held", {"day": "2026-09-04", "kind": "call", "person": "2", "contact": "1"}),
    "book": ("interaction.booked", {"day": "2026-09-21", "kind": "visit", "person": "2", "contact": "1"}),
    "too-much": ("target.changed", {"soll-1": "2", "soll-2": "1"}),
}


def events(visited: Visited) -> list[tuple[str, int | None, str | None]]:
    with read(visited.world.engine) as session:
        rows = session.execute(select(Event).order_by(col(Event.id))).scalars()
        return [(each.name, each.actor_id, each.via) for each in rows]


@pytest.mark.parametrize("act", ACTS)
def test_an_act_by_link_leaves_its_person_and_the_link(sqlite_engine: Engine, act: str) -> None:
    linked = Linked(Visited(World(sqlite_engine)))
    nudge = linked.shortfall() if act in ("contact", "book", "too-much") else linked.nudge()
    name, form = ACTS[act]
    browser = linked.visited.inside()
    for method in (browser.get, browser.head):
        method(f"{linked.link(nudge)}?do={act}")
    assert events(linked.visited) == []

    assert browser.post(f"{linked.link(nudge)}/{act}", form).status_code == 303

    found = events(linked.visited)
    assert (name, linked.id("witt"), "link") in found
    assert {(actor, via) for _, actor, via in found} == {(linked.id("witt"), "link")}


def test_a_contact_logged_on_the_page_leaves_who_logged_it(sqlite_engine: Engine) -> None:
    linked = Linked(Visited(World(sqlite_engine)))
    form = {"at": f"{linked.account.id}-{linked.knut.contact_id}", "day": "2026-09-04", "kind": "call"}

    assert linked.visited.signed_in(linked.people["witt"]).post("/log", form).status_code == 303

    assert ("interaction.held", linked.id("witt"), "page") in events(linked.visited)


def test_a_customer_s_answer_and_objection_leave_the_page_and_nobody_of_ours(sqlite_engine: Engine) -> None:
    asking = Asking(Surveyed(sqlite_engine))
    path = asking.link()
    asking.outside().post(path, {"version": "0", "score": "3"})
    asking.outside().post(f"{path}/no-more", {})

    assert events(asking) == [("survey.answered", None, "page"), ("survey.objected", None, "page")]
