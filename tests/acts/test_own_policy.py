from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts import own_policy as acts
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed
from kamflow.policy import Policy, parse
from kamflow.store import own_policy
from tests.acts.world import Act, World

GAP = "contact_shortfall.gap"
TODAY = date(2026, 9, 7)


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    def call(actor: str | None = "berg") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


@pytest.fixture
def counts(world: World) -> Act:
    """`counts(day)` is the gap that counts for Muster AG."""

    def call(day: date = TODAY, policy: Policy | None = None) -> float:
        loaded = own_policy.load(world.session, policy or Policy(), day)
        return loaded.of(world.account("muster")).contact_shortfall.gap

    return call


def test_a_threshold_counts_for_one_account_from_its_day_on(world: World, act: Act, counts: Act) -> None:
    muster = world.account("muster")

    first = acts.set_value(act(), Policy(), muster, GAP, 2, date(2026, 10, 1))
    again = acts.set_value(act(None), Policy(), muster, GAP, 2.0, date(2026, 10, 1))

    assert (first.state, first.value, first.was, again.state) == ("set", 2.0, 1.0, "already")
    assert (counts(), counts(date(2026, 10, 1))) == (1.0, 2.0)
    loaded = own_policy.load(world.session, Policy(), date(2026, 10, 1))
    assert (
        loaded.of(world.account("andere")).contact_shortfall.gap == loaded.of(None).contact_shortfall.gap == 1
    )
    [event] = world.events("policy.changed")
    assert (event.account_id, event.actor_id) == (muster, world.person("berg"))
    said = {"threshold": GAP, "value": 2.0, "was": 1.0, "own": True, "from_day": "2026-10-01"}
    assert event.payload == said


def test_the_default_counts_again_once_a_threshold_is_unset(world: World, act: Act, counts: Act) -> None:
    muster = world.account("muster")
    acts.set_value(act(), Policy(), muster, GAP, 2)

    later = acts.unset(act(), Policy(), muster, GAP, date(2026, 9, 8))
    again = acts.unset(act(), Policy(), muster, GAP, date(2026, 9, 8))

    assert (later.state, later.value, later.was, again.state) == ("unset", 1.0, 2.0, "already")
    assert (counts(), counts(date(2026, 9, 8))) == (2.0, 1.0)
    assert len(world.events("policy.changed")) == 2


def test_a_second_word_on_one_day_takes_the_place_of_the_first(world: World, act: Act, counts: Act) -> None:
    for value in (2, 3):
        acts.set_value(act(), Policy(), world.account("muster"), GAP, value)

    assert counts() == 3
    assert len(own_policy.rows(world.session)) == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (GAP, -1, r"contact_shortfall.gap = -1: Input should be greater than 0"),
        ("contact_shortfall.lead", 9999, "contact_shortfall.lead = 9999: expected a number from 0 to 3660"),
        ("annual_meeting.draft", 40, "expected briefing < draft < agenda"),
        ("cadence.items", 3, "there is no threshold 'cadence.items'"),
        ("quarterly_controlling.opens_after", 3, "counts for the whole company"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_range(
    world: World, act: Act, name: str, value: int, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        acts.set_value(act(), Policy(), world.account("muster"), name, value)


def test_a_day_that_has_passed_cannot_be_decided_anew(world: World, act: Act) -> None:
    with pytest.raises(InputError, match="2026-09-06 has passed"):
        acts.set_value(act(), Policy(), world.account("muster"), GAP, 2, date(2026, 9, 6))


def test_only_the_head_decides(world: World, act: Act) -> None:
    with pytest.raises(NotAllowed, match="only the head of KAM"):
        acts.set_value(act("witt"), Policy(), world.account("muster"), GAP, 2)


def test_an_account_goes_before_its_class_and_its_class_before_the_rest(
    world: World, act: Act, counts: Act
) -> None:
    policy = parse({"class": {"major": {"contact_shortfall": {"gap": 3, "lead": 25}}}})
    muster = world.account("muster")
    assert counts(policy=policy) == 3

    acts.set_value(act(), policy, muster, GAP, 2)

    found = own_policy.of_account(world.session, policy, muster, TODAY).contact_shortfall
    assert (found.gap, found.lead) == (2, 25)


def test_what_no_longer_fits_is_left_aside_and_named(world: World, act: Act, counts: Act) -> None:
    muster = world.account("muster")
    acts.set_value(act(), Policy(), muster, "annual_meeting.draft", 15)
    changed = parse({"annual_meeting": {"agenda": 12}, "class": {"major": {"contact_shortfall": {"gap": 3}}}})

    found = own_policy.of_account(world.session, changed, muster, TODAY)

    assert (found.annual_meeting.draft, found.contact_shortfall.gap) == (10, 3)
    [said] = own_policy.unfit(world.session, changed, TODAY)
    assert "the policy of Muster AG: annual_meeting: expected briefing < draft < agenda" in said
