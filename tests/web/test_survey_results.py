"""The page of survey results: who sees it, what it says, in both languages and without a name."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.models.survey import SurveyRating
from tests.surveyed import Surveyed
from tests.web.conftest import Visited

LAST_YEAR = {"year_first": date(2025, 1, 1), "year_last": date(2025, 12, 31), "invited_on": date(2025, 7, 1)}


class Company:
    """Witt is the KAM of Muster AG, where four of five answered this year and three last year."""

    def __init__(self, engine: Engine) -> None:
        self.world = Surveyed(engine)
        self.witt = self.world.person("Witt", language="en")
        self.other = self.world.person("Other")
        self.muster = self.world.account("Muster AG", self.witt)
        self.told({}, [10, 9, 7, 3, None], date(2026, 7, 14))
        self.told(LAST_YEAR, [9, 5, 4], date(2025, 7, 14))
        for number, pair in enumerate([(9, 5), (8, 6), (10, 5)], start=1):
            rating: dict[str, Any] = {"expectation": pair[0], "experience": pair[1]}
            self.world.add(SurveyRating(invitation_id=number, dimension="delivery", **rating))

    def told(self, more: dict[str, Any], scores: list[int | None], day: date) -> None:
        contacts = [self.world.contact(f"Knut{day.year}{n}", self.muster) for n in range(len(scores))]
        self.world.wave(self.muster, *contacts, **{"invited_on": date(2026, 7, 7)} | more)
        for contact, score in zip(contacts, scores, strict=True):
            if score is not None:
                self.world.answer(contact, score, day)


@pytest.fixture
def company(sqlite_engine: Engine) -> Company:
    return Company(sqlite_engine)


@pytest.fixture
def visited(company: Company) -> Visited:
    return Visited(company.world)


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_kam_sees_the_score_with_counts_coverage_and_gaps(visited: Visited, company: Company) -> None:
    answer = visited.signed_in(company.witt).get(f"/surveys/{company.muster.id}")
    said = text(answer.text)

    assert answer.status_code == 200
    assert "2026: NPS +25" in said.replace(" :", ":")
    assert (
        "4 of 5 people asked have answered: 2 promoters (9 and 10), 1 passive (7 and 8), 1 detractor" in said
    )
    assert "50% of the buying centre: 20 of 40 points of influence" in said
    assert "Delivery on time −3.7 9 5.3 3" in said
    assert 'alt="NPS by year: 2025 −33.3, 2026 +25"' in answer.text
    assert "Knut" not in said


def test_a_german_reads_it_in_german(visited: Visited, company: Company) -> None:
    company.world.change(company.witt, language="de")
    answer = visited.signed_in(company.witt).get(f"/surveys/{company.muster.id}")

    assert "Umfrageergebnisse: Muster AG" in answer.text
    assert "Von 5 Befragten haben 4 geantwortet" in text(answer.text)


def test_below_three_answers_there_is_no_score(visited: Visited, company: Company) -> None:
    small = company.world.account("Small", company.witt)
    contact = company.world.contact("Paul", small)
    company.world.wave(small, contact, invited_on=date(2026, 7, 7))
    company.world.answer(contact, 6, date(2026, 7, 14))
    said = text(visited.signed_in(company.witt).get(f"/surveys/{small.id}").text)

    assert "fewer than 3 answers, too few for a score. These are the answers: 6" in said
    assert "NPS +" not in said
    assert "NPS −" not in said


def test_who_may_not_look_into_the_account_sees_nothing(visited: Visited, company: Company) -> None:
    path = f"/surveys/{company.muster.id}"

    assert visited.signed_in(company.other).get(path).status_code == 403
    assert visited.signed_in(company.witt).get("/surveys/99999").status_code in (403, 404)
    assert visited.inside().get(path).headers["location"].startswith("/sign-in")


def test_an_account_that_was_never_asked_says_so(visited: Visited, company: Company) -> None:
    quiet = company.world.account("Quiet", company.witt)

    assert (
        "Nobody at this customer has been asked yet"
        in visited.signed_in(company.witt).get(f"/surveys/{quiet.id}").text
    )
