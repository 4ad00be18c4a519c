"""What a briefing finds in the tables: the year, goals, ratings, satisfaction, the matrix."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event

from kamflow.models.account import Account
from kamflow.models.meeting import BriefingNote, MeetingRound
from kamflow.models.person import Person
from kamflow.models.plan import Goal
from kamflow.models.training import Gap
from kamflow.settings import Company
from kamflow.store import briefing_facts, briefing_review
from kamflow.store import engine as db
from tests.meeting_rows import meeting, talk
from tests.surveyed import Surveyed

RULE = "annual_meeting"
DAY, M = date(2026, 9, 7), date(2026, 9, 22)


@pytest.fixture
def world(engine: Engine) -> Surveyed:
    return Surveyed(engine)


@pytest.fixture
def witt(world: Surveyed) -> Person:
    return world.person("Witt")


@pytest.fixture
def muster(world: Surveyed, witt: Person) -> Account:
    return world.account("Muster AG", witt, account_class="key")


@pytest.fixture
def booked(world: Surveyed, muster: Account, witt: Person) -> MeetingRound:
    return talk(
        world, meeting(world, muster), M, (witt, world.place("Knut", muster, 5, buying_role="Decides"))
    )


def facts(world: Surveyed, *rounds: MeetingRound, day: date = DAY) -> Any:
    """Of one round its facts, of several all of them."""
    with db.read(world.engine) as session:
        run = world.run(session, RULE, day)
        found = briefing_facts.gather(run, [each.id for each in rounds if each.id])
    return found[rounds[0].id or 0] if len(rounds) == 1 else found


def parts(line: dict[str, Any], name: str) -> list[str | None]:
    return [each[name] for each in line["parts"]]


def test_the_year_stands_month_by_month_and_what_nobody_posted_is_unknown(
    world: Surveyed, booked: MeetingRound, muster: Account
) -> None:
    for month in (1, 2, 4):
        world.sold(muster, date(2026, month, 10), 100 * month)
    world.sold(muster, date(2026, 10, 1), 9999)  # not yet
    world.sold(muster, date(2025, 2, 3), 70, source="crm")
    for month in range(1, 13):
        world.sold(muster, date(2026, month, 1), 150, "target")

    [line] = facts(world, booked)["series"]

    assert (line["unit"], len(line["parts"]), line["parts"][3]["last"]) == ("month", 12, "2026-04-30")
    assert parts(line, "actual") == ["100.00", "200.00", None, "400.00", *([None] * 8)]
    assert parts(line, "before")[:3] == [None, "70.00", None]
    assert set(parts(line, "target")) == {"150.00"}
    assert line["actual"] == {"as_of": "2026-04-10", "source": "sap"}
    assert line["before"] == {"as_of": "2025-02-03", "source": "crm"}


def test_sites_below_the_account_count_with_it(
    world: Surveyed, booked: MeetingRound, muster: Account
) -> None:
    site = world.account("Werk Nord", parent_id=muster.id)
    world.sold(muster, date(2026, 1, 5), 100)
    world.sold(site, date(2026, 1, 6), 50)

    [line] = facts(world, booked)["series"]
    assert parts(line, "actual")[0] == "150.00"


def test_figures_that_are_posted_once_a_quarter_stand_by_quarter(
    world: Surveyed, booked: MeetingRound, muster: Account
) -> None:
    for month in (3, 6):
        world.sold(muster, date(2026, month, 28), 300)
    world.add(Goal(account_id=muster.id, figure="revenue", amount=Decimal(2000), due_on=date(2026, 12, 31)))

    [line] = facts(world, booked)["series"]

    assert (line["unit"], parts(line, "actual")) == ("quarter", ["300.00", "300.00", None, None])
    assert set(parts(line, "target")) == {"500.00"}
    assert line["target"]["source"] == "kamflow"


def test_in_a_new_year_without_revenue_the_last_one_is_shown(
    world: Surveyed, booked: MeetingRound, muster: Account
) -> None:
    world.settings = world.settings.model_copy(update={"company": Company(region="BY", fiscal_year_start=9)})
    world.sold(muster, date(2026, 5, 5), 100)

    [line] = facts(world, booked)["series"]

    assert (line["first"], line["last"]) == ("2025-09-01", "2026-08-31")
    assert parts(line, "actual")[8] == "100.00"


def test_satisfaction_is_a_score_from_three_answers_and_the_answers_below(
    world: Surveyed, booked: MeetingRound, muster: Account
) -> None:
    people = [world.contact(f"K{at}", muster, influence=at + 5) for at in range(3)]
    world.wave(muster, *people, invited_on=date(2026, 7, 7))
    for person, score in zip(people[:2], (9, 6), strict=False):
        world.answer(person, score, date(2026, 7, 14))
    [few] = facts(world, booked)["satisfaction"]
    world.answer(people[2], 10, date(2026, 7, 20))
    [enough] = facts(world, booked)["satisfaction"]

    assert (few["score"], few["raw"], few["points"], few["of_points"]) == (None, [9, 6], 11, 23)
    assert (enough["score"], enough["answers"], enough["as_of"]) == (33, 3, "2026-07-20")
    assert facts(world, booked, day=date(2026, 7, 1))["satisfaction"] == []


def test_the_matrix_counts_as_the_rule_does(
    world: Surveyed, booked: MeetingRound, muster: Account, witt: Person
) -> None:
    paul = world.place("Paul", muster, 8)
    world.target(witt, paul, 6)
    world.target(witt, world.place("Karl", muster, 4), 0)  # no target
    for day, state in ((date(2026, 3, 2), "held"), (date(2026, 11, 2), "booked")):
        world.meet(day, witt, paul, state)

    [plan] = facts(world, booked)["matrix"]

    [cell] = plan["cells"]
    assert (cell["person"], cell["contact"], cell["soll"], cell["held"], cell["booked"]) == (
        witt.id, paul.contact_id, 6, 1, 1,
    )  # fmt: skip
    assert (plan["as_of"], plan["source"]) == ("2026-03-02", "crm")


def test_ratings_come_worst_first_and_goals_as_noted_last(
    world: Surveyed, booked: MeetingRound, muster: Account
) -> None:
    rated = {"account_id": muster.id, "rated_on": date(2026, 5, 5)}
    good, bad = (world.add(Gap(service="Delivery", need=need, competitor="0", **rated)) for need in "+-")
    world.add(Gap(service="Later", need="-", account_id=muster.id, rated_on=date(2026, 10, 1)))
    world.add(Gap(service="Not rated", account_id=muster.id))
    ahead = {"account_id": muster.id, "figure": "revenue", "due_on": date(2026, 12, 31)}
    world.add(Goal(amount=Decimal(1), **ahead))
    last = world.add(Goal(amount=Decimal(2), **ahead))
    own = [world.add(Goal(figure="image", text=text, account_id=muster.id)) for text in ("A", "B")]
    world.add(Goal(figure="margin", account_id=muster.id, due_on=date(2026, 9, 6)))

    found = facts(world, booked)

    assert [line["gap"] for line in found["gaps"]] == [bad.id, good.id]
    assert [(line["goal"], line["figure"]) for line in found["goals"]] == [
        (last.id, "revenue"), (own[0].id, None), (own[1].id, None),
    ]  # fmt: skip


def test_facts_hold_no_name_and_no_free_text(world: Surveyed, booked: MeetingRound, muster: Account) -> None:
    secret = "Xylophon"
    world.add(Gap(account_id=muster.id, service=secret, need="-", factor=secret, action=secret))
    world.add(Goal(account_id=muster.id, figure=secret, text=secret, unit=secret))

    found = facts(world, booked)

    assert (len(found["gaps"]), len(found["goals"])) == (1, 1)
    assert secret not in str(found)
    assert "Decides" not in str(found)


def test_what_is_one_thing_can_be_struck_and_comes_back(
    world: Surveyed, booked: MeetingRound, muster: Account, witt: Person
) -> None:
    world.sold(muster, date(2026, 1, 5), 100)
    note = {"round_id": booked.id, "person_id": witt.id, "noted_on": DAY}
    assert "chart.revenue" in briefing_facts.lines(facts(world, booked))
    world.add(BriefingNote(kind="strike", line="chart.revenue", **note))

    struck = facts(world, booked)

    assert (struck["series"], struck["left_out"][0]["list"]) == ([], "series")
    assert briefing_review.again(struck, [], None)["series"][0]["series"] == "revenue"


def test_a_page_kept_before_there_were_goals_is_looked_through_as_it_is() -> None:
    old = {name: [] for name in ("meets", "figures", "measures", "questions", "complaints", "services")}
    said = briefing_review.again({**old, "revision": 0}, [], None)
    assert "goals" not in said
    assert said["points"] == {"raise": [], "ask": [], "avoid": []}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_many_accounts_take_as_many_queries_as_one(world: Surveyed, witt: Person) -> None:
    rounds: list[MeetingRound] = []
    for number in range(4):
        account = world.account(f"Kunde {number}", witt)
        place = world.place(f"Paul {number}", account, 8)
        world.sold(account, date(2026, 1, 5), 100)
        world.target(witt, place, 6)
        rounds.append(talk(world, meeting(world, account), M, (witt, place)))
    asked: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    facts(world, rounds[0])  # the connection is told that it reads
    asked.clear()
    facts(world, rounds[0])
    one = len(asked)
    facts(world, *rounds)

    assert len(asked) - one == one
