"""Every route of the internal pages x every role x own and foreign objects.

A new route fails here until it is placed in a table below. What is refused changes nothing in the database,
and neither does any GET.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from kamflow.models.account import Account, Team
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.store import engine as db
from kamflow.web import internal
from notifications import outbox
from notifications.outbox import NewMessage
from tests.web.browser import Browser
from tests.web.conftest import Visited
from tests.world import YEAR, World

TODAY = date(2026, 9, 7)
SIGNED_OUT = ("none", "left", "expired")
# The head comes last: what they may do changes what the others would find.
SIGNED_IN = ("kam", "member", "sponsor", "specialist", "assistant", "operations", "other", "head")
ROLES = SIGNED_OUT + SIGNED_IN
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
Statuses = dict[str, tuple[int, int]]  # by role: of the own object, of a foreign one


def everybody(status: int, **others: int) -> Statuses:
    """One status for who is signed in, whatever the object; some roles have another one."""
    return {role: (at, at) for role in SIGNED_IN for at in (others.get(role, status),)}


def for_account(own: int) -> Statuses:
    """The account's team, its assistant, and the head for all; "other" is the KAM of the foreign one."""
    refused = dict.fromkeys(("specialist", "operations"), (403, 403))
    inside = dict.fromkeys(("kam", "member", "sponsor", "assistant"), (own, 403))
    return inside | refused | {"other": (403, own), "head": (own, own)}


def for_decision() -> Statuses:
    """Who decides about a plan: the head; nobody who wrote it."""
    return dict.fromkeys(SIGNED_IN, (403, 403)) | {"head": (303, 303)}


def for_owner(own: int) -> Statuses:
    """An open item is its person's, not their team's and not the head's (works council)."""
    return dict.fromkeys(SIGNED_IN, (403, 403)) | {"kam": (own, 403), "other": (403, own)}


def for_operations(status: int) -> Statuses:
    """How kamflow runs is no business of the others, the head of KAM included."""
    return everybody(403, operations=status)


@dataclass(frozen=True)
class Row:
    """What stands in the addresses and forms for one of the two customers."""

    account: int
    plan: int
    nudge: int
    contact: int
    message: int = 0

    def form(self) -> dict[str, Any]:
        day = TODAY.isoformat()
        known = {"plan": self.plan, "account": self.account, "contact": self.contact}
        asked = {"as_of": day, "channel": "email", "state": "failed", "cause": "too-large"}
        return known | asked | {"day": day, "comment": "Which aims?"}


BOTH = ("GET", "HEAD")
# Pages for who is signed in: which status each role is answered with.
PAGES: dict[tuple[tuple[str, ...], str], Statuses] = {
    (BOTH, "/"): everybody(200, operations=303),
    (BOTH, "/list"): everybody(200),
    (BOTH, "/accounts"): everybody(200, operations=403),
    (("POST",), "/accounts"): everybody(200, operations=403),
    (BOTH, "/accounts/{account}/matrix"): for_account(200),
    (BOTH, "/surveys/{account}"): for_account(200),
    (BOTH, "/plans"): everybody(200, operations=403),
    (("POST",), "/plans"): for_decision(),
    (BOTH, "/plans/{number}"): for_account(200),
    (("POST",), "/plans/{number}/approve"): for_decision(),
    (("POST",), "/plans/{number}/return"): for_decision(),
    (BOTH, "/log"): everybody(200, operations=403),
    (BOTH, "/log/{account}/{day}"): for_account(404),
    (("POST",), "/log"): for_account(303),
    (BOTH, "/n/{nudge}"): for_owner(303),
    (BOTH, "/operations"): for_operations(200),
    (BOTH, "/operations/incidents"): for_operations(200),
    (BOTH, "/operations/flows/{flow}"): for_operations(200),
    (("POST",), "/operations/flows/{flow}/run"): for_operations(303),
    (BOTH, "/operations/outbox"): for_operations(200),
    (("POST",), "/operations/outbox"): for_operations(303),
    (BOTH, "/operations/outbox/{message}"): for_operations(200),
    (("POST",), "/operations/outbox/{message}/retry"): for_operations(303),
    (("POST",), "/operations/outbox/{message}/cancel"): for_operations(303),
}
# Open to everybody, signed in or not; what they answer without a form.
OPEN: dict[tuple[str, str], set[int]] = {
    ("GET", "/sign-in"): {200, 303},
    ("HEAD", "/sign-in"): {200, 303},
    ("POST", "/sign-in"): {303},
    ("GET", "/sign-in/sent"): {200},
    ("HEAD", "/sign-in/sent"): {200},
    ("GET", "/oidc"): {404},
    ("GET", "/oidc/back"): {404},
    ("GET", "/assets/{version}/{name}"): {404},
    ("HEAD", "/assets/{version}/{name}"): {404},
    ("GET", "/api/openapi.json"): {200},
    ("GET", "/api/docs"): {200},
    ("HEAD", "/api/openapi.json"): {200},
    ("HEAD", "/api/docs"): {200},
}
# Whoever holds the token may; a role does not matter, a wrong one leads nowhere.
TOKENS: set[tuple[str, str]] = {
    ("GET", "/sign-in/{token}"),
    ("HEAD", "/sign-in/{token}"),
    ("POST", "/sign-in/{token}"),
    ("GET", "/a/{token}"),
    ("HEAD", "/a/{token}"),
    ("POST", "/a/{token}/{act}"),
    ("GET", "/d/{token}"),
    ("HEAD", "/d/{token}"),
    ("POST", "/d/{token}/{form}"),
    ("GET", "/d/{token}/briefing.pdf"),
    ("HEAD", "/d/{token}/briefing.pdf"),
    ("GET", "/f/{token}.ics"),
    ("HEAD", "/f/{token}.ics"),
}
# Other systems prove who they are by themselves.
MACHINES: dict[tuple[str, str], set[int]] = {
    ("POST", "/api/events"): {401},
    ("POST", "/slack/events"): {401, 403, 404},
    ("POST", "/slack/commands"): {401, 403, 404},
    ("POST", "/slack/interactions"): {401, 403, 404},
}
OWN_SESSION = {("POST", "/sign-out"), ("POST", "/sign-out/everywhere")}


