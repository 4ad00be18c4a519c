from collections.abc import Callable
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts.account_hand_over import Moved, hand_over
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed
from kamflow.models.account import Account, Team
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.message import Document
from kamflow.models.person import PersonRole
from kamflow.models.plan import AccountPlan, Measure, OpenQuestion
from kamflow.store import handover, handover_note
from kamflow.store.contacts import accounts_kams
from tests.acts.world import World, store

OCTOBER = date(2026, 10, 1)
TODAY = date(2026, 9, 7)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def hand(world: World, given: SimpleNamespace) -> Callable[..., Moved]:
    def call(to: str = "fremd", on: date = TODAY, actor: str | None = "berg") -> Moved:
        number = world.person(actor) if actor else None
        desk = Acting(world.session, number, given.now, given.company)
        return hand_over(desk, world.account("muster"), world.person(to), on)

    return call


def kam(world: World, day: date) -> int | None:
    muster = world.account("muster")
    return accounts_kams(world.session, [muster], day).get(muster)


def target(world: World, contact: str, soll: int, person: str = "witt", **more: Any) -> ContactTarget:
    query = select(Place).where(col(Place.contact_id) == world.contact(contact)).limit(1)
    place = world.session.execute(query).scalar_one()
    period = {"period_first": YEAR[0], "period_last": YEAR[1]}
    said = {"person_id": world.person(person), "place_id": place.id, "soll": soll} | period | more
    return store(world.session, ContactTarget(**said))


def meet(world: World, contact: str, *days: date, state: str = "held") -> None:
    for day in days:
        met = store(world.session, Interaction(account_id=world.account("muster"), day=day, state=state))
        store(
            world.session,
            Encounter(
                interaction_id=met.id, person_id=world.person("witt"), contact_id=world.contact(contact)
            ),
        )


def settled(world: World, day: date = OCTOBER) -> None:
    """The first run of a day."""
    handover_note.arrived(world.session, day, datetime.combine(day, time(5), UTC))


def targets(world: World, person: str) -> list[tuple[int, date | None, date | None]]:
    rows = world.session.execute(
        select(ContactTarget)
        .where(col(ContactTarget.person_id) == world.person(person))
        .order_by(col(ContactTarget.id))
    ).scalars()
    return [(row.soll, row.from_day, row.until_day) for row in rows]


def test_from_the_day_on_the_other_one_is_the_kam(world: World, hand: Callable[..., Moved]) -> None:
    assert hand(on=OCTOBER).state == "announced"

    assert kam(world, date(2026, 9, 30)) == world.person("witt")
    assert kam(world, OCTOBER) == world.person("fremd")
    assert world.accounts["muster"].approver_id is None
    assert hand(on=OCTOBER).state == "already"


def test_the_sponsor_stays_and_back_again_is_possible(world: World, hand: Callable[..., Moved]) -> None:
    hand()
    hand("witt", on=date(2026, 9, 21))

    assert kam(world, date(2026, 9, 20)) == world.person("fremd")
    assert kam(world, date(2026, 9, 21)) == world.person("witt")
    sponsors = world.session.execute(select(Team).where(col(Team.role) == "sponsor")).scalars()
    assert [row.until_day for row in sponsors] == [None]


def test_of_a_running_period_the_successor_gets_what_is_missing(
    world: World, hand: Callable[..., Moved]
) -> None:
    target(world, "knut", 6)
    meet(world, "knut", date(2026, 2, 3), date(2026, 5, 4))
    meet(world, "knut", date(2026, 9, 20), state="booked")

    assert hand(on=OCTOBER).targets == 0
    assert targets(world, "witt") == [(6, None, None)]
    settled(world)

    assert targets(world, "witt") == [(3, None, date(2026, 9, 30))]
    assert targets(world, "fremd") == [(3, OCTOBER, None)]


def test_a_period_to_come_moves_as_a_whole_and_a_past_one_stays(
    world: World, hand: Callable[..., Moved]
) -> None:
    target(world, "knut", 4, period_first=date(2025, 1, 1), period_last=date(2025, 12, 31))
    target(world, "knut", 8, period_first=date(2027, 1, 1), period_last=date(2027, 12, 31))

    hand()

    assert targets(world, "witt") == [(4, None, None)]
    assert targets(world, "fremd") == [(8, None, None)]


