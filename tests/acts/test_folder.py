"""The KAM ticks the pages of the folder for the customer; what changed since needs another tick."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from kamflow.acts import folder as folders
from kamflow.acts.acting import Acting
from kamflow.documents.customer_folder.folder import PAGES, ready
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.models.plan import Measure
from tests.acts.world import Act, World, store

MEETING, DAY = date(2026, 9, 22), timedelta(days=1)


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    """`act("witt")` is what an act of Witt is handed."""

    def call(actor: str | None = "witt") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


@pytest.fixture
def talk(world: World) -> MeetingRound:
    """The annual meeting of Muster AG, with Knut."""
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    meeting = store(world.session, AnnualMeeting(account_id=world.account("muster"), **year))
    talk = store(world.session, MeetingRound(meeting_id=meeting.id, day=MEETING))
    store(world.session, MeetingAttendee(round_id=talk.id, contact_id=world.contact("knut")))
    return talk


def state(world: World, act: Act) -> dict[str, str]:
    found = folders.gather(act(), world.account("muster"))
    return {each.page: each.state for each in folders.pages(world.session, found)}


def test_a_page_is_ticked_once_with_its_event_and_by_whom(world: World, act: Act, talk: MeetingRound):
    muster = world.account("muster")
    said = folders.tick(act(), muster, ["agenda", "figures"])
    again = folders.tick(act("arnst"), muster, ["agenda"])
    assert [(each.page, each.state) for each in (*said, *again)] == [
        ("agenda", "ticked"), ("figures", "ticked"), ("agenda", "already"),
    ]  # fmt: skip
    assert [event.payload for event in world.events("folder.")] == [
        {"meeting": talk.meeting_id, "page": "agenda"}, {"meeting": talk.meeting_id, "page": "figures"},
    ]  # fmt: skip
    first = folders.pages(world.session, folders.gather(act(), muster))[1]
    assert (first.page, first.ticked_on, first.ticked_by) == (
        "agenda", date(2026, 9, 7), world.person("witt"),
    )  # fmt: skip


def test_only_ticked_pages_are_ready_and_a_tick_can_be_taken_back(world: World, act: Act, talk: MeetingRound):
    muster = world.account("muster")
    folders.tick(act(), muster, ["agenda", "figures"])
    assert [each.state for each in folders.untick(act(), muster, ["figures", "done"])] == [
        "unticked", "already",
    ]  # fmt: skip
    found = folders.gather(act(), muster)
    # The agenda was ticked with the figures among its points.
    assert (ready(found.folder, found.ticks).pages, found.folder.agenda.points) == ((), ())
    assert (state(world, act)["figures"], state(world, act)["agenda"]) == ("open", "changed")
    folders.tick(act(), muster, ["figures"])
    assert state(world, act)["agenda"] == "ticked"


def test_a_page_whose_data_changed_needs_a_new_tick(world: World, act: Act, talk: MeetingRound):
    muster = world.account("muster")
    folders.tick(act(), muster, PAGES)
    assert set(state(world, act).values()) == {"ticked"}
    said = {"account_id": muster, "title": "Workshop", "side": "joint"}
    store(world.session, Measure(**said, due_on=date(2026, 10, 1)))
    changed = {page for page, found in state(world, act).items() if found == "changed"}
    assert changed == {"agenda", "plan", "next"}
    folders.tick(act(), muster, ["plan", "next"])
    assert set(state(world, act).values()) == {"ticked"}


def test_all_pages_are_those_on_which_something_stands(world: World, act: Act, talk: MeetingRound):
    muster = world.account("muster")
    store(world.session, Measure(account_id=muster, title="Workshop", side="joint"))
    said = folders.tick(act(), muster)
    assert [(each.page, each.empty) for each in said] == [
        ("title", False),
        ("agenda", False),
        ("plan", False),
    ]
    assert folders.gather(act(), muster).folder.agenda.points == ("plan",)
    (alone,) = folders.tick(act(), muster, ["done"])
    assert (alone.state, alone.empty) == ("ticked", True)


def test_what_is_overdue_at_the_meeting_is_no_next_step_and_shows_no_date(
    world: World, act: Act, talk: MeetingRound
):
    muster = world.account("muster")
    for title, due in (("Late", MEETING - DAY), ("Then", MEETING), ("Once", None)):
        store(world.session, Measure(account_id=muster, title=title, side="joint", due_on=due))
    folder = folders.gather(act(), muster).folder
    assert [(each.title, each.due_on) for each in folder.next.steps] == [("Then", MEETING)]
    assert [(each.title, each.due_on) for each in folder.plan.steps] == [
        ("Then", MEETING), ("Late", None), ("Once", None),
    ]  # fmt: skip


def test_a_moved_meeting_needs_new_ticks_where_its_day_stands(world: World, act: Act, talk: MeetingRound):
    folders.tick(act(), world.account("muster"), PAGES)
    talk.day = date(2026, 9, 29)
    store(world.session, talk)
    changed = {page for page, found in state(world, act).items() if found == "changed"}
    assert changed == {"title", "agenda", "services", "done"}


def test_own_words_stand_on_the_page_and_ask_for_a_new_tick(world: World, act: Act, talk: MeetingRound):
    muster = world.account("muster")
    folders.tick(act(), muster, ["agenda"])
    assert folders.write(act(), muster, "agenda", " Preise \n\n Logistik\n").state == "written"
    assert folders.write(act(), muster, "agenda", "Preise \n\n Logistik").state == "already"
    found = folders.gather(act(), muster)
    assert found.folder.agenda.words == ("Preise", "Logistik")
    assert state(world, act)["agenda"] == "changed"
    assert [event.name for event in world.events("folder.")] == ["folder.ticked", "folder.written"]


def test_a_measure_of_ours_is_shared_and_a_joint_one_kept(world: World, act: Act, talk: MeetingRound):
    muster = world.account("muster")
    ours = store(world.session, Measure(account_id=muster, title="Price list"))
    joint = store(world.session, Measure(account_id=muster, title="Workshop", side="joint"))
    folders.share(act(), [ours.id], with_customer=True)
    kept = folders.share(act(), [joint.id, joint.id], with_customer=False)
    assert [each.state for each in kept] == ["internal", "already"]
    plan = folders.gather(act(), muster).folder.plan
    assert [each.title for each in plan.steps] == ["Price list"]
    assert [event.name for event in world.events("measure.")] == ["measure.shared", "measure.internal"]


@pytest.mark.parametrize("actor", ["fremd", "kruse"])
def test_who_is_neither_kam_nor_deputy_nor_head_may_not_tick(
    world: World, act: Act, talk: MeetingRound, actor: str
):
    with pytest.raises(NotAllowed, match="only the KAM of Muster AG"):
        folders.tick(act(actor), world.account("muster"), ["agenda"])
    with pytest.raises(NotAllowed, match="operations cannot give it"):
        folders.untick(act(None), world.account("muster"), ["agenda"])
    assert not world.events("folder.")


def test_a_page_that_is_none_and_a_meeting_that_is_none_are_said(world: World, act: Act):
    with pytest.raises(InputError, match="prices: the folder has title, agenda"):
        folders.tick(act(), world.account("muster"), ["prices"])
    with pytest.raises(NotFound, match="no annual meeting of Muster AG is booked"):
        folders.tick(act(), world.account("muster"), ["agenda"])
    with pytest.raises(NotFound, match="no measure 99"):
        folders.share(act(), [99], with_customer=True)
