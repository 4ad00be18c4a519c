"""Tables, charts and the light of a document in every channel."""

import io
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image

from notifications.message import Mail, mime
from notifications.render import html, rows, slack
from notifications.render.item import Cell, Letter, Table
from notifications.render.picture import packed
from notifications.render.shorten import shortened
from tests.conftest import NOW
from tests.notifications.render import mails
from tests.notifications.render.page import Page
from tests.notifications.render.test_slack import check


@pytest.fixture(scope="module")
def letter() -> Letter:
    return mails.letter(mails.DRAWN, "all", "de")


@pytest.fixture(scope="module")
def mail() -> html.RenderedMail:
    return mails.mail(mails.DRAWN, "all", "de")


def table(*rows: tuple[str, ...], head: tuple[str, ...] = ("Kunde", "Ist", "Plan")) -> Table:
    return Table(head, tuple(tuple(map(Cell, row)) for row in rows), frozenset({1, 2}), "Umsatz")


def with_table(letter: Letter, *tables: Table) -> Letter:
    return replace(letter, items=(replace(letter.items[0], tables=tables, charts=()),))


def test_a_chart_is_an_image_that_comes_with_the_mail(mail: html.RenderedMail) -> None:
    images = Page(mail.html).images
    assert [image["src"] for image in images] == [f"cid:{part.content_id}" for part in mail.parts]
    assert [part.filename for part in mail.parts] == ["revenue.png", "portfolio.png", "nps.png"]
    for part, image in zip(mail.parts, images, strict=True):
        size = Image.open(io.BytesIO(part.content)).size
        assert int(image["width"] or 0) / int(image["height"] or 0) == pytest.approx(
            size[0] / size[1], abs=0.01
        )


def test_a_chart_stands_on_white_and_is_small(mail: html.RenderedMail) -> None:
    for part in mail.parts:
        assert Image.open(io.BytesIO(part.content)).convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
        assert len(part.content) < 60_000


def test_a_chart_is_packed_without_a_change() -> None:
    buffer = io.BytesIO()
    noise = Image.effect_noise((40, 30), 60).convert("RGBA")
    noise.save(buffer, "PNG", compress_level=0, dpi=(144, 144))
    small = Image.open(io.BytesIO(packed(buffer.getvalue())))
    assert small.tobytes() == noise.tobytes()
    assert small.info["dpi"] == pytest.approx((144, 144), abs=0.1)


def test_the_pictures_reach_the_message_beside_its_html(mail: html.RenderedMail) -> None:
    whole = Mail(
        to="a@example.com",
        sender="b@example.com",
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id="<1@example.com>",
        parts=mail.parts,
    )
    raw = mime(whole, NOW).decode("ascii")
    assert "multipart/related" in raw
    assert all(f"Content-ID: <{part.content_id}>" in raw for part in mail.parts)


def test_a_browser_shows_the_pictures_without_the_mail(mail: html.RenderedMail) -> None:
    assert mail.standalone.count('src="data:image/png;base64,') == len(mail.parts)
    assert "cid:" not in mail.standalone


def test_the_text_says_what_a_chart_shows(letter: Letter, mail: html.RenderedMail) -> None:
    assert [chart.alt for chart in letter.items[0].charts if chart.alt not in mail.text] == []


def test_a_row_is_a_line_of_the_text_with_the_names_of_its_columns(mail: html.RenderedMail) -> None:
    lines = mail.text.splitlines()
    assert lines[lines.index("* Klebstoffe") + 1] == "  Ist: 1.234.567 €; Plan: 1.400.000 €; Abstand: −12 %"
    assert lines[lines.index("* Service") + 1] == "  Ist: unbekannt; Plan: 20.000 €"
    assert "Kontaktmatrix (Ansprechpartner):" in lines


def test_a_no_break_space_a_backslash_and_a_quote_stand_in_an_alt_text_as_they_are(letter: Letter) -> None:
    odd = replace(letter.items[0].charts[0], alt='1\u00a0€ \\u{a0} "e\u0301" & <b>')
    found = html.laid_out(replace(letter, items=(replace(letter.items[0], charts=(odd,)),)))
    assert [image["alt"] for image in Page(found.html).images] == [odd.alt]


