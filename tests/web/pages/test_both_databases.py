"""Every page opens on both databases."""

from sqlalchemy import Engine

from tests.web.conftest import Visited
from tests.web.test_authorisation import TODAY, _customer, _people
from tests.world import World


def test_every_page_opens_on_both_databases(engine: Engine) -> None:
    visited = Visited(World(engine))
    people = _people(visited.world)
    row = _customer(visited.world, "Muster AG", people["kam"])
    visited.signed_in(people["kam"]).post("/log", row.form())
    visited.signed_in(people["head"]).post("/sign-in", {"email": "witt@example.com"})
    account = f"/accounts/{row.account}/matrix"

    for role in ("kam", "head"):
        browser = visited.signed_in(people[role])
        for path in ("/", "/log", f"/log?account={row.account}", "/plans", "/accounts", account):
            assert browser.get(path).status_code == 200, path
        assert browser.post("/accounts", {"term": "MÜST%"}).status_code == 200
        assert "Muster AG" in browser.post("/accounts", {"term": "muster"}).text
    written = visited.signed_in(people["kam"]).get(f"/log/{row.account}/{TODAY}")
    assert written.status_code == 200
    approved = visited.signed_in(people["head"]).post(f"/plans/{row.plan}/approve")
    assert approved.headers["location"] == f"/plans/{row.plan}"
