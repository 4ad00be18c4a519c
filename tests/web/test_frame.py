"""What holds for every page of both listeners."""

import pytest
from limits import parse

from kamflow.web import assets, limits
from kamflow.web.guard import LARGEST
from tests.web.conftest import Visited


@pytest.mark.parametrize("listener", ["inside", "outside"])
def test_every_answer_forbids_scripts_frames_and_being_kept(visited: Visited, listener: str) -> None:
    answer = getattr(visited, listener)().get("/nothing-here")

    assert answer.status_code == 404
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example.com"}, 403),
        ({"origin": "https://kamflow.example.com"}, 404),
        ({"sec-fetch-site": "same-origin"}, 404),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(
    visited: Visited, headers: dict[str, str], status: int
) -> None:
    assert visited.inside().post("/nothing-here", headers=headers).status_code == status


def test_a_large_body_is_refused_before_it_is_read(visited: Visited) -> None:
    assert visited.inside().post("/nothing-here", content=b"x" * (LARGEST + 1)).status_code == 413


def test_an_address_that_asks_too_often_has_to_wait(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUESTS", parse("20 per minute"))
    browser = visited.outside()
    seen = [browser.get("/nothing-here").status_code for _ in range(21)]

    assert seen[-1] == 429
    assert visited.outside(client="192.0.2.8").get("/nothing-here").status_code == 404


def test_the_style_sheet_carries_the_house_s_colour_and_may_be_kept(visited: Visited) -> None:
    answer = visited.inside().get(assets.address(assets.STYLE, visited.site))

    assert "--house: #0b5f67" in answer.text
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["../pyproject.toml", "..%2f..%2fpyproject.toml", "unifont.otf"])
def test_nothing_but_the_assets_is_served(visited: Visited, name: str) -> None:
    assert visited.inside().get(f"/assets/x/{name}").status_code == 404


@pytest.mark.parametrize(("language", "heading"), [("de", "Diese Seite gibt es"), ("en", "There is no")])
def test_a_refusal_speaks_the_browser_s_language(visited: Visited, language: str, heading: str) -> None:
    assert heading in visited.inside(language=language).get("/nothing-here").text


def test_a_refusal_shows_our_people_the_way_on_and_customers_nothing_inside(visited: Visited) -> None:
    assert 'href="/list"' in visited.inside().get("/nothing-here").text
    assert 'href="/list"' not in visited.outside().get("/nothing-here").text
