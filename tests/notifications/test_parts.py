"""What `parts.py` writes, held against what Python's own `EmailMessage` makes of the same."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.parts import Part, body, printable

# What a reader gets back: no control characters, no halves of a pair, nothing that is no character.
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=300)
NAME = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp", "Zs")), min_size=1, max_size=60
)
PARTS = st.lists(
    st.builds(
        Part,
        content=st.binary(max_size=200),
        content_type=st.sampled_from(("application/pdf", "image/png")),
        filename=NAME,
        content_id=st.sampled_from((None, "chart.1@kamflow")),
    ),
    max_size=3,
    unique_by=lambda part: part.filename,
)
CALENDAR = Part(
    "BEGIN:VCALENDAR\r\nSUMMARY:Jahresgespräch\r\nEND:VCALENDAR\r\n".encode(),
    "text/calendar; method=REQUEST; charset=utf-8",
    alternative=True,
)
GLYPH = "\N{LATIN SMALL LETTER U WITH DIAERESIS}"


def pythons(text: str, html: str, parts: list[Part]) -> EmailMessage:
    """The same mail, made by the standard library."""
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    shown = made.get_body(("html",))
    for part in sorted(parts, key=lambda part: 0 if part.content_id else 1 if part.alternative else 2):
        kind, *said = part.content_type.split("; ")
        more: dict[str, Any] = {"params": dict(each.split("=") for each in said), "filename": part.filename}
        if part.content_id and shown is not None:
            shown.add_related(part.content, *kind.split("/"), **more, cid=f"<{part.content_id}>")
        elif part.alternative:
            made.add_alternative(part.content, *kind.split("/"), **more)
        else:
            made.add_attachment(part.content, *kind.split("/"), **more)
    return made


def seen(mail: Any, inside: str = "") -> Iterator[tuple[Any, ...]]:
    """What a mail program finds: where each part stands, what it is, what it says."""
    kind = mail.get_content_type()
    if mail.is_multipart():
        for part in mail.iter_parts():
            yield from seen(part, f"{inside}/{kind}")
        return
    content = mail.get_payload(decode=True)
    if kind.startswith("text/") and not mail.get_filename():
        content = content.decode().replace("\r\n", "\n")
    if kind == "text/html":
        content = unescape(content)
    yield inside, kind, mail.get_param("method"), mail.get_filename(), mail["Content-ID"], content


def read(raw: bytes) -> Any:
    return message_from_bytes(raw, policy=SMTP)


@given(text=TEXT, html=TEXT, parts=PARTS, invited=st.booleans())
def test_a_mail_program_finds_what_python_would_have_written(
    text: str, html: str, parts: list[Part], invited: bool
) -> None:
    files = [each if html else replace(each, content_id=None) for each in parts]
    every = [*files, CALENDAR] if invited else files

    raw = body(text, html, every, "<m1@kamflow>")

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert list(seen(read(raw))) == list(seen(pythons(text, html, every)))


def test_no_naughty_string_leaves_its_part(shared_data: Callable[[str], Path]) -> None:
    strings = json.loads(shared_data("nasty_blns/blns.json").read_text(encoding="utf-8"))
    strings += ["\n".join(strings), "--\n--=_alternative", ".", "..\n.", "From me", "\t\n \n", "x" * 2000]

    for text in strings:
        plain, shown = read(body(text, f"<p>{text}", (), "m")).iter_parts()
        lines = printable(text).replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        assert (plain.get_content_type(), shown.get_content_type()) == ("text/plain", "text/html")
        carried = plain.get_payload(decode=True).decode().replace("\r\n", "\n")
        assert carried.removesuffix("\n") == lines


@pytest.mark.parametrize(
    ("html", "encoding"),
    [
        ("<p>Jahresgespr\u00e4ch\N{NO-BREAK SPACE}\N{SMILING FACE WITH SUNGLASSES}", "7bit"),
        ("x" * 990, "7bit"),
        ("x" * 991, "quoted-printable"),
        (GLYPH * 300, "quoted-printable"),
        ("<p>\u0085\u0080", "quoted-printable"),
        ("<p>\n--=_alternative", "quoted-printable"),
    ],
)
def test_html_travels_as_it_is_where_it_can(html: str, encoding: str) -> None:
    [_, shown] = read(body("", html, (), "m")).iter_parts()

    assert shown["Content-Transfer-Encoding"] == encoding
    carried = shown.get_payload(decode=True).decode().removesuffix("\r\n").replace("\r\n", "\n")
    assert (unescape(carried) if encoding == "7bit" else carried) == html
    assert shown.get_content_charset() == "utf-8"


@pytest.mark.parametrize("odd", ["\ufffe", "\uffff", "\ud800", "\x00", "\x1f"])
def test_html_travels_without_what_no_channel_can_carry(odd: str) -> None:
    [_, shown] = read(body("", f"<p>{odd}\r\N{HANGUL SYLLABLE GAG}\r\n{GLYPH}\n\n", (), "m")).iter_parts()

    assert shown["Content-Transfer-Encoding"] == "7bit"
    carried = unescape(shown.get_payload(decode=True).decode())
    assert carried == f"<p>\ufffd\r\n\N{HANGUL SYLLABLE GAG}\r\n{GLYPH}\r\n\r\n"


def test_each_mail_has_its_own_boundary_and_always_the_same() -> None:
    one, two = (read(body("", "<p>", (), each)).get_boundary() for each in ("<m1@x>", "<m2@x>"))
    assert one != two
    assert body("", "<p>", (), "<m1@x>") == body("", "<p>", (), "<m1@x>")


@pytest.mark.parametrize(
    "kind", ["", "text", "text/x y", "text/plain; a", 'text/x; a="b"', "text/x; a=b\r\nX: y"]
)
def test_a_content_type_is_one(kind: str) -> None:
    with pytest.raises(ValueError, match=r"^content_type: "):
        Part(b"", kind)
