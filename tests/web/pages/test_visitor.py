"""Who visits: a session begins, ends, and never sends anybody elsewhere."""

from datetime import date, timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI

from kamflow.store import visits
from kamflow.web import visitor
from kamflow.web.visitor import Visitor, own_path, signed_in
from tests.web.browser import Browser
from tests.web.conftest import Visited


def _page(visited: Visited) -> FastAPI:
    router, app = APIRouter(), FastAPI()

    @router.get("/who")
    @router.post("/who")
    def who(who: Annotated[Visitor, Depends(signed_in)]) -> dict[str, object]:
        return {"person": who.person, "language": who.language, "roles": sorted(who.roles)}

    app.state.site = visited.site
    app.include_router(router)
    visitor.add(app)
    return app


def _browser(visited: Visited, token: str | None) -> Browser:
    browser = Browser(_page(visited))
    if token:
        browser.cookies.set(visitor.cookie_name(visited.site), token)
    return browser


def _token(visited: Visited, person: int) -> str:
    with visited.site.writing("page") as session:
        return visitor.begin(visited.site, session, person, "link")


def test_a_session_names_its_person_until_its_end(visited: Visited) -> None:
    witt = visited.world.person("Witt")
    browser = _browser(visited, _token(visited, witt.id))

    assert browser.get("/who").json() == {"person": witt.id, "language": "de", "roles": ["kam"]}
    visited.now += timedelta(hours=visited.settings.web.session_hours)
    assert browser.get("/who").status_code == 303


def test_who_left_or_signed_out_is_nobody_any_more(visited: Visited) -> None:
    witt, kruse = visited.world.person("Witt"), visited.world.person("Kruse")
    browsers = [_browser(visited, _token(visited, each.id)) for each in (witt, kruse)]

    with visited.site.writing("page") as session:
        session.merge(witt.model_copy(update={"left_on": date(2026, 9, 1)}))
        visits.end_all(session, kruse.id, visited.now)

    assert [browser.get("/who").status_code for browser in browsers] == [303, 303]


@pytest.mark.parametrize("token", [None, "", "made-up", "0" * 64])
def test_a_browser_without_a_session_is_sent_to_sign_in_and_back(visited: Visited, token: str | None) -> None:
    browser = _browser(visited, token)

    assert browser.get("/who?day=1").headers["location"] == "/sign-in?next=/who%3Fday%3D1"
    assert browser.post("/who").headers["location"] == "/sign-in?next=/who"


def test_only_the_hash_of_a_token_is_stored(visited: Visited) -> None:
    witt = visited.world.person("Witt")
    token = _token(visited, witt.id)

    with visited.site.reading() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM web_session").one()
    assert token not in map(str, row)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "/\tevil",
        "/a\r\nset-cookie:x",
        " /x",
        "/ /evil.example",
        "/" + "x" * 400,
        "",
        None,
    ],
)
def test_nobody_is_sent_to_another_site(path: str | None) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/plans/3", "/log?account=3", "/n/7?next=/plans"])
def test_a_path_of_ours_is_come_back_to(path: str) -> None:
    assert own_path(path) == path
