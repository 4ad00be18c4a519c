"""What the surveys of an account came to, over the years and beside imported ones."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from kamflow.figures.survey_results import Gap
from kamflow.models.account import Account
from kamflow.models.survey import SurveyAnswer, SurveyRating, SurveyUnnamed
from kamflow.store import engine as db
from kamflow.store import survey_results
from kamflow.store.survey_results import Reading, Results
from tests.surveyed import Surveyed

TODAY = date(2026, 10, 14)
LAST_YEAR = {"year_first": date(2025, 1, 1), "year_last": date(2025, 12, 31), "invited_on": date(2025, 7, 1)}


@pytest.fixture
def world(engine: Engine) -> Surveyed:
    return Surveyed(engine)


@pytest.fixture
def muster(world: Surveyed) -> Account:
    return world.account("Muster", world.person("Witt"))


def read(world: Surveyed, account: Account) -> Results:
    with db.read(world.engine) as session:
        return survey_results.of_account(Reading(session, TODAY, "Europe/Berlin", 3), account.id or 0)


def asked(world: Surveyed, account: Account, scores: list[int | None], prefix: str = "C") -> None:
    contacts = [world.contact(f"{prefix}{at}", account, influence=5) for at in range(len(scores))]
    world.wave(account, *contacts, invited_on=date(2026, 7, 7))
    for contact, score in zip(contacts, scores, strict=True):
        if score is not None:
            world.answer(contact, score, date(2026, 7, 14))


def test_a_score_comes_with_who_was_asked_and_how_much_of_the_buying_centre_answered(
    world: Surveyed, muster: Account
) -> None:
    asked(world, muster, [10, 9, 7, 3, None])
    world.contact("Silent", muster, influence=5)

    [year] = read(world, muster).years
    assert (year.asked, year.answered, year.score[:3], year.score.nps) == (5, 4, (2, 1, 1), Decimal("25.0"))
    assert (year.coverage.points, year.coverage.of_points, year.coverage.percent) == (20, 30, 66.6)


def test_below_three_there_are_the_answers_and_nobody_counts_as_a_zero(
    world: Surveyed, muster: Account
) -> None:
    asked(world, muster, [0, 8, None])

    [year] = read(world, muster).years
    assert (year.score.nps, year.score.raw, year.asked, year.answered) == (None, (8, 0), 3, 2)


def test_what_was_expected_against_what_was_experienced(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [9, 9, 9])
    with db.read(world.engine) as session:
        numbers = sorted(session.execute(select(SurveyAnswer.invitation_id)).scalars())
    for number, pair in zip(numbers, [(9, 5), (8, 6), (10, 5)], strict=True):
        rating = {"expectation": pair[0], "experience": pair[1]}
        world.add(SurveyRating(invitation_id=number, dimension="delivery", **rating))
    world.add(SurveyRating(invitation_id=numbers[0], dimension="price", expectation=7, experience=8))
    world.add(SurveyRating(invitation_id=numbers[1], dimension="price", expectation=7))

    [year] = read(world, muster).years
    assert year.gaps == (
        Gap("delivery", 3, Decimal("9.0"), Decimal("5.3"), Decimal("-3.7")),
        Gap("price", 1, None, None, None, ((7, 8),)),
    )


def test_years_stand_side_by_side_and_an_imported_survey_beside_ours(
    world: Surveyed, muster: Account
) -> None:
    asked(world, muster, [10, 10, 2])
    old = world.contact("Old", muster)
    world.wave(muster, old, **LAST_YEAR)
    world.answer(old, 6, date(2025, 7, 14))
    tool = world.wave(muster, source="tool", imported=True, scale="1..5")
    world.add(SurveyUnnamed(wave_id=tool.id, key="1", answered_on=date(2026, 3, 2), score=10))

    found = read(world, muster)
    assert [(each.year.first.year, each.score.answers) for each in found.years] == [(2026, 4), (2025, 1)]
    assert (found.years[0].sources, found.years[0].scales) == (("kamflow", "tool"), ("1..5",))
    assert [each.sources for each in found.waves] == [("tool",), ("kamflow",), ("kamflow",)]
    # Whose answer it is nobody knows, so it covers nobody.
    assert found.years[0].coverage.people == 3


def test_the_scorecard_says_the_same(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [10, 9, 4])
    tool = world.wave(muster, source="tool", imported=True)
    world.add(SurveyUnnamed(wave_id=tool.id, key="1", answered_on=date(2026, 8, 2), score=0))

    [card] = [each.figures.nps for each in world.facts("quarterly_controlling", TODAY).accounts]
    [year] = read(world, muster).years
    assert (card.value if hasattr(card, "value") else card[0], card[1]) == (
        year.score.whole,
        year.score.answers,
    )


def test_all_accounts_together_count_each_answer_once(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [10, 9, 4])
    asked(world, world.account("Other"), [9, 0], "D")
    world.account("Never asked")

    with db.read(world.engine) as session:
        found, total = survey_results.newest(Reading(session, TODAY, "Europe/Berlin", 3), None)
    assert total is not None
    assert (len(found), total.score[:3], total.score.nps) == (2, (3, 0, 2), Decimal("20.0"))
    assert (total.coverage.points, total.coverage.of_points) == (25, 25)
