"""Signing in by a link: asked for, sent, looked at, used once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.visit import SignIn, WebSession
from kamflow.settings import Delivery, Slack, Smtp
from kamflow.store.engine import read, write
from kamflow.web.sign_in_address import sign_in_address
from notifications import outbox
from notifications.prepare import Renderers, prepare
from notifications.ways import feed_link
from tests.web.conftest import Visited
from tests.world import World


@pytest.fixture
def visited(sqlite_engine: Engine) -> Visited:
    made = Visited(World(sqlite_engine))
    made.knowing(delivery=Delivery(mode="live"), smtp=Smtp(sender="kamflow <k@example.com>"))
    return made


@pytest.fixture
def witt(visited: Visited) -> Person:
    return visited.world.person("Witt", language="en")


def rows(visited: Visited, table: type[Any]) -> list[Any]:
    with read(visited.world.engine) as session:
        return list(session.execute(select(table)).scalars())


def sent(visited: Visited) -> Any:
    """What leaves the outbox now."""
    with write(visited.world.engine) as session:
        (claimed, *_) = outbox.claim(session, "test", visited.now, timedelta(minutes=5), 50)
    batch = [replace(claimed, mail_id="<1@example.com>")]
    (made,) = prepare(visited.world.engine, batch, visited.settings, visited.now, Renderers())
    return made.outcome


def link(visited: Visited, address: str = "witt@example.com", **more: str) -> str:
    """The path of the link somebody is sent."""
    visited.inside().post("/sign-in", {"email": address, **more})
    text = sent(visited).text
    return next(word for word in text.split() if "/sign-in/" in word).removeprefix(
        "https://kamflow.example.com"
    )


def test_a_link_signs_in_once_and_leads_where_somebody_wanted_to_go(visited: Visited, witt: Person) -> None:
    path, browser = link(visited, " WITT@Example.com ", next="/plans/3"), visited.inside()

    assert "Sign in as Witt" in browser.get(path).text
    entered = browser.post(path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/plans/3")
    assert browser.get("/sign-in").headers["location"] == "/"

    again = visited.inside(language="en").post(path)
    assert again.status_code == 410
    assert "used already" in again.text
    assert len(rows(visited, WebSession)) == 1


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(visited: Visited, witt: Person) -> None:
    cookie = visited.inside().post(link(visited)).headers["set-cookie"]

    assert cookie.startswith("__Host-kamflow=")
    for said in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert said in cookie
    assert "Domain" not in cookie


def test_known_and_unknown_addresses_get_the_same_answer(visited: Visited, witt: Person) -> None:
    answers = [
        visited.inside().post("/sign-in", {"email": address})
        for address in ("witt@example.com", "nobody@example.com", "", "x" * 3000, "' or 1=1")
    ]

    assert len({(each.status_code, each.headers["location"], each.content) for each in answers}) == 1
    assert len(rows(visited, StoredMessage)) == 1


def test_a_person_is_sent_three_links_in_ten_minutes_and_an_address_may_ask_ten_times(
    visited: Visited, witt: Person
) -> None:
    browser = visited.inside()
    asked = [browser.post("/sign-in", {"email": "witt@example.com"}).status_code for _ in range(11)]

    assert asked == [303] * 10 + [429]
    assert len(rows(visited, StoredMessage)) == 3


def test_looking_at_a_link_does_nothing(visited: Visited, witt: Person) -> None:
    path, browser = link(visited), visited.inside()

    for _ in range(5):
        answers = browser.get(path), browser.head(path)
        assert not any("set-cookie" in each.headers for each in answers)
    assert rows(visited, SignIn)[0].used_at is None
    assert rows(visited, WebSession) == []


def test_a_link_is_over_after_fifteen_minutes_and_says_how_to_get_another(
    visited: Visited, witt: Person
) -> None:
    path = link(visited)
    visited.now += timedelta(minutes=15)
    answer = visited.inside(language="en").post(path)

    assert answer.status_code == 410
    assert 'href="/sign-in"' in answer.text
    assert rows(visited, WebSession) == []


@pytest.mark.parametrize("change", [{"links_version": 2}, {"left_on": date(2026, 9, 6)}])
def test_a_revoked_link_and_one_of_who_left_lead_nowhere(
    visited: Visited, witt: Person, change: dict[str, Any]
) -> None:
    path = link(visited)
    with write(visited.world.engine) as session:
        session.get_one(Person, witt.id).sqlmodel_update(change)

    assert [visited.inside().get(path).status_code, visited.inside().post(path).status_code] == [404, 404]
    assert rows(visited, WebSession) == []


def test_a_link_does_not_fit_another_row_with_its_number(visited: Visited, witt: Person) -> None:
    path = link(visited)
    with write(visited.world.engine) as session:  # as after a restore, where numbers come again
        found = session.execute(select(SignIn)).scalar_one()
        found.ends_at += timedelta(minutes=3)

    assert visited.inside().post(path).status_code == 404
    assert rows(visited, WebSession) == []


def test_guessing_is_slowed_down(visited: Visited, witt: Person) -> None:
    path, browser = link(visited), visited.inside()
    seen = [browser.get(f"/sign-in/{number}.{'x' * 40}").status_code for number in range(30)]

    assert (set(seen[:15]), set(seen[-10:])) == ({404}, {429})
    assert browser.get(path).status_code == 200, "a right one is let in all the same"


def test_the_message_is_urgent_goes_by_the_person_s_channel_and_stores_no_link(
    visited: Visited, witt: Person
) -> None:
    visited.inside().post("/sign-in", {"email": "witt@example.com"})
    (stored,) = rows(visited, StoredMessage)
    mail = sent(visited)

    assert (stored.kind, stored.channel, stored.priority) == ("sign-in", "email", 0)
    assert "https://kamflow.example.com/sign-in/" in mail.text
    assert "/sign-in/" in mail.html
    assert "08:45" in mail.text
    assert not {"sign-in/", "http"} & set(str(stored.facts).split())


def test_a_link_that_waited_too_long_is_not_sent(visited: Visited, witt: Person) -> None:
    visited.inside().post("/sign-in", {"email": "witt@example.com"})
    visited.now += timedelta(minutes=15)

    assert sent(visited).why == "link-expired"


def test_signing_out_ends_the_session_and_twice_is_no_error(visited: Visited, witt: Person) -> None:
    browser = visited.signed_in(witt)
    assert "Max-Age=0" in browser.post("/sign-out").headers["set-cookie"]

    assert browser.get("/sign-in").status_code == 200
    assert browser.post("/sign-out").status_code == 303
    assert rows(visited, WebSession)[0].ended_at is not None


def test_whoever_lost_a_phone_ends_every_session_and_every_link_at_once(
    visited: Visited, witt: Person
) -> None:
    here, elsewhere, waiting = visited.signed_in(witt), visited.signed_in(witt), link(visited)
    calendar = f"/{feed_link(visited.settings, witt.id or 0, 1, visited.now).split('/', 3)[3]}"
    assert visited.inside().get(calendar).status_code == 200

    assert here.post("/sign-out/everywhere").headers["location"] == "/sign-in"

    assert {each.get("/").status_code for each in (here, elsewhere)} == {303}
    assert visited.inside().get(waiting).status_code == 404
    assert visited.inside().get(calendar).status_code in (404, 410)


def test_signing_in_anew_ends_the_browser_s_session_before(visited: Visited, witt: Person) -> None:
    browser = visited.signed_in(visited.world.person("Kruse"))
    browser.post(link(visited))

    assert [each.ended_at is None for each in rows(visited, WebSession)] == [False, True]


def test_who_is_known_elsewhere_is_given_a_link_that_works(visited: Visited, witt: Person) -> None:
    with visited.site.writing("slack") as session:
        address = sign_in_address(visited.site, session, witt.id, "/log")
    entered = visited.inside().post(address.removeprefix("https://kamflow.example.com"))

    assert entered.headers["location"] == "/log"
    assert rows(visited, StoredMessage) == []


@pytest.mark.parametrize(("redirect_to", "status"), [("ops@example.com", 403), ("Witt@example.com", 200)])
def test_in_a_test_run_a_link_that_went_to_somebody_else_signs_nobody_in(
    visited: Visited, witt: Person, redirect_to: str, status: int
) -> None:
    visited.knowing(delivery=Delivery(mode="redirect", redirect_to=redirect_to))
    path = link(visited)

    assert visited.inside().get(path).status_code == status
    assert visited.inside().post(path).status_code == (403 if status == 403 else 303)
    assert len(rows(visited, WebSession)) == (0 if status == 403 else 1)


def test_who_reads_in_slack_gets_the_link_there(visited: Visited) -> None:
    visited.knowing(slack=Slack(token=SecretStr("xoxb-made-up")))
    visited.world.person("Lech", channel="slack", slack_id="U7", language="en")
    visited.inside().post("/sign-in", {"email": "lech@example.com"})
    post = sent(visited)

    assert post.slack_id == "U7"
    assert "https://kamflow.example.com/sign-in/" in str(post.blocks)
