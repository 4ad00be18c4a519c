import shutil
from pathlib import Path

import pytest

from notifications.render import fonts
from notifications.render.environment import folder


def test_inter_comes_first_and_the_last_resort_last() -> None:
    assert fonts.chain() == ("Inter", "Unifont", "Unifont Upper")


def test_fonts_of_the_house_go_between(tmp_path: Path) -> None:
    shutil.copy(folder() / "fonts" / "unifont_upper.otf", tmp_path)
    assert fonts.chain((tmp_path,)) == ("Inter", "Unifont", "Unifont Upper")
    assert {Path(font.path).parent for font in fonts.book((tmp_path,)).fonts()} == {
        folder() / "fonts",
        tmp_path,
    }


@pytest.mark.parametrize("text", ["Müller", "Łódź", "北京", "שלום", "العربية", "👩‍🚒", "Z̮̞̠͙͔ͅa", "ไทย", "𝕏"])
def test_a_name_in_any_script_is_drawn(text: str) -> None:
    assert fonts.drawable().text(text) == text


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x9f", "\ue000", "\ufeff", "\U00020000"])
def test_what_nobody_draws_is_shown_as_such(character: str) -> None:
    assert fonts.drawable().text(f"a{character}b") == "a\ufffdb"


def test_a_line_break_is_a_space() -> None:
    assert fonts.drawable().text("one\ntwo\u2028three") == "one two three"


def test_what_was_looked_up_is_kept() -> None:
    table = fonts.drawable()
    table.text("ж")
    assert table[ord("ж")] == ord("ж")
    assert fonts.drawable() is table


def test_a_width_is_that_of_inter() -> None:
    assert fonts.width("iiii", 10) < fonts.width("MMMM", 10) < 40
    assert fonts.width("漢", 10) == 10


def test_each_font_has_its_licence_beside_it() -> None:
    readme = (folder() / "fonts" / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in (folder() / "fonts").glob("*.otf")]
    assert all(name in readme for name in files)
    for name in ("OFL-Inter.txt", "OFL-Unifont.txt"):
        licence = (folder() / "fonts" / name).read_text(encoding="utf-8")
        assert name in readme
        assert licence.startswith(("Copyright ©", "GNU Unifont Glyphs"))
        assert "SIL OPEN FONT LICENSE" in licence
