"""Facts go in, people are told, and a reminder closes itself when the work is done."""

from datetime import date, time

import pytest

from tests.end_to_end.conftest import Stage

# What is looked at again before it is sent is tried on both in tests/notifications/test_deliver*.py.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_one_planned_meeting_with_a_board_member_is_told_in_good_time_and_closes_by_itself(
    stage: Stage,
) -> None:
    world = stage.world
    kruse = world.person("Kruse", "sponsor", level="board", digest="daily")
    muster = world.account("Muster AG", world.person("Witt"))
    knut = world.place("Knut", muster, 5)
    world.target(kruse, knut, 1)
    world.meet(date(2025, 3, 12), kruse, knut)

    stage.days(date(2026, 10, 5), date(2026, 10, 8))
    [mail] = stage.mails(kruse)
    told = date(2026, 10, 6)  # 63 common working days from 1 October on, 60 from 6 October on
    assert mail["Date"].datetime.date() == world.nudges()[0].since == told
    assert "Muster AG" in mail["Subject"]
    assert "Knut" in mail.get_body(("plain",)).get_content()

    world.meet(date(2026, 10, 8), kruse, knut)
    stage.days(date(2026, 10, 9), date(2026, 10, 13))

    assert world.nudges() == []
    assert len(stage.mails(kruse)) == 1


@one_database
def test_a_message_already_composed_leaves_out_what_was_done_meanwhile(stage: Stage) -> None:
    world = stage.world
    witt = world.person("Witt")
    places = {}
    for name in ("Alpha AG", "Beta AG"):
        places[name] = world.place(f"Paul of {name}", world.account(name, witt), 8)
        world.target(witt, places[name], 12)
        world.meet(date(2026, 1, 7), witt, places[name])
    stage.night(date(2026, 9, 7))
    # The mail server is down in the morning, and Alpha is visited before it is back.
    stage.smtp.rule = lambda stage, argument: b"421 come back later\r\n"
    stage.morning(date(2026, 9, 7))
    assert stage.mails(witt) == []
    for day in range(1, 9):
        world.meet(date(2026, 8, 3 + day), witt, places["Alpha AG"])
    stage.night(date(2026, 9, 7))
    stage.smtp.rule = None
    stage.morning(date(2026, 9, 7), time(11, 0))

    [mail] = stage.mails(witt)
    text = mail.get_body(("plain",)).get_content()
    assert "Beta AG" in text
    assert "Alpha AG" not in text


@one_database
def test_a_message_whose_every_line_was_done_meanwhile_is_cancelled(stage: Stage) -> None:
    world = stage.world
    kruse = world.person("Kruse", "sponsor", level="board", digest="daily")
    knut = world.place("Knut", world.account("Muster AG", world.person("Witt")), 5)
    world.target(kruse, knut, 1)
    world.meet(date(2025, 3, 12), kruse, knut)
    stage.night(date(2026, 10, 12))
    stage.smtp.rule = lambda stage, argument: b"421 come back later\r\n"
    stage.morning(date(2026, 10, 12))
    world.meet(date(2026, 10, 12), kruse, knut)
    stage.night(date(2026, 10, 12))
    stage.smtp.rule = None

    told = stage.morning(date(2026, 10, 12), time(11, 0))

    assert (told.delivered.sent, told.delivered.cancelled) == (0, 1)
    assert stage.mails() == []


def test_the_last_day_once_more_opens_and_sends_nothing(stage: Stage) -> None:
    world = stage.world
    head = world.person("Lang", "head")
    witt = world.person("Witt", superior_id=head.id)
    stage.on_slack(arnst := world.person("Arnst", channel="slack"))
    muster = world.account("Muster AG", witt, account_class="key")
    for person in (witt, arnst):
        world.target(person, place := world.place(f"Paul {person.key}", muster, 8), 12)
        world.meet(date(2026, 1, 7), person, place)
    stage.days(date(2026, 9, 4), date(2026, 9, 11))
    sent = len(stage.smtp.messages), len(stage.slack.posts)
    assert sent[0] >= 1
    assert sent[1] >= 1

    again = world.night("plan_creation", date(2026, 9, 11)) + world.night(
        "contact_shortfall", date(2026, 9, 11)
    )
    told = stage.morning(date(2026, 9, 11))

    assert (again.opened, again.closed, told.composed.messages, told.delivered.sent) == (0, 0, 0, 0)
    assert (len(stage.smtp.messages), len(stage.slack.posts)) == sent
