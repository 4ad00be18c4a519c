"""The contact matrix [Kontaktplan-Matrix] of one account in full: contacts x our people, Ist and Soll.

Whether somebody lags behind is that person's own: with a works council a reader sees it of themselves and of
whom they stand in for. Who met whom is known to the account's whole team.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

State = Literal["reached", "booked", "on_pace", "behind", "open"]
GRAVE: Sequence[State] = ("reached", "booked", "on_pace", "open", "behind")


@dataclass(frozen=True, slots=True)
class Met:
    """One person with one contact: held and booked, of what was planned; `state` is the rule's verdict."""

    person: int
    contact: int
    account: int
    held: int
    soll: int
    booked: int
    state: State


@dataclass(frozen=True, slots=True)
class Row:
    """A contact with one cell for each of our people; None where nothing is planned."""

    contact: int
    name: str
    position: str | None
    influence: int | None
    account: str | None
    cells: tuple[Met | None, ...]
    last: tuple[date, str] | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Planned contacts that were held; a contact too many with one is none with another."""

    kept: int
    soll: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.kept / self.soll) if self.soll else None


@dataclass(frozen=True, slots=True)
class Grid:
    """The matrix as one reader may see it. `people`: ids and names of the columns; `coverage`: None where it
    would say what a single person does."""

    people: tuple[tuple[int, str], ...]
    rows: tuple[Row, ...]
    coverage: Coverage | None
    as_of: date | None
    source: str | None
    hidden: bool = False


def shown(cells: Iterable[Met], readable: Collection[int] | None, own: Collection[int] | None) -> list[Met]:
    """The cells somebody may read: of these people (None: all), with the verdict on `own` (None: all)."""
    kept = [cell for cell in cells if readable is None or cell.person in readable]
    return [cell if own is None or cell.person in own else _without_verdict(cell) for cell in kept]


def columns(cells: Sequence[Met], first: Collection[int]) -> list[int]:
    """Who has a column: the reader and theirs first, then who plans the most."""
    planned: dict[int, int] = {}
    for cell in cells:
        planned[cell.person] = planned.get(cell.person, 0) + cell.soll
    return sorted(planned, key=lambda person: (person not in first, -planned[person], person))


def coverage(cells: Iterable[Met]) -> Coverage:
    """Of all cells together."""
    known = list(cells)
    return Coverage(sum(min(cell.held, cell.soll) for cell in known), sum(cell.soll for cell in known))


def added(one: Met | None, other: Met) -> Met:
    """Two targets of the same pair, such as a year's and a quarter's, as one cell with the graver state."""
    if one is None:
        return other
    return replace(
        one,
        held=one.held + other.held,
        soll=one.soll + other.soll,
        booked=one.booked + other.booked,
        state=max((one, other), key=lambda cell: GRAVE.index(cell.state)).state,
    )


def _without_verdict(cell: Met) -> Met:
    """How much was held of what is planned stays: the team agreed on it."""
    return cell if cell.state in ("reached", "booked") else replace(cell, state="open")
