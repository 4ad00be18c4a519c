"""The contact matrix [Kontaktplan-Matrix] in small: contacts x our people, Ist and Soll.

A cell is a mapping: person, contact, soll, held, booked, influence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Cell: TypeAlias = Mapping[str, Any]
# Below that many people a sum says something about one of them (works council).
ENOUGH_PEOPLE = 5


def columns(cells: Iterable[Cell], first: Sequence[int | None]) -> list[int]:
    """Who of ours may have a column: of `first` in their order, then who plans the most; none where one
    person does it all."""
    planned: dict[int, int] = {}
    for cell in cells:
        planned[cell["person"]] = planned.get(cell["person"], 0) + cell["soll"]
    ranked = sorted(planned, key=lambda person: (_place(person, first), -planned[person], person))
    return ranked if len(planned) > 1 else []


def may_sum(cells: Iterable[Cell], reader: int | None) -> bool:
    """Whether a works council lets somebody read the sum of all: it is of many, or the reader's own."""
    people = {cell["person"] for cell in cells}
    return len(people) >= ENOUGH_PEOPLE or people == {reader}


def rows(
    cells: Sequence[Cell], attending: Collection[int], people: Sequence[int], *, together: bool = True
) -> dict[str, Any]:
    """One row per contact, those who attend first, with what each of these people did, and, if `together`,
    all of ours; and the sum of all, and of these people."""
    contacts = dict.fromkeys(
        cell["contact"] for cell in sorted(cells, key=lambda cell: cell["contact"] not in attending)
    )
    return {
        "people": list(people),
        "rows": [
            {
                "contact": contact,
                "account": next(cell.get("account") for cell in cells if cell["contact"] == contact),
                "attends": contact in attending,
                "all": _met(cells, contact) if together else None,
                "each": [_met(cells, contact, person) for person in people],
            }
            for contact in contacts
        ],
        "all": _total(cells),
        "own": _total(cell for cell in cells if cell["person"] in people) if people else None,
    }


def _place(person: int, first: Sequence[int | None]) -> int:
    return first.index(person) if person in first else len(first)


def _met(cells: Iterable[Cell], contact: int, person: int | None = None) -> Cell | None:
    found = [
        cell for cell in cells if cell["contact"] == contact and (person is None or cell["person"] == person)
    ]
    return _total(found) if found else None


def _total(cells: Iterable[Cell]) -> Cell:
    lines = list(cells)
    sums = {name: sum(cell[name] for cell in lines) for name in ("held", "soll", "booked")}
    # A contact too many with one is none with another.
    return sums | {"kept": sum(min(cell["held"], cell["soll"]) for cell in lines)}
