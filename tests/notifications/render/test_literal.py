from notifications.render.literal import clean, clip, header


def test_a_name_becomes_one_line() -> None:
    assert clean("Muster\r\nAG\tNord\u2028Werk") == "Muster AG Nord Werk"


def test_what_xml_forbids_is_shown_as_a_replacement_character() -> None:
    assert clean("Mus\x00ter\x1b AG\ufffe") == "Mus\ufffdter\ufffd AG\ufffd"


def test_a_name_cannot_turn_the_sentence_around_it() -> None:
    assert clean("abc\u202edef") == "abc\u202edef\u202c"
    assert clean("\u2067abc\u2069 def") == "\u2067abc\u2069 def"


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
