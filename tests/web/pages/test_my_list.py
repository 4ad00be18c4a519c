"""My list: what is open for one person, with its buttons, and nothing of anybody else."""

from datetime import date

import pytest

from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store.engine import write
from notifications import links
from tests.web.conftest import Visited
from tests.web.pages.conftest import counted

TODAY = date(2026, 9, 7)


def behind(visited: Visited, person: Person, *names: str) -> list[StoredNudge]:
    """Customers at which this person's contacts lag behind."""
    world = visited.world
    for name in names:
        account = world.account(name, person)
        place = world.place(f"Knut {name}", account, 8)
        world.target(person, place, 12)
        world.meet(date(2026, 1, 12), person, place)
    world.night("contact_shortfall", TODAY)
    return [each for each in world.nudges() if each.owner_id == person.id]


def change(visited: Visited, nudge: StoredNudge, **values: object) -> None:
    with write(visited.world.engine) as session:
        session.get_one(StoredNudge, nudge.id).sqlmodel_update(values)


def test_the_list_says_what_the_mail_says_and_leads_to_what_can_be_done(visited: Visited) -> None:
    witt = visited.world.person("Witt", language="en")
    (nudge,) = behind(visited, witt, "Muster AG")
    text = visited.signed_in(witt).get("/").text

    assert "Muster AG" in text
    assert "Knut Muster AG" in text
    assert f'href="/n/{nudge.id}?do=contact"' in text


def test_nobody_sees_what_is_open_for_somebody_else(visited: Visited) -> None:
    witt, kruse = visited.world.person("Witt"), visited.world.person("Kruse", "head")
    behind(visited, witt, "Muster AG")

    assert "Muster AG" not in visited.signed_in(kruse).get("/").text


def test_what_was_put_off_or_handed_over_stands_apart(visited: Visited) -> None:
    witt, kruse = visited.world.person("Witt", language="en"), visited.world.person("Kruse", language="en")
    off, given = behind(visited, witt, "Muster AG", "Beispiel GmbH")
    change(visited, off, snoozed_until=date(2026, 9, 20))
    change(visited, given, assignee_id=kruse.id)
    own, theirs = (visited.signed_in(each).get("/").text for each in (witt, kruse))

    assert "silent until 20 September" in own
    assert "with Kruse" in own
    assert f'id="n{given.id}"' in theirs
    assert f'id="n{off.id}"' not in theirs


def test_a_button_leads_to_the_nudge_s_own_page_and_for_others_nowhere(visited: Visited) -> None:
    witt, kruse = visited.world.person("Witt"), visited.world.person("Kruse")
    (nudge,) = behind(visited, witt, "Muster AG")
    went = visited.signed_in(witt).get(f"/n/{nudge.id}?do=contact").headers["location"]
    token = went.removeprefix("/a/").partition("?")[0]
    said = links.opened(links.secret(visited.settings), "nudge", token, visited.now)

    assert went.endswith("?do=contact")
    assert (said.person, said.about) == (witt.id, nudge.id)
    assert visited.signed_in(kruse).get(f"/n/{nudge.id}").status_code == 403
    assert visited.signed_in(witt).get("/n/999").status_code == 403
    assert visited.signed_in(witt).get(f"/n/{nudge.id}?do=https://evil").headers["location"] == f"/a/{token}"


@pytest.mark.parametrize("role", ["kam", "specialist", "operations", "sponsor"])
def test_an_empty_list_says_so(visited: Visited, role: str) -> None:
    person = visited.world.person("Witt", role, language="en")

    assert "Nothing is open" in visited.signed_in(person).get("/list").text


def test_a_longer_list_asks_no_more_questions(visited: Visited) -> None:
    witt, seen = visited.world.person("Witt"), []
    for more in (5, 55):
        behind(visited, witt, *(f"Customer {more} {number}" for number in range(more)))
        browser = visited.signed_in(witt)
        with counted(visited.world.engine) as statements:
            text = browser.get("/").text
        seen.append(len(statements))

    assert text.count('<article class="card item"') == 60
    assert seen[0] == seen[1]
    assert seen[1] <= 20, statements


def test_operations_are_shown_no_way_to_pages_that_refuse_them(visited: Visited) -> None:
    hansen = visited.world.person("Hansen", "operations")
    text = visited.signed_in(hansen).get("/").text

    assert 'href="/plans"' not in text
    assert 'href="/accounts"' not in text
