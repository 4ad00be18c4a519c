"""With the works council's rule in force no command shows one person's open, late or missed items to another.

Every command has its row in council_rows.py; a new one fails here until somebody has decided what it may
show. They are called for three and for six people who are late, by operations, by the head of KAM and by a
colleague, and what they print and write is searched.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cyclopts import App
from pypdf import PdfReader
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.cli import app
from kamflow.models.event import Event
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from tests.cli.conftest import Answer
from tests.cli.council_rows import COMMANDS, SHOWN
from tests.late_team import EACH, LateTeam


def commands() -> Iterator[str]:
    """Every command and subcommand there is."""
    built = app.build()
    for group in app.COMMANDS.values():
        for name in group:
            yield from _of(name, built[name])


def _of(name: str, made: App) -> Iterator[str]:
    below = [each for each in made if not each.startswith("-")]
    if made.default_command is not None:
        yield name
    for each in below:
        yield from _of(f"{name} {each}", made[each])


def test_what_every_command_may_show_was_decided() -> None:
    missing = {*commands()} - COMMANDS.keys()
    assert not missing, "decide what they may show of others, and write it down in council_rows.py"


@pytest.fixture
def many() -> int:
    """How many are late; a test may say another number."""
    return 3


@pytest.fixture
def team(many: int, home: Path, engine: Engine) -> LateTeam:
    (home / "kamflow.toml").write_text('[delivery]\nmode = "off"\n')
    return LateTeam(engine, many)


def called(team: LateTeam, words: Sequence[str], out: Path) -> list[str]:
    known = {"ITEM": team.items[0], "DIGEST": team.digests[0], "SIGN_IN": team.sign_ins[0]}
    return [str(known.get(each, each.replace("OUT", str(out)))) for each in words]


def read(folder: Path) -> str:
    """All text of what was written."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".xlsx", ".zip"):
            with ZipFile(path) as parts:
                found += [_lines(parts.read(name).decode("utf-8", "replace")) for name in parts.namelist()]
        elif path.suffix == ".pdf":
            found += [page.extract_text() for page in PdfReader(path).pages]
        elif path.is_file():
            found.append(_lines(path.read_text("utf-8", "replace")))
    return "\n".join(found)


def _lines(text: str) -> str:
    """Of markup each element on a line of its own."""
    return re.sub(r"</(si|row|tr|li|p|div)>", "\n", text)


SEARCHED = [
    (name, words) for name, (why, calls) in sorted(COMMANDS.items()) if why == SHOWN for words in calls
]


@pytest.mark.slow  # 55 commands a time; that each has its row is looked at each time
@pytest.mark.parametrize(("many", "who"), [(3, None), (3, "head"), (3, "other"), (6, "operator")])
def test_no_command_tells_of_others(
    team: LateTeam, kamflow: Callable[..., Answer], tmp_path: Path, who: str | None
) -> None:
    there, found = {*commands()}, {}
    for number, (name, words) in enumerate(SEARCHED):
        if name not in there:
            continue
        folder = tmp_path / f"{number}"
        folder.mkdir()
        acting = ["--as", who] if who else []
        answer = kamflow(*name.split(), *called(team, words, folder / "out"), *acting)
        assert "Traceback" not in answer.err, (name, words, answer.err)
        if lines := team.leaks("\n".join((answer.out, answer.err, read(folder)))):
            found[" ".join((name, *words))] = lines[:3]
    assert found == {}


@pytest.mark.parametrize("many", [3, 6])
def test_sums_are_of_five_people_and_more(team: LateTeam, kamflow: Callable[..., Answer]) -> None:
    said = kamflow("nudges").out
    assert (str(EACH * len(team.names)) in said) == (len(team.names) >= 5)
    for words in (("quandt",), ("quandt", "--as", "other"), ("quandt", "--as", "head")):
        assert kamflow("nudges", "--person", *words).code == 2


@pytest.mark.parametrize(
    "command", [("nudges", "--person", "quandt"), ("why-not", "quandt"), ("why", "ITEM")]
)
def test_breaking_the_glass_leaves_an_event_and_tells_the_person(
    team: LateTeam, kamflow: Callable[..., Answer], stored: Any, command: tuple[str, ...]
) -> None:
    words = called(team, command, Path("-"))
    refused = kamflow(*words, "--as", "other", "--break-glass", "curious")
    assert refused.code == 2
    assert kamflow(*words, "--as", "head", "--break-glass", "ill since Monday").code == 0
    broken = (
        stored.execute(select(Event).where(col(Event.name) == "works_council.glass_broken")).scalars().all()
    )
    told = stored.execute(select(col(StoredMessage.key)).where(col(StoredMessage.template) == "break_glass"))
    assert [each.payload["command"] for each in broken] == [words[0]]
    assert list(told.scalars()) == [f"glass:{broken[0].id}"]


def test_the_glass_breaks_into_eight_weeks_and_no_further(
    team: LateTeam, kamflow: Callable[..., Answer], stored: Any
) -> None:
    one = select(col(StoredNudge.id)).where(col(StoredNudge.identity) == "zz-closed-Quandt")
    closed = stored.execute(one).scalar_one()
    for who in ("quandt", "head"):
        answer = kamflow("why", closed, "--as", who, "--break-glass", "x")
        assert (answer.code, answer.out) == (2, ""), who
        assert "eight weeks" in answer.err
