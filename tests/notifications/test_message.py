import email
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.message import Mail, Part, SlackPost, mailbox, mime, named

NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
# What the guard lets through: no control characters, no line breaks, no halves of a pair.
LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)


def a_mail(**changes: Any) -> Mail:
    values = {
        "to": "witt@example.com",
        "subject": "Two contacts are due",
        "text": "Good morning\n",
        "html": "<p>Good morning</p>",
        "message_id": "<m1@kamflow.example.com>",
        "sender": "kamflow <kamflow@example.com>",
    }
    return Mail(**(values | changes))


def parsed(mail: Mail, now: datetime) -> email.message.EmailMessage:
    return email.message_from_bytes(mime(mail, now), policy=SMTP)


def test_a_mail_says_that_a_machine_wrote_it(now: datetime):
    read = parsed(a_mail(), now)

    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"] == "<m1@kamflow.example.com>"
    assert read["Date"] == "Mon, 07 Sep 2026 06:30:00 +0000"


@pytest.mark.parametrize("field", ["to", "subject", "sender"])
@pytest.mark.parametrize("bad", ["\r\nBcc: x@y.de", "\n", "\r", "\0", "\x85", "\u2028", "\ud800"])
def test_no_control_character_enters_a_header(field: str, bad: str):
    with pytest.raises(ValueError, match=f"^{field}: "):
        a_mail(**{field: f"kamflow@example.com{bad}"})


@pytest.mark.parametrize("identity", ["m1@x", "<m1>", "<m 1@x>", "<m1@x>\r\nBcc: a@b.de", "<mü@x>"])
def test_a_message_id_is_one_word_in_ascii(identity: str):
    with pytest.raises(ValueError, match=r"^message_id: "):
        a_mail(message_id=identity)


@pytest.mark.parametrize("name", ["Bcc", "subject", "Content-Type", "X Y", "X:", "", "X\r\nBcc"])
def test_a_header_cannot_replace_one_of_ours(name: str):
    with pytest.raises(ValueError, match=r"^headers: "):
        a_mail(headers={name: "value"})


def test_a_header_value_is_named_when_it_is_refused():
    with pytest.raises(ValueError, match=r"^headers\[List-Unsubscribe\]: "):
        a_mail(headers={"List-Unsubscribe": "<https://x>\r\nBcc: a@b.de"})


def test_further_headers_are_sent_as_they_are(now: datetime):
    link = "<https://kamflow.example.com/" + "x" * 300 + ">"

    assert parsed(a_mail(headers={"List-Unsubscribe": link}), now)["List-Unsubscribe"] == link


@given(subject=LINE)
def test_every_subject_comes_back_as_it_was(subject: str):
    read = parsed(
        a_mail(subject=subject), email.utils.parsedate_to_datetime("Mon, 07 Sep 2026 06:30:00 +0000")
    )

    assert read["Subject"] == subject
    assert read["To"] == "witt@example.com"
    assert read.get_all("Bcc") is None


@pytest.mark.parametrize(
    "subject", ["=?utf-8?q?Bcc=3A?=", "a  b", " a ", "x" * 500, "ü" * 300, "👩‍👩‍👧" * 40]
)
def test_subjects_that_trick_readers_come_back_as_they_were(subject: str, now: datetime):
    raw = mime(a_mail(subject=subject), now)

    assert email.message_from_bytes(raw, policy=SMTP)["Subject"] == subject
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "name", ["Witt, Jürgen", 'Jürgen "J" Witt', "Witt <ceo@x.de>", "=?utf-8?q?a?=", "a\\", "@", ":"]
)
def test_a_display_name_stays_a_name(name: str, now: datetime):
    mail = a_mail(to=named(name, "witt@example.com"))

    (read,) = parsed(mail, now)["To"].addresses

    assert (read.display_name, read.addr_spec) == (name, "witt@example.com")


@given(name=LINE)
def test_no_name_changes_the_recipient(name: str):
    line = named(name, "witt@example.com")

    assert mailbox(line) == (name, "witt@example.com")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "witt",
        "witt@",
        "a@b.de, c@d.de",
        "a@b.de c@d.de",
        "<a@b.de> <c@d.de>",
        "a@b@c.de",
        "a(comment)@b.de",
        'x" <a@b.de>',
        "a@b.de> SIZE=1",
        "a@ü b.de",
    ],
)
def test_what_is_not_one_address_is_refused(line: str):
    with pytest.raises(ValueError, match="not "):
        mailbox(line)


def test_an_international_domain_goes_out_in_ascii():
    assert mailbox("witt@müller.example").address == "witt@xn--mller-kva.example"
    assert mailbox("wütt@example.com").address == "wütt@example.com"


def test_a_quoted_local_part_is_kept():
    assert mailbox('"a b<c>"@example.com').address == '"a b<c>"@example.com'


def test_text_html_image_calendar_and_file_come_back(now: datetime):
    parts = (
        Part(b"%PDF", "application/pdf", filename="Briefing Müller.pdf"),
        Part(
            "BEGIN:VCALENDAR\r\nSUMMARY:Jahresgespräch\r\n".encode(),
            "text/calendar; method=REQUEST",
            alternative=True,
        ),
        Part(b"\x89PNG", "image/png", content_id="chart"),
    )

    read = parsed(a_mail(html='<img src="cid:chart">', parts=parts), now)

    kinds = {part.get_content_type(): part for part in read.walk()}
    assert kinds["image/png"]["Content-ID"] == "<chart>"
    assert kinds["text/calendar"].get_payload(decode=True) == parts[1].content
    assert kinds["text/calendar"].get_param("method") == "REQUEST"
    assert kinds["application/pdf"].get_filename() == "Briefing Müller.pdf"
    assert read.get_body(("html",)).get_content() == '<img src="cid:chart">\n'.replace("\n", "\r\n")


def test_a_mail_without_html_is_plain_text(now: datetime):
    assert parsed(a_mail(html=""), now).get_content_type() == "text/plain"


def test_characters_that_no_mail_may_hold_are_replaced(now: datetime):
    assert (
        parsed(a_mail(text="a\x00b\ud800c", html=""), now).get_content()
        == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\r\n"
    )


@given(text=st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=2000))
def test_every_line_is_short_ascii_and_the_text_comes_back(text: str):
    raw = mime(a_mail(text=text, html=f"<p>{text}"), NOW)

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    shown = email.message_from_bytes(raw, policy=SMTP).get_body(("plain",)).get_content()
    assert shown.rstrip("\r\n") == text.translate({0xFFFE: "\ufffd", 0xFFFF: "\ufffd"})


def test_a_slack_post_needs_a_person_and_a_text():
    with pytest.raises(ValueError, match=r"^to_email: "):
        SlackPost("Two are due", (), "<m1@x>")
    with pytest.raises(ValueError, match=r"^text: "):
        SlackPost(" ", (), "<m1@x>", slack_id="U1")


def test_no_naughty_string_changes_anything_but_its_own_field(
    shared_data: Callable[[str], Path], now: datetime
):
    strings = json.loads(shared_data("nasty_blns/blns.json").read_text(encoding="utf-8"))
    refused = 0
    for string in strings:
        try:
            mail = a_mail(subject=string, to=named(string, "witt@example.com"), text=string)
        except ValueError:
            refused += 1
            continue
        read = parsed(mail, now)
        assert read["Subject"] == string
        assert [box.addr_spec for box in read["To"].addresses] == ["witt@example.com"]
        assert read["Bcc"] is None

    assert len(strings) > 500
    assert refused < 15