def test_the_head_of_a_table_is_a_head(mail: html.RenderedMail) -> None:
    page = Page(mail.html)
    assert page.attributes["th"]["scope"] == "col"
    assert page.tags.count("th") == 2 + 4 + 5


def test_a_table_flows_where_a_phone_or_a_desk_has_no_room_for_it(letter: Letter) -> None:
    widths = [rows.width(each) for each in letter.items[0].tables]
    assert widths[0] <= rows.PHONE
    assert rows.PHONE < widths[1] <= rows.DESK
    assert rows.PHONE < widths[2] <= rows.DESK
    assert widths[3] > rows.DESK


def test_numbers_stand_flush_right_and_names_do_not(letter: Letter) -> None:
    found = html.laid_out(with_table(letter, table(("Muster AG", "12", "14")))).html
    cell = r'<td [^>]* align="(\w+)"[^>]*>(?:<span[^>]*>[^<]*</span>)?(Muster AG|12|14)</td>'
    assert re.findall(cell, found) == [("left", "Muster AG"), ("right", "12"), ("right", "14")]


def test_the_light_of_a_document_stands_beside_its_heading(letter: Letter, mail: html.RenderedMail) -> None:
    assert mail.text.startswith(f"{letter.heading} (gelb)\n")
    assert f"{letter.heading} gelb" in Page(mail.html).text
    assert slack.laid_out(letter).blocks[0]["text"]["text"] == f"{letter.heading} · 🟠 gelb"


def test_the_light_is_seen_beside_the_longest_heading(letter: Letter) -> None:
    post = slack.laid_out(replace(letter, heading="ß" * 500, badge="gelb"))
    check(post)
    assert post.blocks[0]["text"]["text"].endswith("… · 🟠 gelb")


def test_a_post_says_tables_and_charts_in_words(letter: Letter) -> None:
    post = slack.laid_out(letter)
    check(post)
    said = slack.as_text(post.blocks)
    assert [chart.alt for chart in letter.items[0].charts if chart.alt not in said] == []
    assert "Ist: 1.234.567 €; Plan: 1.400.000 €; Abstand: 🟠 −12 %" in said


@pytest.mark.parametrize("times", [20, 200])
def test_long_tables_stay_within_the_limits(times: int) -> None:
    letter = mails.drawn("de", times)
    found = html.laid_out(letter)
    assert len(found.html.encode()) <= html.LIMIT
    assert letter.labels.left_out in found.text
    assert found.parts == mails.mail(mails.DRAWN, "all", "de").parts
    post = slack.laid_out(letter)
    check(post)
    assert letter.labels.left_out in slack.as_text(post.blocks)


def test_a_table_of_an_account_team_is_sent_whole(letter: Letter) -> None:
    many = table(*((f"Kunde {number} GmbH", "1.234.567 €", "1.400.000 €") for number in range(80)))
    found = html.laid_out(with_table(letter, many))
    assert "Kunde 79 GmbH" in found.html
    assert letter.labels.left_out not in found.text


def test_each_step_leaves_fewer_rows(letter: Letter) -> None:
    many = with_table(letter, table(*((f"Kunde {number}", "1", "2") for number in range(80))))
    left = [sum(len(each.rows) for each in shortened(many, step).items[0].tables) for step in range(5)]
    assert all(before > after for before, after in pairwise(left))


def test_a_name_of_any_length_breaks_no_table(letter: Letter) -> None:
    long = with_table(letter, table(("ß" * 5000, "<b>&amp;", "{{ 7 }}"), ("", "", "")))
    found = html.laid_out(long)
    assert len(found.html.encode()) <= html.LIMIT
    assert "<b>&amp;" in Page(found.html).text
    check(slack.laid_out(long))


def test_a_chip_stands_beside_what_it_is_about_where_a_phone_has_room() -> None:
    assert rows.beside("Jahresgespräch", "überfällig seit 4. September", 13)
    assert rows.beside("Paul Lange", "612.000 € von 1.000.000 €", 16)
    assert not rows.beside("Deckungsbeitrag nach Leistungen", "184.000 € von 210.000 €", 16)
    assert not rows.beside("Oberflächenveredelungsgesellschaft", "9 fehlen", 16)
