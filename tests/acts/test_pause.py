from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from kamflow.acts.acting import Acting
from kamflow.acts.pause import Paused, pause, resume
from kamflow.errors import InputError, NotAllowed
from kamflow.models.account import Pause
from kamflow.store import pauses
from tests.acts.world import World

UNTIL = date(2026, 10, 31)
TODAY = date(2026, 9, 7)


@pytest.fixture
def at(world: World, given: SimpleNamespace) -> Callable[..., Acting]:
    def desk(actor: str | None = "witt") -> Acting:
        number = world.person(actor) if actor else None
        return Acting(world.session, number, given.now, given.company)

    return desk


def holds(world: World, rule: str, day: date = TODAY) -> bool:
    muster = world.account("muster")
    return muster in pauses.accounts(world.session, rule, day, frozenset({muster}))


def test_the_kam_pauses_an_account_until_a_date_with_a_reason(
    world: World, at: Callable[..., Acting]
) -> None:
    said = pause(at(), world.account("muster"), UNTIL, "insolvency is examined")

    assert (said.state, said.until) == ("paused", UNTIL)
    assert holds(world, "plan_creation")
    assert holds(world, "survey_dispatch", UNTIL)
    assert not holds(world, "plan_creation", date(2026, 11, 1))


def test_the_event_holds_no_free_text(world: World, at: Callable[..., Acting]) -> None:
    pause(at(), world.account("muster"), UNTIL, "insolvency is examined")

    [event] = world.events("account.")
    assert event.name == "account.paused"
    assert event.payload == {"pause": 1, "rule": None, "until": "2026-10-31"} | {
        "pause": event.payload["pause"]
    }


def test_one_rule_alone_can_be_paused(world: World, at: Callable[..., Acting]) -> None:
    pause(at(), world.account("muster"), UNTIL, "asked enough", "contact_shortfall")

    assert holds(world, "contact_shortfall")
    assert not holds(world, "plan_creation")


def test_a_new_date_replaces_the_old_one(world: World, at: Callable[..., Acting]) -> None:
    pause(at(), world.account("muster"), UNTIL, "why")
    assert pause(at(), world.account("muster"), UNTIL, "why").state == "already"
    pause(at(), world.account("muster"), date(2026, 9, 30), "why")

    assert not holds(world, "plan_creation", date(2026, 10, 1))
    assert len(list(world.session.execute(select(Pause)).scalars())) == 2


def test_it_is_resumed_before_its_day(world: World, at: Callable[..., Acting]) -> None:
    muster = world.account("muster")
    pause(at(), muster, UNTIL, "why")
    pause(at(), muster, UNTIL, "why", "contact_shortfall")

    assert resume(at("berg"), muster) == Paused(muster, "resumed", None)
    assert not holds(world, "contact_shortfall")
    assert resume(at(), muster).state == "already"
    assert [event.name for event in world.events("account.resumed")] == ["account.resumed"]


@pytest.mark.parametrize("actor", ["witt", "arnst", "berg"])
def test_the_kam_the_deputy_and_the_head_may(world: World, at: Callable[..., Acting], actor: str) -> None:
    assert pause(at(actor), world.account("muster"), UNTIL, "why").state == "paused"


@pytest.mark.parametrize("actor", ["kruse", "fremd", "gone", None])
def test_nobody_else_may(world: World, at: Callable[..., Acting], actor: str | None) -> None:
    with pytest.raises(NotAllowed):
        pause(at(actor), world.account("muster"), UNTIL, "why")
    with pytest.raises(NotAllowed):
        resume(at(actor), world.account("muster"))


@pytest.mark.parametrize(
    ("until", "reason", "rule", "says"),
    [
        (date(2026, 9, 6), "why", None, "is past"),
        (UNTIL, "  ", None, "say why"),
        (UNTIL, "why", "surveys", "no rule 'surveys'"),
    ],
)
def test_what_does_not_fit_is_refused(
    world: World, at: Callable[..., Acting], until: date, reason: str, rule: str | None, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        pause(at(), world.account("muster"), until, reason, rule)