@dataclass
class Company:
    """Two customers with a plan and an open item each, and one person for every role."""

    visited: Visited
    people: dict[str, Person]
    own: Row
    foreign: Row
    watching: sqlite3.Connection
    app: Any
    clients: Iterator[int]

    def browser(self, role: str) -> Browser:
        """A browser of somebody; each request comes from another address, none is slowed down."""
        at = next(self.clients)
        client = f"10.0.{at // 250}.{at % 250}"
        if role in self.people:
            browser = self.visited.signed_in(self.people[role], client=client)
            browser._app = self.app
            return browser
        return Browser(self.app, client=client)

    def version(self) -> int:
        """Another number once anything in the database has changed."""
        return self.watching.execute("PRAGMA data_version").fetchone()[0]


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    path = copy(sqlite_template, tmp_path_factory.mktemp("authorisation") / "kamflow.db")
    engine = db.connect(f"sqlite:///{path}")
    visited = Visited(World(engine))
    people = _people(visited.world)
    own, foreign = (
        _with_message(visited.world, _customer(visited.world, name, people[kam]), people[kam])
        for name, kam in CUSTOMERS
    )
    for role, held in (("member", "core"), ("sponsor", "sponsor")):
        visited.world.add(Team(person_id=people[role].id, account_id=own.account, role=held))
    watching = sqlite3.connect(path)
    yield Company(visited, people, own, foreign, watching, internal.app(visited.site), count(1))
    watching.close()
    engine.dispose()


CUSTOMERS = (("Muster AG", "kam"), ("Beispiel GmbH", "other"))


def _people(world: World) -> dict[str, Person]:
    assistant = world.person("Anna", "assistant")
    return {
        "kam": world.person("Witt"),
        "member": world.person("Lech", "specialist"),
        "sponsor": world.person("Kruse", "sponsor", assistant_id=assistant.id),
        "specialist": world.person("Sander", "specialist"),
        "assistant": assistant,
        "operations": world.person("Hansen", "operations"),
        "other": world.person("Prigge"),
        "head": world.person("Bohn", "head"),
        "left": world.person("Carter", left_on=date(2026, 9, 6)),
        "expired": world.person("Arnst"),
    }


def _customer(world: World, name: str, kam: Person) -> Row:
    account: Account = world.account(name, kam)
    place = world.place(f"Knut {name}", account, 8)
    world.target(kam, place, 12)
    at = datetime(2026, 9, 1, tzinfo=UTC)
    plan = world.add(
        AccountPlan(
            account_id=account.id,
            year_first=YEAR[0],
            year_last=YEAR[1],
            state="submitted",
            author_id=kam.id,
            submitted_at=at,
        )
    )
    world.night("contact_shortfall", TODAY)
    nudge = next(each.id for each in world.nudges() if each.account_id == account.id)
    return Row(account.id, plan.id, nudge, place.contact_id)


