"""The contact matrix: who sees what of it, and that it stays fast."""

import re
from datetime import date

import pytest

from kamflow.models.account import Account, Team
from kamflow.models.person import Person
from tests.web.conftest import Visited
from tests.web.pages.conftest import counted


class Company:
    """Witt is behind with Knut, Lech has met Paul as often as planned; Kruse is sponsor, Bohn the head."""

    def __init__(self, visited: Visited) -> None:
        world = visited.world
        self.witt, self.lech = (world.person(name, language="en") for name in ("Witt", "Lech"))
        self.kruse = world.person("Kruse", "sponsor", language="en")
        self.bohn = world.person("Bohn", "head", language="en")
        self.muster: Account = world.account("Muster AG", self.witt)
        for person, role in ((self.lech, "core"), (self.kruse, "sponsor")):
            world.add(Team(person_id=person.id, account_id=self.muster.id, role=role))
        knut, paul = (world.place(name, self.muster, 8) for name in ("Knut", "Paul"))
        world.target(self.witt, knut, 12)
        world.target(self.lech, paul, 1)
        world.meet(date(2026, 3, 2), self.witt, knut)
        world.meet(date(2026, 3, 3), self.lech, paul)


@pytest.fixture
def company(visited: Visited) -> Company:
    return Company(visited)


def text(visited: Visited, person: Person, account: Account) -> str:
    answer = visited.signed_in(person).get(f"/accounts/{account.id}/matrix")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.partition('<ul class="legend"')[0]))


@pytest.mark.parametrize(
    ("who", "council", "columns", "behind", "summed"),
    [
        ("witt", True, {"Witt", "Lech"}, True, True),
        ("lech", True, {"Witt", "Lech"}, False, True),
        ("bohn", True, {"Witt", "Lech"}, False, True),
        ("kruse", True, set(), False, False),
        ("kruse", False, {"Witt", "Lech"}, True, True),
        ("bohn", False, {"Witt", "Lech"}, True, True),
    ],
)
def test_a_works_council_keeps_who_is_behind_to_those_concerned(
    visited: Visited,
    company: Company,
    who: str,
    council: bool,
    columns: set[str],
    behind: bool,
    summed: bool,
) -> None:
    visited.knowing(works_council=council)
    said = text(visited, getattr(company, who), company.muster)
    head = said.partition("Influence")[2].partition("Last met")[0]

    assert set(head.split()) == columns
    assert ("behind plan" in said) is behind
    assert ("15% of the planned contacts held (2 of 13)" in said) is summed
    assert "1 of 12" in said or not columns


def test_every_contact_has_a_row_and_says_who_met_it_last(visited: Visited, company: Company) -> None:
    visited.world.place("Nobody", company.muster, None)
    said = text(visited, company.witt, company.muster)

    assert "Knut 8 ▼ 1 of 12" in said
    assert "2 March Witt" in said
    assert "Nobody ?" in said
    assert "not known" in said


def test_a_larger_matrix_asks_no_more_questions(visited: Visited, company: Company) -> None:
    seen: list[int] = []
    for more in (4, 56):
        for number in range(more):
            place = visited.world.place(f"Contact {more} {number}", company.muster, 5)
            visited.world.target(company.witt, place, 4)
        browser = visited.signed_in(company.witt)
        with counted(visited.world.engine) as statements:
            assert browser.get(f"/accounts/{company.muster.id}/matrix").status_code == 200
        seen.append(len(statements))

    assert seen[0] == seen[1]
    assert seen[1] <= 26, statements
