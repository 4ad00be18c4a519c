from pathlib import Path

import pytest

from kamflow.errors import ConfigError
from kamflow.settings import Brand, Company, Settings
from notifications.render.house import House, Logo, contrast, darkened

PNG = b"\x89PNG\r\n\x1a\n"


def settings(home: Path, **brand: object) -> Settings:
    return Settings(home=home, company=Company(name="Beispiel Technik GmbH"), brand=Brand(**brand))


def test_a_house_has_its_company_colours_and_logo(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    house = House.of(settings(tmp_path, primary="#103050", logo=Path("logo.svg")))
    assert (house.company, house.primary) == ("Beispiel Technik GmbH", "#103050")
    assert house.logo == Logo(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "svg")
    assert hash(house) == hash(House.of(settings(tmp_path, primary="#103050", logo=Path("logo.svg"))))


def test_a_logo_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(PNG)
    house = House.of(settings(tmp_path, logo=Path("logo.svg")))
    assert house.logo is not None
    assert house.logo.kind == "png"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"brand\.logo: .*logo\.gif cannot be read: No such file"),
        (b"GIF89a", "neither an SVG nor a PNG"),
        (PNG + bytes(2_000_000), "larger than 2 MB"),
    ],
)
def test_a_logo_that_cannot_be_used_is_told(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "logo.gif").write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        House.of(settings(tmp_path, logo=Path("logo.gif")))


def test_a_missing_folder_with_fonts_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"brand\.fonts: there is no folder"):
        House.of(settings(tmp_path, fonts=Path("fonts")))


@pytest.mark.parametrize("colour", ["#f2c200", "#ffffff", "#7fd1ae", "#0b5f67", "#000000"])
def test_a_light_house_colour_is_darkened_until_it_can_be_read(colour: str) -> None:
    house = House(primary=colour)
    assert contrast(house.text, "#ffffff") >= 4.5
    assert (house.text == colour) == (contrast(colour, "#ffffff") >= 4.5)


def test_a_colour_is_darkened_no_more_than_it_takes() -> None:
    assert contrast(darkened("#f2c200", 3.0), "#ffffff") < 3.6