def test_whoever_meets_the_contact_anyway_has_the_larger_soll(
    world: World, hand: Callable[..., Moved]
) -> None:
    target(world, "knut", 6)
    target(world, "knut", 2, "fremd")
    meet(world, "knut", date(2026, 2, 3))

    hand()

    assert targets(world, "witt")[0][0] == 1
    assert targets(world, "fremd") == [(5, None, None)]


def test_open_measures_questions_and_the_plan_in_work_move(world: World, hand: Callable[..., Moved]) -> None:
    muster, witt = world.account("muster"), world.person("witt")
    plan = world.plan()
    measures = [
        store(world.session, Measure(account_id=muster, title="t", owner_id=owner, done_on=done))
        for owner, done in ((witt, None), (witt, TODAY), (world.person("kruse"), None))
    ]
    question = store(world.session, OpenQuestion(account_id=muster, question="?", owner_id=witt))

    said = hand()

    assert (said.measures, said.questions, said.plans) == (1, 1, 1)
    fremd = world.person("fremd")
    owners = [world.session.get_one(Measure, row.id).owner_id for row in measures]
    assert owners == [fremd, witt, world.person("kruse")]
    assert world.session.get_one(OpenQuestion, question.id).owner_id == fremd
    assert world.session.get_one(AccountPlan, plan.id).author_id == fremd


def test_what_a_contact_plan_holds_comes_back_with_the_account(
    world: World, hand: Callable[..., Moved]
) -> None:
    target(world, "knut", 12)
    meet(world, "knut", date(2026, 2, 3))

    hand(on=date(2026, 3, 1))
    hand("witt")

    assert targets(world, "witt") == [(12, None, None)]
    assert targets(world, "fremd") == [(0, date(2026, 3, 1), date(2026, 9, 6))]


def test_contacts_held_while_another_was_kam_do_not_use_up_what_comes_back(
    world: World, hand: Callable[..., Moved]
) -> None:
    target(world, "knut", 6)
    hand(on=date(2026, 3, 1))
    meet(world, "knut", date(2026, 4, 1), date(2026, 5, 1))

    hand("witt")

    assert targets(world, "witt") == [(8, None, None)]


def test_a_hand_over_to_come_moves_the_tasks_on_its_day(world: World, hand: Callable[..., Moved]) -> None:
    muster, witt = world.account("muster"), world.person("witt")
    rows = [
        store(world.session, Measure(account_id=muster, title="t", owner_id=witt, due_on=due))
        for due in (date(2026, 9, 20), date(2026, 10, 20), None)
    ]
    plan = world.plan(hand_in_on=date(2026, 9, 25))

    assert hand(on=OCTOBER).measures == 0
    settled(world, date(2026, 9, 30))
    assert {row.owner_id for row in rows} == {witt}
    settled(world)

    fremd = world.person("fremd")
    assert {world.session.get_one(Measure, row.id).owner_id for row in rows} == {fremd}
    assert world.session.get_one(AccountPlan, plan.id).author_id == fremd


def test_what_moved_is_a_new_version_so_an_older_form_gives_nothing_back(
    world: World, hand: Callable[..., Moved]
) -> None:
    own = {"account_id": world.account("muster"), "owner_id": world.person("witt")}
    measure = store(world.session, Measure(title="t", **own))
    question = store(world.session, OpenQuestion(question="?", **own))

    hand()

    assert world.session.get_one(Measure, measure.id).version == 2
    assert world.session.get_one(OpenQuestion, question.id).version == 2


def test_what_was_announced_goes_to_whoever_is_named_last(world: World, hand: Callable[..., Moved]) -> None:
    target(world, "knut", 6)
    hand("fremd", on=OCTOBER)
    said = hand("kruse", on=OCTOBER)
    settled(world)

    assert (said.before, said.also) == (world.person("witt"), ())
    assert targets(world, "fremd") == []
    assert targets(world, "kruse") == [(6, OCTOBER, None)]
    people = [world.person("fremd"), world.person("kruse")]
    [note] = handover_note.waiting(world.session, people, OCTOBER)
    assert (note.person, note.before) == (world.person("kruse"), world.person("witt"))


