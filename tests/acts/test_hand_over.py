from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from kamflow.acts.hand_over import hand_over
from kamflow.errors import InputError, NotAllowed
from kamflow.models.nudge import StoredNudge
from tests.acts.world import Act, World


@pytest.fixture
def give(world: World, given: SimpleNamespace) -> Act:
    def call(nudge: StoredNudge, to: str, actor: str | None = "witt") -> Any:
        acting = world.person(actor) if actor else None
        return hand_over(world.session, acting, nudge.id, world.person(to), given.now, given.company)

    return call


def test_another_person_gets_it_and_both_are_named(world: World, give: Act) -> None:
    nudge = world.nudge(snoozed_until=date(2026, 9, 9))
    assert give(nudge, "kruse").state == "handed over"
    assert (nudge.assignee_id, nudge.snoozed_until) == (world.person("kruse"), None)
    payload = world.events()[-1].payload
    assert (payload["owner"], payload["to"]) == (world.person("witt"), world.person("kruse"))


def test_twice_is_once(world: World, give: Act) -> None:
    nudge = world.nudge()
    give(nudge, "kruse")
    assert give(nudge, "kruse").state == "already"
    assert len(world.events()) == 1


def test_the_owner_takes_it_back(world: World, give: Act) -> None:
    nudge = world.nudge(assignee_id=world.person("kruse"))
    give(nudge, "witt", "kruse")
    assert nudge.assignee_id is None


def test_operations_may_so_that_nothing_is_left_with_nobody(world: World, give: Act) -> None:
    assert give(world.nudge(owner_id=world.person("gone")), "witt", None).state == "handed over"


def test_not_to_somebody_who_left_and_not_anothers(world: World, give: Act, given: SimpleNamespace) -> None:
    with pytest.raises(InputError, match="choose somebody else"):
        give(world.nudge(), "gone")
    with pytest.raises(NotAllowed):
        give(world.nudge(step="position"), "kruse", "fremd")
    with pytest.raises(InputError, match="closed"):
        give(world.nudge(step="measures", closed_at=given.now, closed_as="lapsed"), "kruse")


def test_a_shortfall_is_not_handed_over_for_only_its_owners_contacts_close_it(
    world: World, give: Act
) -> None:
    shortfall = {"rule": "contact_shortfall", "step": "contacts"}
    with pytest.raises(InputError, match="move the targets"):
        give(world.nudge(**shortfall), "arnst")
    given_away = world.nudge(**shortfall, subject="b", assignee_id=world.person("arnst"))
    assert give(given_away, "witt").state == "handed over"
    no_data = world.nudge(**shortfall, subject="c", facts={"no_data": True, "cells": []})
    assert give(no_data, "arnst").state == "handed over"


def test_the_decision_is_not_handed_to_whoever_wrote_the_plan(world: World, give: Act) -> None:
    world.plan(state="submitted")
    approval = world.nudge(step="approve", owner_id=world.person("berg"))
    with pytest.raises(NotAllowed, match="Jürgen Witt wrote the plan"):
        give(approval, "witt", "berg")
    assert give(approval, "fremd", "berg").state == "handed over"


def test_operations_are_not_told_whose_it_was(world: World, give: Act, given: SimpleNamespace) -> None:
    assert give(world.nudge(), "kruse", None).owner is None
    closed = world.nudge(step="measures", closed_at=given.now, closed_as="lapsed")
    with pytest.raises(InputError) as error:
        give(closed, "kruse", None)
    assert "lapsed" not in str(error.value)
