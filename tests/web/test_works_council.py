"""With the works council's rule in force no page shows one person's open, late or missed items to another.

Every address that answers a GET is opened by the head of KAM, by operations, by a colleague and by a member
of the same account's team, and what it says is searched. A new one is opened as well: say what stands in its
address.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.models.account import Account, Team
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.store import engine as db
from kamflow.web import internal
from tests.late_team import LATE, LateTeam
from tests.web.conftest import Visited
from tests.web.test_authorisation import _routes
from tests.world import YEAR

# What stands in the addresses; of what only a token opens (a survey, an item by mail) nobody here has one.
TOKENS = ("token", "version", "name", "digest")


@pytest.fixture(scope="module", params=[3, 6])
def visited(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Visited, LateTeam, dict[str, Any]]]:
    path = copy(sqlite_template, tmp_path_factory.mktemp("council") / "kamflow.db")
    engine = db.connect(f"sqlite:///{path}")
    team = LateTeam(engine, request.param)
    with db.read(engine) as session:
        account = session.get_one(Account, 1)
    member = team.world.person("Member", "specialist")
    team.world.add(Team(person_id=member.id, account_id=account.id, role="core"))
    years = {
        "year_first": YEAR[0],
        "year_last": YEAR[1],
        "hand_in_on": LATE,
        "author_id": _of(team, "quandt").id,
    }
    plan = team.world.add(AccountPlan(account_id=account.id, **years))
    known = {"account": account.id, "number": plan.id, "nudge": team.items[0], "day": LATE}
    known |= {"message": team.digests[0], "flow": "measure_followup", **dict.fromkeys(TOKENS, "none")}
    yield Visited(team.world), team, known
    engine.dispose()


def _of(team: LateTeam, key: str) -> Person:
    with db.read(team.world.engine) as session:
        return session.execute(select(Person).where(col(Person.key) == key)).scalar_one()


def said(html: str) -> str:
    """The text of a page, each entry of a list or table on a line of its own."""
    parts = re.split(r"</(?:li|tr|h\d|article|section)>", html)
    return "\n".join(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)) for part in parts)


@pytest.mark.parametrize("who", ["head", "operator", "other", "member"])
def test_no_page_tells_of_others(visited: tuple[Visited, LateTeam, dict[str, Any]], who: str) -> None:
    site, team, known = visited
    browser, found, opened = site.signed_in(_of(team, who)), {}, 0
    addresses = {path for method, path in _routes(internal.app(site.site).routes) if method == "GET"}
    for path in sorted(addresses):
        answer = browser.get(re.sub(r":path\}", "}", path).format_map(known))
        assert answer.status_code < 500, path
        opened += answer.status_code == 200
        if lines := team.leaks(said(answer.text)):
            found[path] = lines[:3]
    assert found == {}
    assert opened >= 5


def test_the_search_finds_what_the_person_sees_themselves(
    visited: tuple[Visited, LateTeam, dict[str, Any]],
) -> None:
    site, team, _ = visited
    own = said(site.signed_in(_of(team, "quandt")).get("/list").text)
    assert re.search(r"13\.\s?(August|8)", own), "their own late items stand in their list"