def test_what_was_announced_is_taken_back(world: World, hand: Callable[..., Moved]) -> None:
    target(world, "knut", 6)
    hand("fremd", on=OCTOBER)
    hand("witt", on=OCTOBER)
    settled(world)

    assert kam(world, OCTOBER) == world.person("witt")
    assert targets(world, "witt") == [(6, None, None)]
    assert not handover_note.any_open(world.session)


def test_naming_the_present_kam_takes_back_what_was_announced(
    world: World, hand: Callable[..., Moved]
) -> None:
    hand(on=OCTOBER)

    assert hand("witt").state != "already"
    settled(world)

    assert kam(world, OCTOBER) == world.person("witt")
    assert hand("witt").state == "already"


def test_a_day_before_the_running_year_is_refused(world: World, hand: Callable[..., Moved]) -> None:
    with pytest.raises(InputError, match="first day is 2026-01-01: name a day within it"):
        hand(on=date(2020, 9, 8))


def test_a_quarter_that_is_over_stays_with_who_was_to_meet(world: World, hand: Callable[..., Moved]) -> None:
    target(world, "knut", 3, period_first=date(2026, 1, 1), period_last=date(2026, 3, 31))

    assert hand(on=date(2026, 2, 1)).targets == 0
    assert targets(world, "witt") == [(3, None, None)]


def test_a_specialist_is_no_kam(world: World, hand: Callable[..., Moved]) -> None:
    store(world.session, PersonRole(person_id=world.person("fremd"), role="specialist"))

    with pytest.raises(InputError, match="has not the role of a KAM"):
        hand()


def test_a_mistake_of_the_same_day_can_be_made_good(world: World, hand: Callable[..., Moved]) -> None:
    target(world, "knut", 6)
    measure = store(
        world.session,
        Measure(account_id=world.account("muster"), title="t", owner_id=world.person("witt")),
    )

    hand("fremd")
    hand("witt")

    assert kam(world, TODAY) == world.person("witt")
    assert targets(world, "witt") == [(6, None, None)]
    assert world.session.get_one(Measure, measure.id).owner_id == world.person("witt")


def test_a_second_kam_gives_theirs_too_and_is_named(world: World, hand: Callable[..., Moved]) -> None:
    muster, arnst = world.account("muster"), world.person("arnst")
    store(world.session, Team(person_id=arnst, account_id=muster, role="kam", from_day=date(2026, 2, 1)))
    target(world, "knut", 6, "arnst")
    store(world.session, Measure(account_id=muster, title="t", owner_id=arnst))

    said = hand()

    assert (said.before, said.also) == (world.person("witt"), (arnst,))
    assert (said.targets, said.measures) == (1, 1)
    assert [event.payload["before"] for event in world.events("account.moved")] == [said.before, arnst]


def test_sites_that_are_looked_after_with_the_group_go_with_it(
    world: World, hand: Callable[..., Moved]
) -> None:
    muster, witt = world.account("muster"), world.person("witt")
    site, own = (store(world.session, Account(key=key, name=key, parent_id=muster)) for key in "ab")
    store(world.session, Team(person_id=witt, account_id=own.id, role="kam"))
    rows = [store(world.session, Measure(account_id=at.id, title="t", owner_id=witt)) for at in (site, own)]

    assert hand().measures == 1

    owners = [world.session.get_one(Measure, row.id).owner_id for row in rows]
    assert owners == [world.person("fremd"), witt]
    [note] = handover_note.waiting(world.session, [world.person("fremd")], TODAY)
    page = handover.page(world.session, note, TODAY, council=True)
    assert [(each["measure"], each["account"]) for each in page["promises"]] == [(rows[0].id, site.id)]


