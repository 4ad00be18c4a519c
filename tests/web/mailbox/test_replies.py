"""A reply whose first line says what to do acts, and only where it proves who wrote it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from tests.web.mailbox.conftest import Post, mail


def test_done_closes_and_says_so(post: Post) -> None:
    nudge = post.nudge()

    assert post.reply(post.told(nudge), "Erledigt.").verdict == "reply"

    assert post.world.one(StoredNudge, nudge.id).closed_as == "done"
    assert post.answers()[0]["result"] == "closed"
    [event] = post.events("nudge.done")
    assert (event.actor_id, event.via) == (post.kruse.id, "mail")


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("+3", date(2026, 9, 10)),
        ("+ 5 Tage", date(2026, 9, 14)),
        ("2026-09-14", date(2026, 9, 14)),
        ("14.09.2026", date(2026, 9, 14)),
        ("14. 9. 2026", date(2026, 9, 14)),
        ("14.9.", date(2026, 9, 14)),
    ],
)
def test_a_number_of_days_or_a_day_puts_it_off(post: Post, line: str, until: date) -> None:
    nudge = post.nudge()
    post.reply(post.told(nudge), line)

    assert post.world.one(StoredNudge, nudge.id).snoozed_until == until
    assert post.answers()[0] | {"result": "snoozed", "until": until.isoformat()} == post.answers()[0]


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("03/04", "undecided"),
        ("2026-02-30", "undecided"),
        ("31.9.", "undecided"),
        ("14.9.26", "undecided"),
        ("2026-09-07", "past"),
        ("2027-09-07", "too_far"),
        ("+99", "too_far"),
        ("+0", "unknown"),
        ("erledigt, danke", "unknown"),
        ("> erledigt", "unknown"),
        ("", "unknown"),
        ("2 erledigt", "which"),
    ],
)
def test_what_is_not_clear_changes_nothing_and_is_said(post: Post, line: str, result: str) -> None:
    nudge = post.nudge()

    dealt = post.reply(post.told(nudge), line)

    found = post.world.one(StoredNudge, nudge.id)
    assert (found.closed_at, found.snoozed_until) == (None, None)
    assert post.answers()[0]["result"] == result
    assert dealt.verdict == ("forward" if result == "unknown" else "reply")


def test_a_german_day_is_one_for_german_readers_only(post: Post) -> None:
    kruse = post.world.one(Person, post.kruse.id)
    kruse.language = "en"
    post.world.add(kruse)

    post.reply(post.told(post.nudge()), "14.9.")

    assert post.answers()[0]["result"] in ("unknown", "undecided")


def test_a_contact_shortfall_has_no_done(post: Post) -> None:
    nudge = post.nudge(rule="contact_shortfall", closes_by="facts")
    post.reply(post.told(nudge), "done")

    assert post.answers()[0]["result"] == "no_done"
    assert post.world.one(StoredNudge, nudge.id).closed_at is None


def test_of_several_the_answer_lists_them_and_a_number_says_which(post: Post) -> None:
    first, second = post.nudge(), post.nudge()
    post.reply(post.told(first, second), "erledigt")
    [listed] = post.answers()
    assert [each["nudge"] for each in listed["items"]] == [first.id, second.id]
    assert post.world.one(StoredNudge, first.id).closed_at is None

    again = next(each for each in post.rows(StoredMessage) if each.template == "mail_reply")
    post.reply(post.told(template="mail_reply", kind="notice", facts=again.facts), "2: erledigt")

    assert post.world.one(StoredNudge, first.id).closed_at is None
    assert post.world.one(StoredNudge, second.id).closed_as == "done"


def test_a_number_is_not_guessed_where_nobody_saw_one(post: Post) -> None:
    first, second = post.nudge(), post.nudge()
    post.reply(post.told(first, second), "1 erledigt")

    assert [each["result"] for each in post.answers()] == ["which"]
    assert post.world.one(StoredNudge, first.id).closed_at is None


def test_the_same_mail_acts_once(post: Post) -> None:
    nudge = post.nudge()
    to = post.told(nudge)
    seen = [post.reply(to, "+3", Message_ID="<same@x>").verdict for _ in range(3)]

    assert seen == ["reply", "known", "known"]
    assert len(post.answers()) == len(post.events("nudge.snoozed")) == 1


def test_what_is_done_already_is_said_so(post: Post) -> None:
    to = post.told(post.nudge())
    post.reply(to, "done")
    post.reply(to, "done")

    assert [each["result"] for each in post.answers()] == ["closed", "already"]


# Name -> (how the right address is altered, sender, headers).
ATTACKS: dict[str, tuple[Callable[[str], str], str, dict[str, str]]] = {
    "a colleague": (str, "colleague@example.com", {}),
    "a domain that looks alike": (str, "kruse@example.com.evil.example", {}),
    "two senders": (str, "kruse@example.com, boss@example.com", {}),
    "another message": (lambda to: to.replace("+", "+1", 1), "kruse@example.com", {}),
    "a longer token": (lambda to: to.replace("@", "a@"), "kruse@example.com", {}),
    "a guess": (lambda to: to.partition("-")[0] + f"-{'a' * 16}@example.com", "kruse@example.com", {}),
    "a huge number": (lambda _: f"kamflow+{'9' * 20}-aaaa@example.com", "kruse@example.com", {}),
    "no token": (lambda _: "kamflow@example.com", "kruse@example.com", {}),
    "a machine": (str, "kruse@example.com", {"Auto_Submitted": "auto-replied"}),
    "bulk": (str, "kruse@example.com", {"Precedence": "bulk"}),
    "a list": (str, "kruse@example.com", {"List_Id": "<all.example.com>"}),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_who_proves_nothing_does_nothing_and_hears_nothing(post: Post, name: str) -> None:
    nudge = post.nudge()
    alter, sender, headers = ATTACKS[name]

    assert post.reply(alter(post.told(nudge)), "done", sender, **headers).verdict in ("forward", "ignored")
    assert post.world.one(StoredNudge, nudge.id).closed_at is None
    assert post.answers() == []


@pytest.mark.parametrize(
    "change", [{"links_version": 2}, {"left_on": date(2026, 9, 1)}, {"email": "new@example.com"}], ids=str
)
def test_a_token_ends_with_its_person(post: Post, change: dict[str, object]) -> None:
    nudge = post.nudge()
    to = post.told(nudge)
    kruse = post.world.one(Person, post.kruse.id)
    for name, value in change.items():
        setattr(kruse, name, value)
    post.world.add(kruse)

    assert post.reply(to, "done").verdict == "forward"
    assert post.answers() == []


def test_a_token_ends_with_its_time(post: Post) -> None:
    nudge = post.nudge()
    to = post.told(nudge)
    post.now += timedelta(days=31)
    post.reply(to, "done")

    assert post.answers()[0]["result"] == "expired"
    assert post.world.one(StoredNudge, nudge.id).closed_at is None


def test_capital_letters_and_a_page_instead_of_text_are_understood(post: Post) -> None:
    nudge = post.nudge()
    page = "<html><head><style>p {}</style></head><body><div><p>Erledigt</p></div><blockquote>x</blockquote>"
    to = post.told(nudge).upper()
    post.take(mail(page, "KRUSE@example.com", To=to, Content_Type="text/html; charset=utf-8"))

    assert post.world.one(StoredNudge, nudge.id).closed_as == "done"
