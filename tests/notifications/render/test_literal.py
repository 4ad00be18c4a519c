from notifications.parts import CONTROL, printable
from notifications.render.literal import clean, clip, header


def test_a_name_becomes_one_line() -> None:
    assert clean("Muster\r\nAG\tNord\u2028Werk") == "Muster AG Nord Werk"


def test_what_xml_forbids_is_shown_as_a_replacement_character() -> None:
    assert clean("Mus\x00ter\x1b AG\ufffe") == "Mus\ufffdter\ufffd AG\ufffd"


def test_a_name_cannot_turn_the_sentence_around_it() -> None:
    assert clean("abc\u202edef") == "abc\u202edef\u202c"
    assert clean("\u2067abc\u2069 def") == "\u2067abc\u2069 def"


def test_text_in_a_template_and_text_in_a_mail_are_cleaned_alike() -> None:
    every = "".join(map(chr, (*range(0x300), *range(0x2000, 0x2100), 0xD800, 0xFFFE, 0xFFFF)))
    one_line = printable(every).translate(dict.fromkeys(map(ord, "\t\n\r\x85\u2028\u2029"), " "))
    assert clean(every).rstrip("\u202c\u2069") == one_line.rstrip("\u202c\u2069")
    assert not CONTROL.search(header(every, limit=10_000))


def test_a_cut_is_shown() -> None:
    assert clip("Präzisionsblech", 15) == "Präzisionsblech"
    assert clip("Präzisionsblech", 8) == "Präzisi…"


def test_a_cut_keeps_composed_characters_whole() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert clip(f"ab{family}xyz", 5) == "ab…"
    assert clip("ab\u0308cdef", 3) == "a…"


def test_a_cut_text_still_ends_what_turns_its_direction() -> None:
    short = clip("\u202e" + "abc" * 10, 12)
    assert len(short) <= 12
    assert short.endswith("\u202c…")


def test_a_subject_line_has_no_control_characters_and_an_end() -> None:
    assert header("Muster AG\r\nBcc: all@example.com\x85") == "Muster AG Bcc: all@example.com"
    assert len(header("x" * 500)) == 110
