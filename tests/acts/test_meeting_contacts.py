"""A round is a contact of who attends it, and takes nobody else's contact with it when it moves."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import log
from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.acts.log import Entry
from kamflow.acts.meeting_round import Booking
from kamflow.models.interaction import Interaction
from tests.acts.world import Act, World

M, LATER = date(2026, 11, 10), date(2026, 11, 24)


@pytest.fixture
def desk(world: World, given: SimpleNamespace) -> Acting:
    """What an act of the head is handed on 7 September 2026."""
    return Acting(world.session, world.person("berg"), given.now, given.company)


@pytest.fixture
def book(world: World, desk: Acting) -> Act:
    """`book("muster")` books a round of Witt and Paul."""

    def call(account: str, day: date = M, **more: Any) -> int:
        people = {"persons": [world.person("witt")], "contacts": [world.contact("paul")]}
        return meetings.book(desk, Booking(world.account(account), day, **people | more)).account

    return call


def met(world: World) -> list[tuple[int, str, str]]:
    rows = world.session.execute(select(Interaction).order_by(col(Interaction.id))).scalars()
    return [(row.day.day, row.kind, row.state) for row in rows]


def test_what_somebody_logged_stays_when_the_round_of_that_day_moves(
    world: World, desk: Acting, book: Act
) -> None:
    pair = [world.person("witt")], [world.contact("paul")]
    log.log(world.session, desk.actor, Entry(*pair, M, "event"), desk.now, desk.company)
    muster = book("muster")

    meetings.move(desk, muster, LATER)
    assert met(world) == [(10, "event", "booked"), (24, "visit", "booked")]
    meetings.cancel(desk, muster)
    assert met(world) == [(10, "event", "booked"), (24, "visit", "cancelled")]


@pytest.mark.parametrize("first", ["muster", "gruppe"])
def test_who_is_in_two_rounds_of_a_day_is_met_until_both_are_cancelled(
    world: World, desk: Acting, book: Act, first: str
) -> None:
    book("muster")
    book("gruppe")
    assert met(world) == [(10, "visit", "booked")]
    second = "gruppe" if first == "muster" else "muster"

    meetings.cancel(desk, world.account(first))
    assert met(world) == [(10, "visit", "booked")]
    meetings.cancel(desk, world.account(second))
    assert met(world) == [(10, "visit", "cancelled")]


def test_two_rounds_of_one_negotiation_on_a_day_hold_their_contact_too(
    world: World, desk: Acting, book: Act
) -> None:
    muster = book("muster", kind="negotiation")
    book("muster", number=2, contacts=[world.contact("paul"), world.contact("knut")])

    meetings.move(desk, muster, LATER, 2)
    assert met(world) == [(10, "visit", "booked"), (10, "visit", "cancelled"), (24, "visit", "booked")]
