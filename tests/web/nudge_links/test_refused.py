"""Links that are forged, altered, expired, revoked or of another purpose: refused, and nothing changes."""

from datetime import date, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from notifications import links
from notifications.links import Signed
from tests.web.nudge_links.conftest import Linked

ACTS = ("done", "snooze", "hand-over", "contact", "book", "too-much")


def tried(linked: Linked, path: str) -> set[int]:
    """The answers to a look and to every form."""
    browser = linked.visited.inside()
    fields = {"until": "2026-09-08", "to": linked.id("kruse")}
    return {
        browser.get(path).status_code,
        *(browser.post(f"{path}/{act}", fields).status_code for act in ACTS),
    }


def other_secret(linked: Linked, said: Signed) -> str:
    return f"/a/{links.signed('another secret', 'nudge', said)}"


@pytest.mark.parametrize("purpose", ["document", "feed", "sign-in"])
def test_a_token_for_something_else_opens_nothing(linked: Linked, purpose: Any) -> None:
    nudge = linked.nudge()
    said = Signed(linked.id("witt"), nudge.id or 0, linked.visited.now + timedelta(days=3))
    before = linked.dump()

    token = links.signed(links.secret(linked.visited.settings), purpose, said)
    assert tried(linked, f"/a/{token}") == {404}
    assert linked.dump() == before


def test_forged_and_altered_tokens_open_nothing_and_have_to_wait(linked: Linked) -> None:
    nudge = linked.nudge()
    good = linked.link(nudge)
    forged = other_secret(linked, Signed(linked.id("witt"), nudge.id or 0, linked.visited.now + timedelta(1)))
    altered = good[:5] + ("A" if good[5] != "A" else "B") + good[6:]
    before = linked.dump()

    with capture_logs() as logged:
        assert tried(linked, forged) == {404}
        assert tried(linked, altered) == {404}
        assert tried(linked, good[:-4]) == {404, 429}
    assert linked.visited.inside().get(good).status_code == 200, "a right one is let in all the same"
    assert linked.dump() == before
    said = [entry for entry in logged if entry["event"] == "link.refused"]
    assert len(said) > 20
    assert all(set(entry) <= {"event", "log_level", "purpose", "reason"} for entry in said)


@pytest.mark.parametrize("change", ["expired", "left", "revoked"])
def test_what_is_over_is_said_to_be_over(linked: Linked, change: str) -> None:
    nudge, witt = linked.nudge(), linked.people["witt"]
    path = linked.link(nudge, days=-1 if change == "expired" else 30)
    row = linked.visited.world.one(type(witt), witt.id or 0)
    if change == "left":
        row.left_on = date(2026, 9, 1)
    if change == "revoked":
        row.links_version = 2
    linked.visited.world.add(row)
    before = linked.dump()

    assert tried(linked, path) == {410}
    assert linked.dump() == before


def test_a_person_whose_it_is_not_reads_and_does_nothing(linked: Linked) -> None:
    path, before = linked.link(linked.nudge(), "berg"), linked.dump()

    browser = linked.visited.inside()
    assert "Muster AG" not in browser.get(path).text
    assert tried(linked, path) == {403}
    assert linked.dump() == before


def test_a_closed_nudge_says_how_it_was_closed(linked: Linked) -> None:
    nudge = linked.nudge(closed_on=date(2026, 9, 4), closed_at=linked.visited.now, closed_as="lapsed")
    path, before = linked.link(nudge), linked.dump()

    assert "Zeitraum ist vorbei" in linked.visited.inside().get(path).text
    assert tried(linked, path) == {200, 303}
    assert linked.dump() == before


def test_a_replayed_form_of_another_site_is_refused(linked: Linked) -> None:
    path, before = linked.link(linked.nudge()), linked.dump()

    answer = linked.visited.inside().post(f"{path}/done", {}, {"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert linked.dump() == before
