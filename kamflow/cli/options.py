"""The options that every command takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """Where, as whom, and how to answer.

    Parameters
    ----------
    home
        Folder of the installation; the current folder if not given.
    person
        Who acts: a key, e-mail address or full name. Without it, operations do.
    json
        Answer in JSON, and nothing else, on standard output.
    now
        Pretend that it is this moment (ISO with zone).
    """

    home: Annotated[Path | None, Parameter(env_var="KAMFLOW_HOME")] = None
    person: Annotated[str | None, Parameter(name="--as", env_var="KAMFLOW_PERSON")] = None
    json: Annotated[bool, Parameter(negative="")] = False
    now: Annotated[str | None, Parameter(show=False)] = None


# What a command has without any option; they are frozen, so all may share it.
HERE = Options()
GLOBAL = ("--home", "--as")


def commands_first(tokens: list[str]) -> list[str]:
    """Let the options of every command stand before the command too: `kamflow --home DIR nudges`."""
    moved: list[str] = []
    rest = list(tokens)
    while rest and (rest[0] == "--json" or rest[0].partition("=")[0] in GLOBAL):
        taken = 2 if rest[0] in GLOBAL else 1
        moved, rest = [*moved, *rest[:taken]], rest[taken:]
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *moved, *rest[end:]]
