"""Three weeks of forty customers: each rule speaks, every scene is played, nothing is left or doubled."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import or_
from sqlmodel import col, select

from kamflow.models.contact import Contact
from kamflow.models.controlling import StoredScorecard
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.nudge import StoredNudge
from kamflow.store import lookup
from kamflow.store.engine import read
from tests.demo.played import Played, nudges, of_kind, sent_twice

pytestmark = pytest.mark.slow

SEVEN = {
    "annual_meeting",
    "contact_shortfall",
    "department_requests",
    "measure_followup",
    "plan_creation",
    "quarterly_controlling",
    "survey_dispatch",
}


def test_each_of_the_seven_rules_speaks(weeks: Played) -> None:
    with read(weeks[0].home.engine) as session:
        assert set(session.exec(select(StoredNudge.rule))) >= SEVEN


def test_the_quarter_shows_every_light(weeks: Played) -> None:
    with read(weeks[0].home.engine) as session:
        lights = set(session.exec(select(StoredScorecard.light)))

    assert lights >= {"green", "amber", "red", "none"}


def test_missing_revenue_is_asked_for_until_it_comes(weeks: Played) -> None:
    assert [n.closed_as for n in nudges(weeks[0], "K012", "no_data")] == ["done"]


def test_a_released_briefing_reaches_sponsor_attendee_and_assistant(weeks: Played) -> None:
    for key in ("kruse", "lech", "zoellner"):
        paper = of_kind(weeks[2], key, "document")[-1]
        assert paper.at.date() == date(2026, 9, 24)
        assert "Wen Sie treffen" in paper.text

    assert of_kind(weeks[2], "zoellner", "document")[-1].copy == "Dr. Sabine Kruse"


def test_a_moved_meeting_is_said_once_with_what_it_means(weeks: Played) -> None:
    said = [m for m in of_kind(weeks[2], "hollerbach", "document") if "8. Oktober" in m.subject]
    entries = of_kind(weeks[2], "petzold", "calendar")

    assert said[0].at.date() == date(2026, 9, 17)
    assert len([m for m in said if "jetzt" in m.subject]) == 1
    assert [m.at.date() for m in entries] == [date(2026, 9, 7), date(2026, 9, 17)]


def test_an_unhappy_customer_is_told_at_once_and_settled_by_a_call(weeks: Played) -> None:
    urgent = [m for m in of_kind(weeks[2], "witt", "nudges") if m.occasion == "now"]

    assert [(m.at.date(), [line.fate for line in m.lines]) for m in urgent] == [(date(2026, 9, 17), ["word"])]


def test_only_those_are_asked_who_may_be(weeks: Played) -> None:
    stage, diary, show = weeks
    asked = {each.key for each in show.readers if each.role == "contact"}
    with read(stage.home.engine) as session:
        known = dict(session.exec(select(Contact.key, Contact.survey_consent)).all())
        struck = [lookup.contact(session, key).id for key in asked]

    assert {key.partition("-")[0] for key in asked} == {"K007", "K009"}
    assert {known[key] for key in asked} <= {"given", "relationship"}
    assert not [act for act in diary.acts if act.what == "struck" and act.contacts[0] in struck]


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


def test_the_figures_are_those_of_the_database(weeks: Played) -> None:
    stage, diary, _ = weeks
    with read(stage.home.engine) as session:
        closed = [row.closed_at is not None for row in session.exec(select(StoredNudge))]

    assert diary.total("opened") == len(closed)
    assert diary.total("closed") == sum(closed)


def test_three_weeks_end_with_nothing_left_to_send(weeks: Played) -> None:
    stage, diary, _ = weeks

    assert diary.again == (0, 0)
    assert diary.total("failed") == 0
    assert not sent_twice(stage)
    assert diary.total("opened") > diary.total("closed") > 20


def test_nobody_gets_more_than_one_list_a_day(weeks: Played) -> None:
    for each in weeks[2].readers:
        lists = (m for m in each.received if m.kind == "nudges" and m.occasion != "now")
        days = Counter(message.at.date() for message in lists)
        assert not [day for day, count in days.items() if count > 1], each.key


def test_who_is_away_gets_nothing_and_one_list_on_the_second_day_back(weeks: Played) -> None:
    around = [m for m in of_kind(weeks[2], "prigge", "nudges") if 10 <= m.at.day <= 17]

    assert [(m.at.day, m.occasion) for m in around] == [(17, "return")]


def test_every_scene_is_played(weeks: Played) -> None:
    acts = {act.what for act in weeks[1].acts}

    assert acts == {
        "held",
        "booked",
        "cancelled",
        "snoozed",
        "handed over",
        "done",
        "filled",
        "submitted",
        "approved",
        "returned",
        "absent",
        "calendar",
        "measure done",
        "measure moved",
        "delivered",
        "refused",
        "commented",
        "revenue",
        "accepted",
        "paused",
        "meeting booked",
        "meeting moved",
        "noted",
        "released",
        "struck",
        "answered",
    }


def test_a_contact_known_from_a_calendar_counts(weeks: Played) -> None:
    stage = weeks[0]
    with read(stage.home.engine) as session:
        found = session.exec(
            select(Encounter)
            .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
            .where(col(Interaction.source) == "calendar", col(Interaction.state) == "held")
        ).all()

    assert {pair.person_id for pair in found} == {stage.people["witt"]}
    assert len(found) == 2
