"""The latest survey in the scorecard: its score with count and coverage, or the answers themselves."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.figures.account_figures import Nps
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.policy import Policy
from kamflow.thresholds import SurveyDispatch
from tests.surveyed import Surveyed

DAY = date(2026, 10, 14)  # the third quarter is looked at


@pytest.fixture
def world(engine: Engine) -> Surveyed:
    return Surveyed(engine)


@pytest.fixture
def muster(world: Surveyed) -> Account:
    return world.account("Muster AG", world.person("Witt"), account_class="key")


def score(world: Surveyed, account: Account) -> Nps | None:
    quarters = world.facts("quarterly_controlling", DAY).accounts
    [found] = [each.figures for each in quarters if each.figures.account == account.id]
    return found.nps


def asked(world: Surveyed, account: Account, scores: list[int | None], **more: Any) -> list[Contact]:
    """A wave in which these scores were given on 14 July, by contacts of influence 8."""
    contacts = [world.contact(f"{account.name} {n}", account, influence=8) for n in range(len(scores))]
    world.wave(account, *contacts, **{"invited_on": date(2026, 7, 7)} | more)
    for contact, given in zip(contacts, scores, strict=True):
        world.answer(contact, given, date(2026, 7, 14))
    return contacts


def test_from_three_answers_on_there_is_a_score_with_its_coverage(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [10, 9, 4, None])
    world.contact("Silent", muster, influence=8)

    assert score(world, muster) == Nps(33, 3, 60.0, date(2026, 7, 14), "kamflow")


def test_below_there_are_the_answers(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [6, 9])

    assert score(world, muster) == Nps(None, 2, 100.0, date(2026, 7, 14), "kamflow", (9, 6))


def test_who_answers_two_surveys_of_a_year_is_one_person_with_the_newest_answer(
    world: Surveyed, muster: Account
) -> None:
    knut, _ = asked(world, muster, [10, 9])
    world.wave(muster, knut, source="agency", external_id="2026", invited_on=date(2026, 8, 1))
    world.answer(knut, 3, date(2026, 8, 4))

    assert score(world, muster) == Nps(None, 2, 100.0, date(2026, 8, 4), "agency", (9, 3))


def test_how_many_answers_make_a_score_is_policy(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [6, 9])
    world.policy = Policy(survey_dispatch=SurveyDispatch(nps_from=2))

    assert score(world, muster) == Nps(0, 2, 100.0, date(2026, 7, 14), "kamflow")


def test_no_answer_is_no_score(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [None])

    assert score(world, muster) is None


def test_the_newest_year_counts_and_nothing_after_the_quarter(world: Surveyed, muster: Account) -> None:
    asked(world, muster, [1], year_first=date(2025, 1, 1), year_last=date(2025, 12, 31))
    [late] = asked(
        world, world.account("Werk", parent_id=muster.id), [9], source="survey tool", imported=True
    )
    assert score(world, muster) == Nps(None, 1, 50.0, date(2026, 7, 14), "survey tool", (9,))

    world.answer(late, 2, date(2026, 10, 1))
    assert score(world, muster) == Nps(None, 1, 50.0, date(2026, 7, 14), "kamflow", (1,))
