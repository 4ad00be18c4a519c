"""A mail that comes back for good marks an address as dead and asks the KAM for the successor."""

from datetime import date
from pathlib import Path

import pytest

from kamflow.models.contact import Contact
from kamflow.models.message import StoredMessage
from tests.intake.bringing import bring
from tests.web.mailbox.conftest import Post, mail

SENT = "<0123456789abcdef@example.com>"
DEAD = date(2026, 9, 7)


def report(status: str = "5.1.1", action: str = "failed", **more: str) -> bytes:
    """A delivery report as Postfix writes it."""
    to = more.get("to", "knut@muster.example")
    body = f"""This is the mail system.

--b
Content-Type: text/plain

I am sorry: erledigt
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.muster.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: {more.get("said", "smtp; 550 no such user")}

--b
Content-Type: {more.get("kind", "text/rfc822-headers")}

From: kamflow@example.com
Message-ID: {more.get("about", SENT)}

--b--
"""
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    headers = {
        "Auto_Submitted": "auto-replied",
        "Return_Path": "<>",
        "Message_ID": more.get("id", "<r1@muster>"),
    }
    return mail(body, "MAILER-DAEMON@muster.example", Content_Type=kind, **headers)


def sent(post: Post, **more: object) -> StoredMessage:
    said = {
        "key": "effect:invite:1", "kind": "invitation", "channel": "email", "template": "survey_invitation",
        "contact_id": post.knut.id, "facts": {}, "state": "sent", "mail_id": SENT,
        "created_at": post.now, "due_at": post.now, "sent_at": post.now,
    }  # fmt: skip
    return post.world.add(StoredMessage(**said | more))


def asked(post: Post) -> list[StoredMessage]:
    return [each for each in post.rows(StoredMessage) if each.template == "address_dead"]


def unreachable(post: Post) -> date | None:
    return post.world.one(Contact, post.knut.id).unreachable_on


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_dead_address_is_noted_and_the_kam_asked_once(post: Post, kind: str) -> None:
    message = sent(post)

    assert post.take(report(kind=kind)).verdict == "bounce"
    assert post.take(report(kind=kind, id="<r2@muster>")).verdict == "bounce"

    assert unreachable(post) == DEAD
    found = post.world.one(StoredMessage, message.id)
    assert (found.state, found.cause) == ("failed", "bounced-5.1.1")
    [notice] = asked(post)
    assert (notice.person_id, notice.facts["contact"], notice.facts["account"]) == (
        post.kruse.id, post.knut.id, post.muster.id,
    )  # fmt: skip
    assert [each.payload for each in post.events("contact.unreachable")] == [
        {"contact": post.knut.id, "status": "5.1.1"}
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"status": "4.4.1", "action": "delayed"},
        {"status": "5.1.1", "action": "delayed"},
        {"status": "5.1.1", "action": "relayed"},
        {"status": "2.0.0", "action": "delivered"},
        {"status": "5.2.2"},
        {"status": "5.7.1"},
        {"status": "5.0.0", "said": "smtp; 554 5.7.1 spam"},
        {"status": "nonsense"},
        {"to": "somebody.else@muster.example"},
        {"about": "<unknown@example.com>"},
    ],
    ids=str,
)
def test_what_says_nothing_of_the_address_leaves_it_alone(post: Post, more: dict[str, str]) -> None:
    sent(post)
    post.take(report(**more))

    assert unreachable(post) is None
    assert asked(post) == []


def test_a_plain_5_counts_and_a_better_word_of_the_other_server_goes_first(post: Post) -> None:
    sent(post)
    post.take(report("5.0.0", said="smtp; 550 5.1.1 unknown"))

    assert unreachable(post) == DEAD


def test_an_automatic_answer_is_no_bounce(post: Post) -> None:
    sent(post)
    away = mail(
        "I am away. 5.1.1 failed\n", "knut@muster.example", Auto_Submitted="auto-replied", In_Reply_To=SENT
    )

    assert post.take(away).verdict == "ignored"
    assert unreachable(post) is None


def test_what_went_to_the_one_address_of_a_test_run_says_nothing_of_the_contact(post: Post) -> None:
    message = sent(post, cause="redirected")
    post.take(report())

    assert unreachable(post) is None
    assert post.world.one(StoredMessage, message.id).state == "sent"


def test_a_colleague_s_address_is_mended_by_operations(post: Post) -> None:
    sent(post, contact_id=None, person_id=post.kruse.id, kind="nudges", template="digest")
    post.take(report(to="kruse@example.com"))

    [alert] = [each for each in post.rows(StoredMessage) if each.template == "mailbox_alert"]
    assert (alert.kind, alert.person_id, alert.facts["person"]) == ("alert", None, post.kruse.id)


def test_an_alert_that_comes_back_is_not_told_by_another(post: Post) -> None:
    sent(post, contact_id=None, kind="alert", template="mailbox_alert")
    post.take(report(to="it@example.com"))

    assert len(post.rows(StoredMessage)) == 1


def test_a_new_address_brings_the_contact_back(post: Post, tmp_path: Path) -> None:
    sent(post)
    post.take(report())
    rows = f"key;account;last name;email\n{post.knut.key};{post.muster.key};Knut;new@muster.example\n"
    (tmp_path / "contacts.csv").write_text(rows, encoding="utf-8")
    bring(post.world.engine, tmp_path / "contacts.csv", preset="kamflow")

    assert unreachable(post) is None
