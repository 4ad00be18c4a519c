from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kamflow.acts.done import Done, done
from kamflow.errors import InputError, NotAllowed
from kamflow.models.nudge import StepDone, StoredNudge
from tests.acts.world import Act, World


@pytest.fixture
def say(world: World, given: SimpleNamespace) -> Act:
    """`say(nudge, "witt")` says Done."""

    def call(nudge: StoredNudge, actor: str | None = "witt", *, glass: bool = False) -> Any:
        acting = world.person(actor) if actor else None
        return done(world.session, acting, nudge.id, given.now, given.policy, given.company, glass=glass)

    return call


def test_a_word_is_the_fact_and_closes_the_nudge(world: World, say: Act) -> None:
    nudge = world.nudge(step="position", closes_by="word")
    assert say(nudge).state == "closed"
    assert (nudge.closed_as, nudge.closed_on) == ("done", date(2026, 9, 7))
    assert world.session.get(StepDone, nudge.identity).person_id == world.person("witt")
    assert [event.name for event in world.events()] == ["nudge.done", "nudge.closed"]


def test_a_second_click_changes_nothing(world: World, say: Act) -> None:
    nudge = world.nudge(step="position", closes_by="word")
    say(nudge)
    again = say(nudge)
    assert (again.state, again.closed_as) == ("already", "done")
    assert len(world.events()) == 2


def test_facts_are_not_closed_by_a_word_but_silenced(world: World, say: Act) -> None:
    nudge = world.nudge()
    said = say(nudge)
    assert (said.state, said.until, said.closes) == ("quiet", date(2026, 9, 14), "submitted")
    assert nudge.closed_at is None
    assert nudge.quiet_until == date(2026, 9, 14)
    assert say(nudge).state == "already"


def test_a_shortfall_has_no_done(world: World, say: Act) -> None:
    nudge = world.nudge(rule="contact_shortfall", step="contacts")
    with pytest.raises(InputError, match=r"log one .* book one .* too much"):
        say(nudge)


@pytest.mark.parametrize("actor", ["witt", "arnst"])
def test_the_owner_and_the_deputy_may_say_it(world: World, say: Act, actor: str) -> None:
    assert say(world.nudge(step="position", closes_by="word"), actor).state == "closed"


def test_the_head_says_it_only_by_breaking_the_glass(world: World, say: Act) -> None:
    nudge = world.nudge(step="position", closes_by="word")
    with pytest.raises(NotAllowed, match="--break-glass"):
        say(nudge, "berg")
    with pytest.raises(NotAllowed):
        say(nudge, "fremd", glass=True)
    assert say(nudge, "berg", glass=True).state == "closed"


def test_an_assistant_says_it_and_learns_nothing_from_it(world: World, say: Act) -> None:
    world.people["witt"].assistant_id = world.person("fremd")
    nudge = world.nudge()
    assert say(nudge, "fremd") == Done(nudge.id, "quiet")
    shortfall = world.nudge(rule="contact_shortfall", step="contacts")
    with pytest.raises(InputError) as error:
        say(shortfall, "fremd")
    assert "contact" not in str(error.value)


def test_to_whom_it_was_handed_may_say_it(world: World, say: Act) -> None:
    nudge = world.nudge(step="position", closes_by="word", assignee_id=world.person("kruse"))
    assert say(nudge, "kruse").state == "closed"


def test_others_may_not_and_learn_no_name(world: World, say: Act) -> None:
    with pytest.raises(NotAllowed) as error:
        say(world.nudge(), "fremd")
    assert "Witt" not in str(error.value)


def test_operations_cannot_give_anybodys_word(world: World, say: Act) -> None:
    with pytest.raises(NotAllowed, match="--as PERSON"):
        say(world.nudge(), None)


def test_what_came_up_again_is_closed_by_a_second_word(
    world: World, say: Act, given: SimpleNamespace
) -> None:
    first = world.nudge(rule="department_requests", step="refused", closes_by="word")
    say(first)
    given.now += timedelta(days=30)
    again = world.nudge(rule="department_requests", step="refused", closes_by="word")

    assert say(again, "arnst").state == "closed"
    word = world.session.get(StepDone, again.identity)
    assert (word.done_on, word.person_id) == (date(2026, 10, 7), world.person("arnst"))
