"""The page of a nudge: a look changes nothing, a form does one thing, the second time says so."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.models.contact import ContactTarget
from kamflow.models.event import Event
from kamflow.models.interaction import Interaction
from kamflow.models.plan import Measure
from kamflow.models.survey import SurveyInvitation
from kamflow.store import engine as db
from tests.web.nudge_links.conftest import Linked


def send(linked: Linked, path: str, act: str, **fields: Any) -> Any:
    """Send a form, and follow to the page that says what happened."""
    browser = linked.visited.inside()
    answer = browser.post(f"{path}/{act}", fields)
    assert not browser.cookies
    return browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


def a_call(linked: Linked) -> dict[str, Any]:
    """Witt called Paul on Friday."""
    who = {"contact": linked.paul.contact_id, "person": linked.id("witt")}
    return who | {"day": "2026-09-04", "kind": "call"}


def rows(linked: Linked, table: Any) -> list[Any]:
    with db.read(linked.visited.world.engine) as session:
        return list(session.execute(select(table).order_by(col(table.id))).scalars())


def test_a_look_shows_what_it_is_about_and_changes_nothing(linked: Linked) -> None:
    path = linked.link(linked.nudge())
    browser, before = linked.visited.inside(), linked.dump()

    assert "Muster AG" in browser.get(path).text
    for _ in range(5):
        answers = browser.get(f"{path}?do=done&said=done"), browser.head(path)
        assert [each.status_code for each in answers] == [200, 200]
    assert linked.dump() == before
    assert not browser.cookies


def test_done_closes_what_a_word_closes_and_says_so_the_second_time(linked: Linked) -> None:
    nudge = linked.nudge("annual_meeting", "minutes", closes_by="word")
    path = linked.link(nudge)

    assert "Erledigt." in send(linked, path, "done").text
    assert linked.row(nudge).closed_as == "done"
    after = linked.dump()
    again = send(linked, path, "done").text
    assert "war schon erledigt" in again
    assert "Witt hat am 7. September 2026" in again
    assert linked.dump() == after


def test_done_silences_what_facts_close(linked: Linked) -> None:
    nudge = linked.nudge()
    shown = send(linked, linked.link(nudge), "done").text

    assert linked.row(nudge).quiet_until == date(2026, 9, 14)
    assert "still bis Montag, 14. September 2026" in shown


def test_done_about_a_measure_is_the_measure_s(linked: Linked) -> None:
    measure = linked.visited.world.measure(linked.account, date(2026, 9, 14))
    facts = {"measure": measure.id, "side": "ours", "owner": None, "kam": linked.id("witt")}
    facts |= {"due": "2026-09-14", "moved": False}
    why = {"threshold": "soon", "days": 5, "closes": "done_or_moved", "next": "head", "next_after": 10}
    nudge = linked.nudge("measure_followup", "followup", stage="soon", facts=facts, why=why)
    path = linked.link(nudge)

    assert "Erledigt." in send(linked, path, "done").text
    assert rows(linked, Measure)[0].done_on == date(2026, 9, 7)
    assert "war schon erledigt" in send(linked, path, "done").text


def test_snooze_takes_a_day_that_is_offered_and_no_other(linked: Linked) -> None:
    nudge = linked.nudge()
    path = linked.link(nudge)

    assert 'value="2026-09-08" min="2026-09-08" max="2026-09-28"' in linked.visited.inside().get(path).text
    for wrong in ("2026-09-07", "2026-09-29", "tomorrow", ""):
        assert send(linked, path, "snooze", until=wrong).status_code == 422
    assert linked.row(nudge).snoozed_until is None
    assert "Zurückgestellt." in send(linked, path, "snooze", until="2026-09-21").text
    assert linked.row(nudge).snoozed_until == date(2026, 9, 21)


def test_what_is_overdue_for_long_cannot_be_put_off(linked: Linked) -> None:
    path = linked.link(linked.nudge(due_on=date(2026, 8, 3)))

    assert "nicht mehr zurückstellen" in linked.visited.inside().get(path).text
    assert send(linked, path, "snooze", until="2026-09-08").status_code == 422


def test_handing_over_is_to_somebody_offered(linked: Linked) -> None:
    nudge = linked.nudge()
    path = linked.link(nudge)

    assert send(linked, path, "hand-over", to=linked.id("berg")).status_code == 422
    assert "Übergeben" in send(linked, path, "hand-over", to=linked.id("kruse")).text
    assert linked.row(nudge).assignee_id == linked.id("kruse")


def test_a_contact_is_logged_in_three_fields(linked: Linked) -> None:
    nudge = linked.shortfall()
    path = linked.link(nudge)
    given = {
        "contact": linked.paul.contact_id,
        "day": "2026-09-04",
        "kind": "call",
        "person": linked.id("witt"),
    }

    assert "eingetragen" in send(linked, path, "contact", **given).text
    assert "war schon bekannt" in send(linked, path, "contact", **given).text
    (met,) = rows(linked, Interaction)
    assert (met.day, met.kind, met.state, met.source) == (date(2026, 9, 4), "call", "held", "kamflow")
    with db.read(linked.visited.world.engine) as session:
        event = session.execute(select(Event).where(col(Event.name) == "interaction.held")).scalar_one()
    assert (event.via, event.actor_id) == ("link", linked.id("witt"))


@pytest.mark.parametrize(
    "change",
    [{"contact": "999"}, {"person": "999"}, {"day": "2026-09-08"}, {"kind": "lunch"}, {"day": "2027-02-30"}],
)
def test_a_contact_that_cannot_be_is_refused(linked: Linked, change: dict[str, str]) -> None:
    path, before = linked.link(linked.shortfall()), linked.dump
    given = {
        "contact": linked.paul.contact_id,
        "day": "2026-09-04",
        "kind": "call",
        "person": linked.id("witt"),
    }
    kept = before()

    assert send(linked, path, "contact", **(given | change)).status_code == 422
    assert before() == kept


def test_a_date_to_come_is_booked(linked: Linked) -> None:
    path = linked.link(linked.shortfall())
    given = {"contact": linked.knut.contact_id, "kind": "visit", "person": linked.id("witt")}

    assert send(linked, path, "book", day="2026-09-07", **given).status_code == 422
    assert "Termin ist eingetragen" in send(linked, path, "book", day="2026-10-01", **given).text
    assert rows(linked, Interaction)[0].state == "booked"


def test_plan_says_too_much_lowers_the_target(linked: Linked) -> None:
    path = linked.link(linked.shortfall())
    given = {f"soll-{linked.targets[0].id}": "3", f"soll-{linked.targets[1].id}": "1"}

    assert "Zahlen sind geändert" in send(linked, path, "too-much", **given).text
    assert "Keine Zahl" in send(linked, path, "too-much", **given).text
    assert [each.soll for each in rows(linked, ContactTarget)] == [3, 1]
    assert (
        send(linked, path, "too-much", **(given | {f"soll-{linked.targets[0].id}": "-1"})).status_code == 422
    )


def test_a_shortfall_has_no_done_and_is_not_handed_over(linked: Linked) -> None:
    path, before = linked.link(linked.shortfall()), linked.dump()

    assert [send(linked, path, act).status_code for act in ("done", "hand-over")] == [422, 422]
    assert linked.visited.inside().post(f"{path}/erase", {}).status_code == 404
    assert linked.dump() == [*before]


def test_a_name_is_struck_from_a_survey_s_list_with_a_reason(linked: Linked) -> None:
    path, paul = linked.link(linked.survey_list()), linked.paul.contact_id

    assert "Namen streichen" in linked.visited.inside().get(f"{path}?do=strike").text
    assert send(linked, path, "strike", contact=paul, reason=" ").status_code == 422
    assert send(linked, path, "strike", contact=99, reason="neu").status_code == 422
    assert "Gestrichen." in send(linked, path, "strike", contact=paul, reason="neu im Amt").text
    again = send(linked, path, "strike", contact=paul, reason="neu im Amt").text
    assert "war schon erledigt" in again
    assert f'id="strike-{paul}"' not in again
    struck = [(row.contact_id, row.struck_reason) for row in rows(linked, SurveyInvitation)]
    assert struck == [(paul, "neu im Amt"), (linked.knut.contact_id, None)]


def test_a_deputy_logs_what_is_missing_of_who_they_stand_in_for(linked: Linked) -> None:
    path = linked.link(linked.shortfall(), "kruse")
    who = {"contact": linked.paul.contact_id, "person": linked.id("witt")}

    assert f'name="person" value="{linked.id("witt")}" checked' in linked.visited.inside().get(path).text
    assert "eingetragen" in send(linked, path, "contact", **who, day="2026-09-04", kind="call").text
    assert len(rows(linked, Interaction)) == 1


def test_a_deputy_acts_by_a_link_of_their_own(linked: Linked) -> None:
    nudge = linked.nudge("annual_meeting", "minutes", closes_by="word")

    assert "Erledigt." in send(linked, linked.link(nudge, "kruse"), "done").text
    assert "Kruse hat am" in linked.visited.inside().get(linked.link(nudge)).text


def test_a_head_acts_only_where_nobody_else_is_there_for_it(linked: Linked) -> None:
    nudge, world = linked.nudge(), linked.visited.world
    path = linked.link(nudge, "albers")
    answers = [linked.visited.inside().get(path).status_code]
    for name in ("witt", "kruse"):
        world.absent(linked.people[name], date(2026, 9, 1), date(2026, 9, 30))
        answers.append(linked.visited.inside().get(path).status_code)

    assert answers == [403, 403, 200]
    assert "Zurückgestellt." in send(linked, path, "snooze", until="2026-09-14").text


def test_in_a_test_run_the_page_shows_and_changes_nothing(linked: Linked) -> None:
    path, before = linked.link(linked.nudge(), version=0), linked.dump
    kept = before()

    assert "Testbetrieb" in send(linked, path, "done").text
    assert before() == kept
