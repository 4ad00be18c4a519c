from datetime import date

import pytest
from sqlalchemy import or_
from sqlmodel import col, select

from kamflow.models.contact import Contact
from kamflow.models.controlling import StoredScorecard
from kamflow.models.nudge import StoredNudge
from kamflow.store import lookup
from kamflow.store.engine import read
from tests.demo.played import Played, nudges, of_kind

SEVEN = {
    "annual_meeting",
    "contact_shortfall",
    "department_requests",
    "measure_followup",
    "plan_creation",
    "quarterly_controlling",
    "survey_dispatch",
}


@pytest.mark.slow
def test_each_of_the_seven_rules_speaks(weeks: Played) -> None:
    with read(weeks[0].home.engine) as session:
        assert set(session.exec(select(StoredNudge.rule))) >= SEVEN


@pytest.mark.slow
def test_the_quarter_shows_every_light(weeks: Played) -> None:
    with read(weeks[0].home.engine) as session:
        lights = set(session.exec(select(StoredScorecard.light)))

    assert lights >= {"green", "amber", "red", "none"}


@pytest.mark.slow
def test_missing_revenue_is_asked_for_until_it_comes(weeks: Played) -> None:
    assert [n.closed_as for n in nudges(weeks[0], "K012", "no_data")] == ["done"]


@pytest.mark.slow
def test_a_released_briefing_reaches_sponsor_attendee_and_assistant(weeks: Played) -> None:
    for key in ("kruse", "lech", "zoellner"):
        paper = of_kind(weeks[2], key, "document")[-1]
        assert paper.at.date() == date(2026, 9, 24)
        assert "Wen Sie treffen" in paper.text

    assert of_kind(weeks[2], "zoellner", "document")[-1].copy == "Dr. Sabine Kruse"


@pytest.mark.slow
def test_a_moved_meeting_is_said_once_with_what_it_means(weeks: Played) -> None:
    said = [m for m in of_kind(weeks[2], "hollerbach", "document") if "8. Oktober" in m.subject]
    entries = of_kind(weeks[2], "petzold", "calendar")

    assert said[0].at.date() == date(2026, 9, 17)
    assert len([m for m in said if "jetzt" in m.subject]) == 1
    assert [m.at.date() for m in entries] == [date(2026, 9, 7), date(2026, 9, 17)]


@pytest.mark.slow
def test_an_unhappy_customer_is_told_at_once_and_settled_by_a_call(weeks: Played) -> None:
    urgent = [m for m in of_kind(weeks[2], "witt", "nudges") if m.occasion == "now"]

    assert [(m.at.date(), [line.fate for line in m.lines]) for m in urgent] == [(date(2026, 9, 17), ["word"])]


@pytest.mark.slow
def test_only_those_are_asked_who_may_be(weeks: Played) -> None:
    stage, diary, show = weeks
    asked = {each.key for each in show.readers if each.role == "contact"}
    with read(stage.home.engine) as session:
        known = dict(session.exec(select(Contact.key, Contact.survey_consent)).all())
        struck = [lookup.contact(session, key).id for key in asked]

    assert {key.partition("-")[0] for key in asked} == {"K007", "K009"}
    assert {known[key] for key in asked} <= {"given", "relationship"}
    assert not [act for act in diary.acts if act.what == "struck" and act.contacts[0] in struck]


@pytest.mark.slow
def test_a_paused_account_is_left_alone(weeks: Played) -> None:
    stage, diary, _ = weeks
    account = next(act.account for act in diary.acts if act.what == "paused")
    with read(stage.home.engine) as session:
        ended = session.exec(
            select(StoredNudge.closed_as)
            .where(col(StoredNudge.account_id) == account)
            .where(or_(col(StoredNudge.closed_on).is_(None), col(StoredNudge.closed_on) > date(2026, 9, 18)))
        ).all()

    assert set(ended) == {"paused"}
