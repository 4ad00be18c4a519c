"""One cell of a plan on its way in: what it means, and whether it goes in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.intake.cells import literal
from kamflow.intake.context import Context
from kamflow.intake.entities.fields import Field
from kamflow.intake.forms.memory import taken
from kamflow.intake.forms.plan_paper import spelled
from kamflow.intake.forms.plan_reading import Written
from kamflow.intake.forms.plan_words import CELLS, CHOICES, WORDS
from kamflow.intake.forms.sheet_cells import typed
from kamflow.intake.record import Problem, Record

SHORT = 500
UNKNOWN = ("?", "??", "???")  # how people write that they do not know
_FIELDS: Mapping[str, Field] = {
    "day": Field("day", "day"),
    "money": Field("amount", "money"),
    "whole": Field("rank", "whole", low=1, high=99),
}
SAME = object()  # the cell leaves alone what is stored


@dataclass(slots=True)
class Reader:
    """What it takes to understand the cells of one plan. `names`: what people and contacts are called.

    `left` counts cells that say what they were exported with, while this form wrote something else since.
    """

    ctx: Context
    account: int
    language: str
    names: Mapping[str, Mapping[int, str]]
    left: int = 0

    def change(self, record: Record, cell: Written, now: Any, *, mine: bool = False) -> Any:
        """The new value of a cell, or SAME. What cannot be read, or was changed on both sides, is refused.

        `now` is what is stored. `mine`: the form itself wrote that, so what differs is a change of it; but a
        cell that is as it was exported may as well stand in an old copy of the file, and takes nothing back.
        """
        stored = self._spelled(cell.kind, now)
        try:
            value = cell.said if self._untouched(cell) else self._value(cell)
            written = cell.base if self._untouched(cell) else self._spelled(cell.kind, value)
            if written == cell.base:
                self.left += mine and written != stored
                return SAME
            changed = taken(stored if mine else cell.base, written, stored)
        except ValueError as error:
            record.problems.append(Problem(titled(cell, self.language), cell.said, str(error)))
            return SAME
        return value if changed else SAME

    def _untouched(self, cell: Written) -> bool:
        return cell.kind not in CHOICES and cell.said == cell.base

    def _spelled(self, kind: str, value: Any) -> str:
        if kind in ("person", "contact") and isinstance(value, int):
            return spelled(self.names[kind].get(value, str(value)))
        return spelled(value)

    def _value(self, cell: Written) -> Any:
        said = literal(cell.cell).strip()
        if not said or (cell.kind == "answer" and said in UNKNOWN):
            return None
        if cell.kind in CHOICES:
            return _choice(cell.kind, said)
        if cell.kind in ("person", "contact"):
            return self._reference(cell.kind, said)
        if cell.kind in _FIELDS:
            zone = ZoneInfo(self.ctx.company.zone)
            return typed(cell.cell, _FIELDS[cell.kind], self.ctx.known, zone, self.language)
        return _short(said) if cell.kind == "short" else said

    def _reference(self, kind: str, said: str) -> int:
        among = self.ctx.known.contacts_at(self.account) if kind == "contact" else ()
        called = [row for row, name in self.names[kind].items() if spelled(name) == said]
        here = [row for row in called if row in among] or called
        if len(here) == 1:
            return here[0]
        names = self.ctx.known.contacts if kind == "contact" else self.ctx.known.people
        found = names.find(said)
        if found is None:
            raise ValueError(f"a {kind} that kamflow knows: key, e-mail address or full name")
        return found


def _choice(kind: str, said: str) -> str:
    low = said.casefold()
    for code, word in CHOICES[kind].items():
        if low in (code.casefold(), word.de.casefold(), word.en.casefold()):
            return code
    if kind == "side":
        raise ValueError("one of " + ", ".join(f"{each.de} ({each.en})" for each in CHOICES[kind].values()))
    return _short(said)


def _short(said: str) -> str:
    if len(said) > SHORT:
        raise ValueError(f"at most {SHORT} characters")
    return said


def titled(cell: Written, language: str) -> str:
    """How a cell is called where it comes back: "bis (M29)"."""
    return f"{WORDS[CELLS[cell.name]][language]} ({cell.place})"