def _with_message(world: World, row: Row, kam: Person) -> Row:
    """The same customer, and a message to its KAM that waits."""
    said = NewMessage(f"nudge:{row.nudge}", "nudges", "email", "digest", {}, kam.id)
    with db.write(world.engine) as session:
        return replace(row, message=outbox.add(session, said, datetime(2026, 9, 1, tzinfo=UTC)) or 0)


def _routes(routes: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of everything an app answers, also of what is mounted or included."""
    for route in routes:
        inner = getattr(
            getattr(route, "original_router", None) or getattr(route, "app", None), "routes", None
        )
        if inner is not None and not getattr(route, "methods", None):
            yield from _routes(inner, before + getattr(route, "path", ""))
        else:
            yield from ((method, before + route.path) for method in getattr(route, "methods", ()))


def test_every_route_is_placed(company: Company) -> None:
    placed = {(method, path) for methods, path in PAGES for method in methods}
    placed |= OPEN.keys() | TOKENS | MACHINES.keys() | OWN_SESSION

    assert set(_routes(company.app.routes)) == placed


@pytest.mark.slow  # 700 requests; that every route is placed is looked at each time
@pytest.mark.parametrize(("methods", "path"), PAGES)
def test_each_role_sees_and_does_what_is_theirs(
    company: Company, methods: tuple[str, ...], path: str
) -> None:
    expected = PAGES[methods, path]
    for method in methods:
        for role in ROLES:
            for place, row in enumerate((company.own, company.foreign)):
                status = expected[role][place] if role in expected else 303
                changes = method == "POST" and status in (200, 303) and role not in SIGNED_OUT
                answer = _asked(company, role, method, path, row, changes)
                assert answer.status_code == status, (method, role, "own" if place == 0 else "foreign")
                if role in SIGNED_OUT:
                    assert answer.headers["location"].startswith("/sign-in?next=/"), role


def _asked(company: Company, role: str, method: str, path: str, row: Row, changes: bool) -> Any:
    """One request; what may not change anything must not."""
    browser = company.browser(role)
    if role == "expired":
        company.visited.now += timedelta(hours=13)
    before = company.version()
    here = {"account": row.account, "number": row.plan, "nudge": row.nudge, "day": TODAY}
    here |= {"message": row.message, "flow": "intake"}
    address = path.format_map(defaultdict(lambda: "wrong", here))
    answer = browser.post(address, row.form()) if method == "POST" else browser.request(method, address)
    if role == "expired":
        company.visited.now -= timedelta(hours=13)
    if not changes:
        assert company.version() == before, (method, path, role)
    return answer


@pytest.mark.parametrize(("method", "path"), sorted(OPEN.keys() | TOKENS | MACHINES.keys()))
def test_what_needs_no_session_does_nothing_without_its_proof(
    company: Company, method: str, path: str
) -> None:
    expected = (OPEN | MACHINES).get((method, path), {404})
    for role in ("none", "kam", "operations", "head"):
        answer = _asked(company, role, method, path, company.own, changes=False)
        assert answer.status_code in expected, role


def test_signing_out_concerns_one_s_own_browser_only(company: Company) -> None:
    witt, kruse = company.browser("kam"), company.browser("sponsor")
    witt.post("/sign-out")

    assert witt.get("/").status_code == 303
    assert kruse.get("/").status_code == 200


@pytest.mark.parametrize("role", ["head", "kam"])
@pytest.mark.parametrize("path", ["/accounts/999/matrix", "/plans/999", "/n/999", "/log/999/2026-09-07"])
def test_what_does_not_exist_is_refused_like_what_is_not_theirs(
    company: Company, role: str, path: str
) -> None:
    assert company.browser(role).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/accounts/x/matrix", "/plans/1.5", "/n/-", "/log/1/yesterday"])
def test_an_address_that_is_none_is_not_found(company: Company, path: str) -> None:
    answer = company.browser("head").get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_a_form_from_another_site_does_nothing(company: Company) -> None:
    refuse: Callable[[str], int] = lambda path: (  # noqa: E731 - one line for three addresses
        company.browser("head")
        .post(path, company.own.form(), headers={"sec-fetch-site": "cross-site"})
        .status_code
    )
    before = company.version()
    paths = ("/plans", "/log", f"/plans/{company.own.plan}/approve", "/sign-out", "/sign-in")

    assert {refuse(path) for path in paths} == {403}
    assert company.version() != before  # the sessions, and nothing else: see the plan
    assert company.visited.world.one(AccountPlan, company.own.plan).state in ("submitted", "approved")
