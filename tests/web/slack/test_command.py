"""`/kam` and the Home tab: one's own list and nobody else's."""

from datetime import date

import pytest

from kamflow.demo.slack.blocks import problems
from kamflow.demo.slack.workspace import SlackUser
from kamflow.models.account import Team
from notifications.render.slack_said import as_text
from tests.meeting_rows import meeting, talk
from tests.web.slack.conftest import Office, run, user


def said(whisper: object) -> str:
    return as_text(whisper.blocks)


def test_the_list_shows_what_is_open_with_its_buttons_and_changes_in_place(office: Office):
    me = office.person("Adler")
    nudge, other = office.minutes(me), office.minutes(me)
    office.minutes(office.kruse)
    answer = office.kam(me)
    assert said(answer).startswith("2 Themen sind offen.")
    assert f"#{nudge.id}" in said(answer)

    office.click(answer, "done", me)
    run(office.server.until(lambda: "Ein Thema" in said(answer)))

    assert said(answer).startswith("Erledigt von Adler, 7. September 08:30\nEin Thema ist offen.")
    assert f"#{other.id}" in said(answer)


def test_a_menu_of_the_list_opens_what_needs_a_word_more(office: Office):
    me = office.person("Bader")
    nudge = office.minutes(me)
    answer = office.kam(me, "liste")

    office.click(answer, "menu", me, f"snooze:{nudge.id}")
    run(office.server.submit(office.modal(me), {"day": "2026-09-15"}))
    run(office.server.until(lambda: office.server.whispers[-1].text.startswith("Zurückgestellt")))

    assert office.now_is(nudge).snoozed_until == date(2026, 9, 15)


@pytest.mark.parametrize(("when", "until"), [("14.9.", date(2026, 9, 14)), ("+3", date(2026, 9, 10))])
def test_snooze_takes_a_day_or_working_days(office: Office, when: str, until: date):
    nudge = office.minutes()

    answer = office.kam(office.witt, f"snooze {nudge.id} {when}")

    assert answer.text.startswith(f"Nr. {nudge.id} kommt am")
    assert office.now_is(nudge).snoozed_until == until


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("snooze {theirs} 14.9.", "Diese Nummer steht nicht auf der eigenen Liste."),
        ("warum {theirs}", "Diese Nummer steht nicht auf der eigenen Liste."),
        ("snooze 99999999 14.9.", "Diese Nummer steht nicht auf der eigenen Liste."),
        ("snooze x", "Diese Nummer steht nicht auf der eigenen Liste."),
        ("snooze {mine} 03/04", "Der Tag war nicht zu lesen."),
        ("snooze {mine} gestern", "Der Tag war nicht zu lesen."),
        ("snooze {mine} 2026-09-01", "Bitte einen künftigen Tag wählen."),
        ("briefing Nirgendwo", "Unter den eigenen Accounts gibt es diesen nicht."),
        ("tanzen", "Das war nicht zu verstehen. Möglich ist:"),
    ],
)
def test_what_cannot_be_done_is_answered_in_words(office: Office, text: str, answer: str):
    mine, theirs = office.minutes(), office.minutes(office.kruse)

    said = office.kam(office.witt, text.format(mine=mine.id, theirs=theirs.id)).text

    assert said.startswith(answer)
    assert office.now_is(mine).snoozed_until is office.now_is(theirs).snoozed_until is None


def test_why_names_the_rule_and_the_figures(office: Office):
    nudge = office.behind("Knut")

    text = said(office.kam(office.witt, f"warum {nudge.id}"))

    assert "Regel: Kontakte" in text
    assert "spätester Beginn" in text or "gleichmäßigen Tempo" in text


def test_a_briefing_is_for_those_who_may_look_into_the_account(office: Office):
    account = office.account()

    mine = office.kam(office.witt, f"briefing {account.name}").text
    theirs = office.kam(office.kruse, f"briefing {account.name}").text

    assert mine == "Es ist kein Jahresgespräch vereinbart, daher gibt es noch kein Briefing."
    assert theirs == "There is no such customer among yours."


def test_a_briefing_is_read_by_the_team_and_the_sponsor_as_it_is_now(office: Office):
    account, sponsor = office.account(), office.person("Graf", "sponsor")
    knut = office.world.place("Knut", account, 9, position="Einkäufer")
    office.world.add(Team(person_id=sponsor.id, account_id=account.id, role="sponsor"))
    talk(office.world, meeting(office.world, account), date(2026, 11, 12), [sponsor, knut])

    for reader in (office.witt, sponsor, office.albers):
        answer = office.kam(reader, f"briefing {account.key}")
        assert f"Briefing für den 12. November, nicht geprüft: {account.name}" in answer.text
        assert "Knut" in said(answer)
        assert problems(answer.blocks) == []
    assert office.kam(office.kruse, f"briefing {account.key}").text.startswith("There is no such customer")


def test_somebody_unknown_is_told_how_to_become_known(office: Office):
    office.server.workspace.users["UGHOST"] = SlackUser("UGHOST", "ghost@example.com", "Ghost")
    nudge = office.minutes()
    post, before = office.told(office.witt, nudge), len(office.server.whispers)

    text = office.kam("UGHOST").text
    office.click(post, "done", "UGHOST")

    assert text.startswith("kamflow kennt dieses Slack-Konto nicht")
    assert office.now_is(nudge).closed_at is None
    run(office.server.until(lambda: len(office.server.whispers) == before + 2))


def test_who_has_left_is_nobody_any_more(office: Office):
    gone = office.person("Gestern", left_on=date(2026, 8, 31))

    assert office.kam(gone).text.startswith("kamflow kennt dieses Slack-Konto nicht")


def test_the_home_tab_shows_ones_list_and_follows_what_is_clicked(office: Office):
    me = office.person("Cramer")
    nudge = office.minutes(me)
    homes = office.server.workspace.views.homes
    run(office.server.open_home(user(me)))
    home = run(office.server.until(lambda: homes.get(user(me))))
    assert "Ein Thema ist offen." in as_text(home.blocks)

    office.click(home, "done", me)
    run(office.server.until(lambda: "Nichts ist offen." in as_text(home.blocks)))

    assert "Erledigt von Cramer" in as_text(home.blocks)
    assert office.now_is(nudge).closed_as == "done"
