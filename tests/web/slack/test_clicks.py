"""Buttons and date pickers of a post, over Socket Mode."""

import copy
from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.models.event import Event
from kamflow.models.interaction import Encounter, Interaction
from kamflow.store import engine as db
from notifications.render.slack_actions import rows_in
from notifications.render.slack_said import as_text
from tests.web.slack.conftest import TODAY, Office, run


def events(office: Office, nudge: int | None) -> list[tuple[str, str | None]]:
    with db.read(office.world.engine) as session:
        rows = session.execute(select(Event).order_by(col(Event.id))).scalars()
        return [(each.name, each.via) for each in rows if (each.payload or {}).get("nudge") == nudge]


def test_done_closes_the_nudge_and_says_who_and_when_in_its_place(office: Office):
    nudge, other = office.minutes(), office.minutes()
    post = office.told(office.witt, nudge, other)

    office.click(post, "done", office.witt)

    assert "✓ Erledigt von Witt, 7. September 08:30" in office.changed(post)
    assert list(rows_in(post.blocks)) == [other.id]
    assert office.now_is(nudge).closed_as == "done"
    assert events(office, nudge.id) == [("nudge.done", "slack"), ("nudge.closed", "slack")]


def test_what_facts_close_is_only_silenced_and_the_line_says_so(office: Office):
    nudge = office.minutes(office.kruse, closes_by="facts")
    post = office.told(office.kruse, nudge)

    office.click(post, "done", office.kruse)

    assert "comes back on 14 September" in office.changed(post)
    assert office.now_is(nudge).quiet_until == date(2026, 9, 14)


def test_the_date_picker_puts_off(office: Office):
    nudge = office.minutes()
    post = office.told(office.witt, nudge)

    office.click(post, "snooze", office.witt, "2026-09-18")

    assert "Zurückgestellt bis 18. September von Witt" in office.changed(post)
    assert office.now_is(nudge).snoozed_until == date(2026, 9, 18)


def test_a_day_too_late_is_refused_in_words_and_the_row_stays(office: Office):
    nudge = office.minutes()
    post, before = office.told(office.witt, nudge), len(office.server.whispers)

    office.click(post, "snooze", office.witt, "2027-01-04")

    assert office.whispered(before) == "Zurückstellen geht bis spätestens 25. September."
    assert office.now_is(nudge).snoozed_until is None
    assert not post.edited


def test_a_contact_is_logged_with_one_click(office: Office):
    nudge = office.behind("Knut")
    post = office.told(office.witt, nudge)

    office.click(post, "contact", office.witt)

    assert "✓ Kontakt eingetragen von Witt" in office.changed(post)
    assert met(office, nudge.account_id or 0) == [(TODAY, "held", office.witt.id)]


def met(office: Office, account: int) -> list[tuple[date, str, int]]:
    """What was logged at an account by kamflow itself."""
    with db.read(office.world.engine) as session:
        rows = session.execute(
            select(col(Interaction.day), col(Interaction.state), col(Encounter.person_id))
            .join(Encounter, col(Encounter.interaction_id) == col(Interaction.id))
            .where(col(Interaction.account_id) == account, col(Interaction.source) == "kamflow")
        )
        return [(day, state, person) for day, state, person in rows]


def test_two_clicks_at_once_do_it_once_and_the_second_is_told(office: Office):
    nudge = office.behind("Paul")
    post = office.told(office.witt, nudge)
    stale, before = copy.deepcopy(post), len(office.server.whispers)

    office.click(post, "contact", office.witt)
    office.changed(post)
    office.click(stale, "contact", office.witt)

    assert office.whispered(before) == "Das ist schon erledigt."
    assert len(met(office, nudge.account_id or 0)) == 1
    assert as_text(post.blocks).count("Kontakt eingetragen") == 1


def test_a_click_that_slack_tells_again_is_acknowledged_and_does_nothing(office: Office):
    nudge, next_one = office.minutes(), office.minutes()
    post, other = office.told(office.witt, nudge), office.told(office.witt, next_one)
    before = len(office.server.whispers)
    office.click(post, "done", office.witt)
    office.changed(post)

    run(office.server.told_again())
    office.click(other, "done", office.witt)
    office.changed(other)

    assert len(events(office, nudge.id)) == 2
    assert office.server.whispers[before:] == []


@pytest.mark.parametrize(("act", "chosen"), [("done", None), ("snooze", "2026-09-18"), ("hand_over", None)])
def test_somebody_elses_nudge_stays_as_it_is(
    office: Office, act: str, chosen: str | None, capfd: pytest.CaptureFixture[str]
):
    nudge = office.minutes(office.kruse)
    post, before = office.told(office.kruse, nudge), len(office.server.whispers)

    office.click(post, act, office.witt, chosen)

    assert office.whispered(before) == "Das gehört jemand anderem. Es wurde nichts geändert."
    assert office.now_is(nudge).model_dump() == nudge.model_dump()
    assert not post.edited
    assert "slack.not_allowed" in capfd.readouterr().out


def test_a_deputy_acts_from_their_own_post(office: Office):
    deputy = office.person("Dorn")
    away = office.person("Ebert", deputy_id=deputy.id)
    nudge = office.minutes(away)
    post = office.told(away, nudge)

    office.click(post, "done", deputy)

    assert "Erledigt von Dorn" in office.changed(post)
    assert office.now_is(nudge).closed_as == "done"


def test_who_is_known_by_another_address_is_known_by_their_id(office: Office):
    me = office.person("Fink", slack_id="UFINK", email="fink@elsewhere.example.com")
    post = office.told(me, nudge := office.minutes(me))

    office.click(post, "done", me)

    assert "Erledigt von Fink" in office.changed(post)
    assert office.now_is(nudge).closed_as == "done"
    assert ("users.info", {"user": "UFINK"}) not in office.server.calls


def test_a_button_that_only_leads_somewhere_is_acknowledged_and_nothing_else(office: Office):
    nudge = office.minutes()
    post = office.told(office.witt, nudge)
    lead = {"type": "button", "action_id": "kamflow:crm", "text": {"type": "plain_text", "text": "CRM"}}
    post.blocks.append({"type": "actions", "elements": [lead | {"value": "1", "url": "https://crm.example"}]})
    calls = len(office.server.calls)

    office.click(post, "crm", office.witt)

    assert office.server.calls[calls:] == []
    assert not post.edited
