"""The house that a document comes from: its name, its two colours and its logo."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kamflow.errors import ConfigError
from kamflow.settings import Brand, Settings

TEXT, GRAPHIC = 4.5, 3.0  # contrast that WCAG 2.2 asks of text (1.4.3) and of what a chart draws (1.4.11)
_WHITE = "#ffffff"
_LARGEST_LOGO = 2_000_000
_BRAND = Brand()

Kind = Literal["svg", "png"]


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as its file has it."""

    content: bytes
    kind: Kind


@dataclass(frozen=True, slots=True)
class House:
    """Who writes and in which colours; `fonts` are folders whose fonts go before the last resort."""

    company: str = ""
    primary: str = _BRAND.primary
    secondary: str = _BRAND.secondary
    logo: Logo | None = None
    fonts: tuple[Path, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "House":
        """The house as kamflow.toml describes it.

        Raises:
            ConfigError: the logo is no SVG or PNG that can be read, or there is no such folder with fonts.
        """
        brand = settings.brand
        return cls(
            company=settings.company.name,
            primary=brand.primary,
            secondary=brand.secondary,
            logo=_logo(settings.home / brand.logo) if brand.logo else None,
            fonts=(_folder(settings.home / brand.fonts),) if brand.fonts else (),
        )

    @property
    def text(self) -> str:
        """The primary colour, dark enough to be read on white."""
        return darkened(self.primary, TEXT)

    @property
    def tint(self) -> str:
        """A trace of the primary colour behind text."""
        return mixed(self.primary, _WHITE, 0.07)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def darkened(colour: str, enough: float, ground: str = _WHITE) -> str:
    """The colour, mixed with black until its contrast to the ground is enough."""
    for step in range(21):
        darker = mixed("#000000", colour, step / 20)
        if contrast(darker, ground) >= enough:
            return darker
    return "#000000"


def mixed(colour: str, ground: str, share: float) -> str:
    """So much of a colour over a ground."""
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return "#" + "".join(f"{round(share * over + (1 - share) * under):02x}" for over, under in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _parts(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _logo(path: Path) -> Logo:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"brand.logo: {path} cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST_LOGO:
        raise ConfigError(f"brand.logo: {path} is larger than 2 MB; a logo in print size needs far less")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Logo(content, "png")
    if b"<svg" in content[:2000]:
        return Logo(content, "svg")
    raise ConfigError(f"brand.logo: {path} is neither an SVG nor a PNG")


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ConfigError(f"brand.fonts: there is no folder {path}")
    return path
