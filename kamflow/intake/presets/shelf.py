"""The mappings that come with kamflow."""

from functools import cache
from importlib.resources import files

from kamflow.errors import Refused
from kamflow.intake.mapping import Mapping, parse

NAMES = ("kamflow", "salesforce", "salesforce-tree", "calendar", "contact-matrix", "form")


def content(name: str) -> str:
    """The text of a preset, to be read or copied.

    Raises:
        Refused: there is no such preset; names those there are.
    """
    if name not in NAMES:
        raise Refused(f"no preset {name!r}: there are {', '.join(NAMES)}")
    return (files("kamflow.intake.presets") / f"{name}.toml").read_text(encoding="utf-8")


@cache
def preset(name: str) -> Mapping:
    """A preset as a mapping; raises as `content` does."""
    return parse(content(name), f"preset {name}")