def test_a_site_handed_over_alone_comes_from_the_kam_of_its_group(
    world: World, given: SimpleNamespace
) -> None:
    witt, fremd = world.person("witt"), world.person("fremd")
    site = store(world.session, Account(key="a", name="a", parent_id=world.account("muster")))
    store(world.session, Measure(account_id=site.id, title="t", owner_id=witt))

    said = hand_over(Acting(world.session, witt, given.now, given.company), site.id, fremd, TODAY)

    assert (said.before, said.measures) == (witt, 1)
    assert kam(world, TODAY) == witt


def test_the_successor_is_to_get_one_page(world: World, hand: Callable[..., Moved]) -> None:
    own = target(world, "knut", 6)
    meet(world, "knut", date(2026, 2, 3))
    store(
        world.session,
        Measure(account_id=world.account("muster"), title="t", owner_id=world.person("witt"), due_on=OCTOBER),
    )
    world.plan(hand_in_on=date(2026, 10, 9))
    hand()

    [document] = world.session.execute(select(Document)).scalars()
    [note] = handover_note.waiting(world.session, [world.person("fremd")], TODAY)
    page = handover.page(world.session, note, TODAY, council=True)

    assert (document.kind, document.as_of, document.message_id) == ("account_handover", TODAY, None)
    assert [(cell["soll"], cell["held"], cell["last"]) for cell in page["matrix"]] == [(5, 0, "2026-02-03")]
    assert page["matrix"][0]["target"] != own.id
    assert [each["due"] for each in page["promises"]] == ["2026-10-01"]
    assert page["dates"] == [{"day": "2026-10-09", "kind": "hand_in"}]
    assert page["person"] == world.person("witt")


@pytest.mark.parametrize(("council", "deputy"), [(True, False), (True, True), (False, False)])
def test_of_a_colleague_the_page_tells_lateness_only_to_the_deputy(
    world: World, hand: Callable[..., Moved], council: bool, deputy: bool
) -> None:
    kruse, fremd = world.person("kruse"), world.person("fremd")
    world.people["kruse"].deputy_id = fremd if deputy else None
    target(world, "paul", 4, "kruse")
    late = {"title": "t", "owner_id": kruse, "due_on": date(2026, 8, 1)}
    store(world.session, Measure(account_id=world.account("muster"), **late))
    hand()

    [note] = handover_note.waiting(world.session, [fremd], TODAY)
    page = handover.page(world.session, note, TODAY, council=council)

    shown = deputy or not council
    assert [("soll" in cell, "held" in cell) for cell in page["matrix"]] == [(shown, shown)]
    assert [("due" in each, each["person"]) for each in page["promises"]] == [(shown, kruse)]


def test_the_events_say_who_and_count_what_moved(world: World, hand: Callable[..., Moved]) -> None:
    target(world, "knut", 6)
    hand()

    events = world.events()
    assert [event.name for event in events] == ["account.handed_over", "target.changed", "account.moved"]
    for payload in (events[0].payload, events[2].payload):
        assert (payload["before"], payload["to"]) == (world.person("witt"), world.person("fremd"))
    assert (events[2].payload["on"], events[2].payload["targets"]) == ("2026-09-07", 1)


@pytest.mark.parametrize("actor", ["witt", "arnst", "berg", None])
def test_the_kam_the_deputy_the_head_and_operations_may(
    hand: Callable[..., Moved], actor: str | None
) -> None:
    assert hand(actor=actor).state == "handed over"


def test_nobody_else_may(hand: Callable[..., Moved]) -> None:
    with pytest.raises(NotAllowed, match="only the KAM of Muster AG"):
        hand(actor="fremd")


def test_not_to_who_leaves_nor_of_a_closed_account(world: World, hand: Callable[..., Moved]) -> None:
    with pytest.raises(InputError, match="choose somebody else"):
        hand("gone")
    world.accounts["muster"].closed_on = TODAY
    with pytest.raises(InputError, match="is closed"):
        hand()


def test_an_account_without_a_kam_gets_one(world: World, hand: Callable[..., Moved]) -> None:
    row = world.session.execute(select(Team).where(col(Team.role) == "kam")).scalar_one()
    world.session.delete(row)
    world.session.flush()

    assert hand().before is None
    assert kam(world, TODAY) == world.person("fremd")
