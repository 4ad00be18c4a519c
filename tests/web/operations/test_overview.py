"""The page of operations: what it says first, in every state; whom it lets in; what it never says."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kamflow.models.message import StoredMessage
from kamflow.models.person import PersonRole
from kamflow.models.run import FlowRun
from kamflow.models.watch import Lease, Supervisor
from tests.conftest import NOW
from tests.web.operations.conftest import Operated
from tests.web.pages.conftest import counted

ALL = (
    "/operations",
    "/operations/incidents",
    "/operations/flows/intake",
    "/operations/flows/plan_creation?kind=events&page=2",
    "/operations/outbox",
    "/operations/outbox?channel=email&state=failed&cause=recipient-refused",
    "/operations/outbox?sent=3&left=1&after=7&state=failed&cause=too-large",
    "/operations/outbox/1",
)
STATES: dict[str, Callable[[Operated], object]] = {
    "well": Operated.well,
    "troubled": Operated.troubled,
    "failures": Operated.failures,
}


@pytest.mark.parametrize(
    ("state", "language", "heading"),
    [
        ("well", "en", "Everything works"),
        ("well", "de", "Alles in Ordnung"),
        ("troubled", "en", "4 things are wrong"),
        ("troubled", "de", "4 Störungen"),
        ("failures", "en", "Everything runs, 60 messages did not arrive"),
        ("failures", "de", "Alles läuft, 60 Nachrichten kamen nicht an"),
    ],
)
def test_the_first_words_say_whether_somebody_has_to_act(
    sqlite_house: Operated, state: str, language: str, heading: str
) -> None:
    STATES[state](sqlite_house)
    sqlite_house.change(sqlite_house.hansen, language=language)

    assert f'<h1 id="glance">{heading}</h1>' in sqlite_house.browser().get("/operations").text


def test_every_page_opens_on_both_databases(house: Operated) -> None:
    browser = house.troubled().failures_more().browser()

    paths = (*ALL[:-1], _one(house.one(StoredMessage).id))

    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_a_new_home_says_what_to_start(sqlite_house: Operated) -> None:
    page = sqlite_house.browser().get("/operations").text

    assert "kamflow up is not running" in page
    assert "kamflow adopt" in page
    assert "has never run" in page


def test_one_trouble_is_the_heading_with_its_time_and_what_to_do(sqlite_house: Operated) -> None:
    sqlite_house.well()
    sqlite_house.wrong("channel:email", "channel", 2, cause="login-refused")
    page = sqlite_house.browser().get("/operations").text

    assert '<h1 id="glance">No mail goes out</h1>' in page
    assert "since today, 06:30" in page
    assert "kamflow doctor tries the login" in page


def test_a_run_that_failed_is_said_before_the_watch_notes_it(sqlite_house: Operated) -> None:
    sqlite_house.well()
    failed = sqlite_house.ran("intake", NOW.date(), "failed", error="OSError")
    assert "intake did not finish</h1>" in sqlite_house.browser().get("/operations").text

    sqlite_house.ran("intake", NOW.date(), at=failed.started_at + timedelta(minutes=5))
    assert "Everything works</h1>" in sqlite_house.browser().get("/operations").text


@pytest.mark.parametrize(("seen", "said"), [(5, "The clock stands still"), (90, "kamflow up is not running")])
def test_a_clock_that_nobody_beats_is_said_though_nobody_notes_it(
    sqlite_house: Operated, seen: int, said: str
) -> None:
    sqlite_house.well()
    sqlite_house.change(sqlite_house.one(Supervisor), seen_at=NOW - timedelta(seconds=seen))
    sqlite_house.change(sqlite_house.one(Lease), until=NOW - timedelta(seconds=1))

    assert said in sqlite_house.browser().get("/operations").text


def test_who_only_operates_begins_here_and_who_does_more_on_their_list(sqlite_house: Operated) -> None:
    answer = sqlite_house.browser().get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/operations")
    assert 'href="/accounts"' not in sqlite_house.browser().get("/list").text

    sqlite_house.world.add(PersonRole(person_id=sqlite_house.hansen.id, role="kam"))
    page = sqlite_house.browser().get("/")
    assert page.status_code == 200
    assert 'href="/operations"' in page.text
    assert sqlite_house.browser().get("/operations").status_code == 200


@pytest.mark.parametrize("role", ["head", "kam", "sponsor", "assistant", "specialist"])
def test_nobody_else_is_let_in(sqlite_house: Operated, role: str) -> None:
    browser = sqlite_house.visited.signed_in(sqlite_house.world.person("Bohn", role))

    assert {browser.get(path).status_code for path in ALL} == {403}
    assert 'href="/operations"' not in browser.get("/list").text


def test_people_and_contacts_are_numbers_and_of_what_arrived_not_even_that(sqlite_house: Operated) -> None:
    witt = sqlite_house.world.person("Witt")
    place = sqlite_house.world.place("Knut", sqlite_house.world.account("Muster AG", witt))
    sqlite_house.message("failed", "too-large", person_id=witt.id, facts={"x": "Geheim"})
    sqlite_house.message("sent", person_id=witt.id)
    sqlite_house.message("failed", "bad-address", contact_id=place.contact_id, kind="invitation")
    said = "".join(sqlite_house.browser().get(path).text for path in (*ALL, *map(_one, (1, 2, 3))))

    assert f"person {witt.id}" in said
    assert "Reminders, a person" in said
    assert f"contact {place.contact_id}" in said
    assert not [word for word in ("Witt", "Knut", "Muster", "Geheim") if word in said]


def test_the_number_of_queries_does_not_grow(sqlite_house: Operated) -> None:
    browser = sqlite_house.well().browser()
    with counted(sqlite_house.world.engine) as before:
        browser.get("/operations")
    sqlite_house.failures_more()
    with counted(sqlite_house.world.engine) as after:
        browser.get("/operations")

    assert len(after) == len(before)
    assert len(before) <= 60


def _one(number: int) -> str:
    return f"/operations/outbox/{number}"


def test_the_ledger_says_how_every_run_ended(sqlite_house: Operated) -> None:
    sqlite_house.troubled()
    covering = sqlite_house.ran("survey_dispatch", NOW.date())
    sqlite_house.world.add(
        FlowRun(
            flow="survey_dispatch",
            as_of=NOW.date() - timedelta(days=40),
            state="covered",
            covered_by_id=covering.id,
            started_at=NOW,
            finished_at=NOW,
        )
    )
    intake = sqlite_house.browser().get("/operations/flows/intake").text
    surveys = sqlite_house.browser().get("/operations/flows/survey_dispatch").text

    assert "<code>PermissionError</code>" in intake
    assert "http://127.0.0.1:4200/runs/flow-run/0b1c" in intake
    assert "made up for" in surveys
    assert "by the run for 7 September" in surveys
    assert "opened: 3, changed: 1, closed: 2" in surveys
