from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import briefing as briefings
from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_round import Booking
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.meeting import BriefingNote, MeetingRound
from kamflow.models.plan import Measure
from tests.acts.world import Act, World, store

M = date(2026, 9, 21)


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    def call(actor: str | None = "witt") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


@pytest.fixture
def muster(world: World, act: Act) -> int:
    """Muster AG with a meeting in two weeks and one open measure."""
    account = world.account("muster")
    meetings.book(act(), Booking(account, M, contacts=[world.contact("paul")]))
    store(world.session, Measure(id=12, account_id=account, title="Price list", due_on=date(2026, 9, 30)))
    return account


def kinds(world: World) -> list[tuple[str, str | None]]:
    rows = world.session.execute(select(BriefingNote).order_by(col(BriefingNote.id))).scalars()
    return [(row.kind, row.line or row.text) for row in rows]


def names(world: World) -> list[str]:
    return [event.name for event in world.events("briefing.")]


def test_a_briefing_is_released_for_the_date_it_has(world: World, act: Act, muster: int) -> None:
    first, again = briefings.release(act(), muster), briefings.release(act("arnst"), muster)

    row = world.session.get_one(MeetingRound, first.round)
    assert (first.state, again.state, first.day) == ("released", "already", M)
    assert (row.released_on, row.released_revision) == (date(2026, 9, 7), 0)
    assert row.released_by_id == world.person("witt")
    [event] = world.events("briefing.released")
    assert event.payload == {"round": first.round, "revision": 0}
    meetings.move(act(), muster, date(2026, 9, 28))
    assert briefings.release(act(), muster).state == "released"


def test_a_line_is_struck_once_and_another_one_corrected(world: World, act: Act, muster: int) -> None:
    contact = f"contact.{world.contact('paul')}"
    struck = [briefings.strike(act(), muster, "measure.12").state for _ in range(2)]
    corrected = [briefings.correct(act(), muster, contact, "new in office ").state for _ in range(2)]

    assert (struck, corrected) == (["struck", "already"], ["corrected", "already"])
    assert kinds(world) == [("strike", "measure.12"), ("correct", contact)]
    assert names(world) == ["briefing.struck", "briefing.corrected"]
    assert "new in office" not in str([event.payload for event in world.events("briefing.")])


def test_a_line_struck_by_mistake_can_come_back(world: World, act: Act, muster: int) -> None:
    struck = briefings.strike(act(), muster, "measure.12")
    with pytest.raises(NotFound, match=r"`kamflow briefing restore` takes that line in again"):
        briefings.strike(act(), muster, f"note.{struck.note}")

    states = [briefings.restore(act(), muster, "measure.12").state for _ in range(2)]

    assert states == ["restored", "already"]
    assert names(world) == ["briefing.struck", "briefing.restored"]
    assert kinds(world) == [("withdrawn", "measure.12")]
    assert briefings.strike(act(), muster, "measure.12").state == "struck"
    with pytest.raises(NotFound, match=r"no line 'measure.13' was struck .* struck are measure.12"):
        briefings.restore(act(), muster, "measure.13")


def test_a_correction_of_a_correction_withdraws_the_first(world: World, act: Act, muster: int) -> None:
    for text in ("until May", "until June"):
        briefings.correct(act(), muster, "measure.12", text)

    assert [kind for kind, _ in kinds(world)] == ["withdrawn", "correct"]
    assert names(world) == ["briefing.corrected", "briefing.withdrawn", "briefing.corrected"]


def test_a_line_that_is_not_there_is_named_with_those_that_are(act: Act, muster: int) -> None:
    with pytest.raises(NotFound, match=r"no line 'measure.13'; there are contact.\d+, measure.12"):
        briefings.strike(act(), muster, "measure.13")


def test_three_points_to_raise_and_one_question(world: World, act: Act, muster: int) -> None:
    for text in ("A", "B", "C", "A"):
        last = briefings.point(act(), muster, "raise", text)
    assert last.state == "already"
    with pytest.raises(InputError, match=r"3 points are on it \(note.\d+, note.\d+, note.\d+\): strike one"):
        briefings.point(act(), muster, "raise", "D")

    assert briefings.strike(act(), muster, f"note.{last.note}").state == "withdrawn"
    assert briefings.point(act(), muster, "raise", "D").state == "noted"
    for text in ("when?", "why?"):
        briefings.point(act(), muster, "ask", text)
    assert [kind for kind, _ in kinds(world)] == ["withdrawn", "raise", "raise", "raise", "withdrawn", "ask"]
    # Nobody has to guess what became of a note: one that made room was withdrawn as well.
    first = last.note or 0
    assert [event.payload["note"] for event in world.events("briefing.withdrawn")] == [first, first + 4]


def test_without_a_meeting_to_come_there_is_no_briefing(world: World, act: Act) -> None:
    with pytest.raises(NotFound, match="no annual meeting of Muster AG is booked"):
        briefings.release(act(), world.account("muster"))


@pytest.mark.parametrize("call", [briefings.release, lambda *a: briefings.point(*a, "ask", "why?")])
def test_only_the_kam_the_deputy_and_the_head_speak_for_it(act: Act, muster: int, call: Any) -> None:
    for actor in ("kruse", "fremd"):
        with pytest.raises(NotAllowed, match="only the KAM of Muster AG"):
            call(act(actor), muster)
    with pytest.raises(NotAllowed, match="--as PERSON"):
        call(act(None), muster)
    assert call(act("berg"), muster).state in ("released", "noted")
