"""Whoever adds kamflow's address to an invitation has that meeting counted."""

from datetime import date
from itertools import permutations

import pytest

from kamflow.intake.calendars import invitation as inside
from kamflow.models.event import ReceivedMail
from kamflow.models.message import StoredMessage
from tests.web.mailbox.conftest import Post, invitation

SEPTEMBER_15, SEPTEMBER_22 = date(2026, 9, 15), date(2026, 9, 22)


def test_a_request_books_an_update_moves_and_a_cancel_calls_off(post: Post) -> None:
    assert post.invite(invitation()).verdict == "meeting"
    assert post.met() == [(SEPTEMBER_15, "booked")]
    post.invite(invitation("20260922T090000Z", 1))
    assert post.met() == [(SEPTEMBER_22, "booked")]
    post.invite(invitation("20260922T090000Z", 2, "CANCEL"))
    assert post.met() == [(SEPTEMBER_22, "cancelled")]

    names = [f"interaction.{state}" for state in ("booked", "cancelled")]
    assert [len(post.events(name)) for name in names] == [2, 1]
    assert {each.via for name in names for each in post.events(name)} == {"mail"}
    assert {each.actor_id for each in post.events(names[0])} == {post.kruse.id}


@pytest.mark.parametrize("order", [*permutations(range(3)), (0, 0, 1, 1, 2, 2, 0), (2, 1, 0, 2, 1)])
def test_late_twice_and_in_any_order_the_newest_word_counts(post: Post, order: tuple[int, ...]) -> None:
    said = [
        invitation(),
        invitation("20260922T090000Z", 1),
        invitation("20260922T090000Z", 2, "CANCEL"),
    ]
    for each in order:
        post.invite(said[each])

    assert post.met() == [(SEPTEMBER_22, "cancelled")]


def test_what_was_called_off_comes_back_with_a_higher_number_only(post: Post) -> None:
    for sequence, method in ((0, "REQUEST"), (0, "CANCEL"), (0, "REQUEST")):
        post.invite(invitation(sequence=sequence, method=method))
    assert post.met() == [(SEPTEMBER_15, "cancelled")]

    post.invite(invitation(sequence=1))
    assert post.met() == [(SEPTEMBER_15, "booked")]


def test_a_series_called_off_without_its_rule_is_called_off_as_a_whole(post: Post) -> None:
    post.invite(invitation(extra="RRULE:FREQ=WEEKLY;COUNT=3\n"))
    post.invite(invitation("20260916T090000Z", 0, extra="RRULE:FREQ=WEEKLY;COUNT=3\n", uid="u2"))
    post.invite(invitation(sequence=1, method="CANCEL"))

    assert sorted({(state, day.isoweekday()) for day, state in post.met()}) == [
        ("booked", 3),
        ("cancelled", 2),
    ]


def test_nothing_is_left_of_a_meeting_without_a_known_contact(post: Post) -> None:
    strangers = "ORGANIZER:mailto:kruse@example.com\nATTENDEE:mailto:arzt@praxis.example\n"

    assert post.invite(invitation(people=strangers)).verdict == "meeting"
    assert post.invite(invitation(uid="u2", extra="CLASS:PRIVATE\n")).verdict == "meeting"

    assert post.met() == []
    assert [(each.verdict, each.person_id) for each in post.rows(ReceivedMail)] == [
        ("meeting", post.kruse.id)
    ] * 2


def test_who_invited_is_told_once_a_day_that_nothing_was_counted(post: Post) -> None:
    strangers = "ORGANIZER:mailto:kruse@example.com\nATTENDEE:mailto:arzt@praxis.example\n"
    for number in range(3):
        post.invite(invitation(people=strangers, uid=f"s{number}"))
    post.invite(invitation(uid="u1"))
    post.invite(invitation(people=strangers, uid="gone", method="CANCEL"))

    [told] = post.rows(StoredMessage)
    assert (told.template, told.person_id) == ("meeting_uncounted", post.kruse.id)
    assert told.facts == {"why": "unknown", "day": "2026-09-07"}


@pytest.mark.parametrize(("role", "counted"), [("kam", False), ("head", False), ("assistant", True)])
def test_nobody_books_or_calls_off_the_meetings_of_others(post: Post, role: str, counted: bool) -> None:
    other = post.world.person("Prigge", role)
    sent = [post.invite(invitation(), other.email or "").verdict]
    post.invite(invitation())
    sent.append(post.invite(invitation(sequence=1, method="CANCEL"), other.email or "").verdict)

    assert sent == ["meeting" if counted else "forward"] * 2
    assert post.met() == [(SEPTEMBER_15, "cancelled" if counted else "booked")]


def test_only_those_who_do_not_decline_are_counted(post: Post) -> None:
    declined = "ORGANIZER:mailto:kruse@example.com\nATTENDEE;PARTSTAT=DECLINED:mailto:knut@muster.example\n"
    post.invite(invitation())
    post.invite(invitation(sequence=1, people=declined))

    assert post.met() == [(SEPTEMBER_15, "cancelled")]


@pytest.mark.parametrize(
    ("calendar", "sender", "headers", "verdict"),
    [
        (invitation(), "knut@muster.example", {}, "forward"),
        (invitation(), "fremd@evil.example", {}, "forward"),
        (invitation(), "kruse@example.com, fremd@evil.example", {}, "forward"),
        (
            invitation(method="REPLY"),
            "knut@muster.example",
            {"Content_Type": "text/calendar; method=REPLY"},
            "ignored",
        ),
        (invitation(method="PUBLISH"), "kruse@example.com", {}, "forward"),
        (invitation(uid="0" * 32 + "@example.com"), "kruse@example.com", {}, "meeting"),
        ("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\n", "kruse@example.com", {}, "forward"),
        ("\x00\x01 no calendar", "kruse@example.com", {}, "forward"),
        (invitation(day="99999999"), "kruse@example.com", {}, "forward"),
    ],
)
def test_what_is_no_invitation_of_ours_books_nothing(
    post: Post, calendar: str, sender: str, headers: dict[str, str], verdict: str
) -> None:
    assert post.invite(calendar, sender, **headers).verdict == verdict
    assert post.met() == []


PASS = (
    "mx.example.com; spf=fail; dkim=pass (2048-bit) header.d=example.com; dmarc=pass header.from=example.com"
)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (PASS, True),
        ("mx.example.com 1; dmarc=pass", True),
        ("MX.example.com; dkim=pass header.i=@example.com", True),
        ("mx.example.com; dkim=pass header.d=evil.example", False),
        ("mx.example.com; dmarc=fail header.from=example.com", False),
        ("mx.example.com; none", False),
        (f"mx.evil.example; none\nAuthentication-Results: {PASS}", False),
        ("mx.example.com; none (dmarc=pass)", False),
    ],
)
def test_where_our_server_says_who_wrote_it_has_to_say_so(post: Post, said: str, counted: bool) -> None:
    box = post.settings.mailbox.model_copy(update={"authserv_id": "mx.example.com"})
    post.knowing(mailbox=box)

    post.invite(invitation(), Authentication_Results=said)

    assert bool(post.met()) is counted


def test_many_events_in_one_mail_are_no_invitation(post: Post) -> None:
    one = invitation()
    begin, end = one.index("BEGIN:VEVENT"), one.index("END:VCALENDAR")
    many = one[:begin] + one[begin:end] * (inside.MOST_EVENTS + 1) + one[end:]

    assert post.invite(many).verdict == "forward"
    assert post.met() == []
