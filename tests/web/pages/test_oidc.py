"""Signing in with the company's own accounts: what proves who somebody is, and what does not."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr
from sqlalchemy import select

from kamflow.knobs import Oidc
from kamflow.models.person import Person
from kamflow.models.visit import WebSession
from kamflow.store.engine import read, write
from tests.conftest import NOW
from tests.web.browser import Browser
from tests.web.conftest import Visited
from tests.web.pages.fake_issuer import CLIENT, CODE, SECRET, FakeIssuer, running_issuer


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with running_issuer() as fake:
        yield fake


@pytest.fixture
def witt(visited: Visited, issuer: FakeIssuer) -> Person:
    _knows(visited, issuer)
    return visited.world.person("Witt", email="Witt@Example.com")


def _knows(visited: Visited, issuer: FakeIssuer, **more: Any) -> None:
    oidc = Oidc(issuer=issuer.address, client_id=CLIENT, client_secret=SecretStr(SECRET), **more)
    visited.knowing(web=visited.settings.web.model_copy(update={"oidc": oidc}))


def sessions(visited: Visited) -> list[WebSession]:
    with read(visited.world.engine) as session:
        return list(session.execute(select(WebSession)).scalars())


def away(browser: Browser, issuer: FakeIssuer, to: str = "/plans") -> dict[str, str]:
    return issuer.leave(browser.get(f"/oidc?next={to}").headers["location"])


def back(browser: Browser, state: str, code: str = CODE) -> Any:
    return browser.get(f"/oidc/back?code={code}&state={state}")


def test_the_issuer_s_word_makes_a_session_and_leads_on(
    visited: Visited, witt: Person, issuer: FakeIssuer
) -> None:
    browser = visited.inside()
    said = away(browser, issuer)
    answer = back(browser, said["state"])

    assert (said["code_challenge_method"], said["scope"]) == ("S256", "openid email")
    assert said["redirect_uri"] == "https://kamflow.example.com/oidc/back"
    assert (answer.status_code, answer.headers["location"]) == (303, "/plans")
    (made,) = sessions(visited)
    assert (made.person_id, made.how) == (witt.id, "oidc")
    (form,) = issuer.asked
    assert form["code"] == CODE
    assert form["authorization"].startswith("Basic ")
    assert len(form["code_verifier"]) > 42
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "says",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"iss": "https://evil.example.com"},
        {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
        {"exp": None},
        {"iat": int((NOW + timedelta(hours=1)).timestamp())},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["witt@example.com"]},
        {"email": "nobody@example.com"},
    ],
)
def test_what_does_not_prove_who_it_is_is_refused(
    visited: Visited, witt: Person, issuer: FakeIssuer, says: dict[str, Any]
) -> None:
    issuer.says = says
    browser = visited.inside(language="en")
    answer = back(browser, away(browser, issuer)["state"])

    assert answer.status_code in (400, 403)
    assert "Signing in did not work" in answer.text
    assert 'href="/sign-in?next=/plans"' in answer.text
    assert sessions(visited) == []


def test_a_token_of_another_key_or_without_one_is_refused(
    visited: Visited, witt: Person, issuer: FakeIssuer
) -> None:
    for key, algorithm in (
        (RSAKey.generate_key(2048, {"kid": "one"}), "RS256"),
        (OctKey.import_key(SECRET * 8), "HS256"),
    ):
        issuer.signing, issuer.algorithm = key, algorithm
        browser = visited.inside()
        assert back(browser, away(browser, issuer)["state"]).status_code == 400
    assert sessions(visited) == []


def test_a_call_back_needs_the_browser_that_left_and_soon(
    visited: Visited, witt: Person, issuer: FakeIssuer
) -> None:
    browser, other = visited.inside(), visited.inside()
    state = away(browser, issuer)["state"]

    assert back(other, state).status_code == 400
    assert back(browser, "another").status_code == 400
    late = visited.inside()
    state = away(late, issuer)["state"]
    visited.now += timedelta(minutes=10)
    assert back(late, state).status_code == 400
    assert issuer.asked == []
    assert sessions(visited) == []


def test_a_call_back_works_once(visited: Visited, witt: Person, issuer: FakeIssuer) -> None:
    browser = visited.inside()
    state = away(browser, issuer)["state"]

    assert back(browser, state).status_code == 303
    assert back(browser, state).status_code == 400
    assert len(sessions(visited)) == 1


def test_who_has_left_is_not_let_in(visited: Visited, witt: Person, issuer: FakeIssuer) -> None:
    with write(visited.world.engine) as session:
        session.get_one(Person, witt.id).left_on = date(2026, 9, 1)
    browser = visited.inside()

    assert back(browser, away(browser, issuer)["state"]).status_code == 403


def test_an_issuer_that_says_nothing_about_an_address_is_believed_where_the_company_says_so(
    visited: Visited, witt: Person, issuer: FakeIssuer
) -> None:
    _knows(visited, issuer, trust_email=True)
    issuer.says = {"email_verified": None}
    browser = visited.inside()

    assert back(browser, away(browser, issuer)["state"]).status_code == 303


def test_a_new_key_of_the_issuer_is_fetched_once_it_is_used(
    visited: Visited, witt: Person, issuer: FakeIssuer
) -> None:
    browser = visited.inside()
    said = away(browser, issuer)
    issuer.key = RSAKey.generate_key(2048, {"kid": "two"})

    assert back(browser, said["state"]).status_code == 303
    assert issuer.paths.count("/keys") == 2


def test_an_issuer_that_is_down_leaves_the_link(visited: Visited, witt: Person, issuer: FakeIssuer) -> None:
    issuer.status = 503
    answer = visited.inside(language="en").get("/oidc?next=/plans")
    assert answer.status_code == 503
    assert "SSO does not answer" in answer.text

    issuer.status = 200
    browser = visited.inside(language="en")
    state = away(browser, issuer)["state"]
    issuer.status = 500
    assert back(browser, state).status_code == 503
    assert sessions(visited) == []


def test_nobody_is_sent_away_without_an_issuer_and_nothing_is_asked_before(
    visited: Visited, issuer: FakeIssuer
) -> None:
    assert visited.inside().get("/oidc").status_code == 404
    _knows(visited, issuer)
    assert "/oidc?next=" in visited.inside().get("/sign-in").text
    assert issuer.paths == []


def test_the_way_back_stays_our_own(visited: Visited, witt: Person, issuer: FakeIssuer) -> None:
    browser = visited.inside()
    state = away(browser, issuer, "//evil.example.com")["state"]

    assert back(browser, state).headers["location"] == "/"
