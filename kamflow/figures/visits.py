"""Which visits close most: "one visit, four cells"."""

from collections.abc import Sequence
from typing import Any

CELLS_PER_VISIT = 4  # a visit sees a few people, not a whole company


def propose(cells: Sequence[tuple[int, int, int, int]], share: float) -> list[dict[str, Any]]:
    """Propose visits greedily, the one that closes most contacts x weight first.

    Args:
        cells: (target, contact, contacts behind, weight) of one person at one account.
        share: stop when this share of all contacts x weight is closed.

    Returns:
        Per visit the `targets` it closes by one contact each and the `contacts` it meets, best first.
    """
    left = {target: (behind, weight) for target, _, behind, weight in cells}
    who = {target: contact for target, contact, _, _ in cells}
    total = sum(behind * weight for behind, weight in left.values())
    open_weight, visits = float(total), []
    best = sorted(left, key=lambda target: (-left[target][1], target))
    while left and open_weight > (1 - share) * total + 1e-9:
        # One visit meets a contact once, even where two targets name the same contact.
        chosen: dict[int, int] = {}
        for target in best:
            if target in left:
                chosen.setdefault(who[target], target)
        targets = list(chosen.values())[:CELLS_PER_VISIT]
        visits.append({"targets": targets, "contacts": [who[target] for target in targets]})
        for target in targets:
            behind, weight = left.pop(target)
            open_weight -= weight
            if behind > 1:
                left[target] = (behind - 1, weight)
    return visits


def joint(cells: Sequence[tuple[int, int, int, int]]) -> list[dict[str, Any]]:
    """Visits that two or more of our people make together, because all of them are behind with a contact.

    Args:
        cells: (target, person, contact, weight) of everybody who is behind at one account.

    Returns:
        Per contact the `persons` and the `targets` one visit closes by one contact each, the one that closes
        most weight first.
    """
    by_contact: dict[int, dict[int, tuple[int, int]]] = {}
    for target, person, contact, weight in sorted(cells, key=lambda cell: (-cell[3], cell[0])):
        by_contact.setdefault(contact, {}).setdefault(person, (target, weight))
    shared = [(contact, people) for contact, people in by_contact.items() if len(people) > 1]
    shared.sort(key=lambda pair: (-sum(weight for _, weight in pair[1].values()), pair[0]))
    return [
        {
            "contact": contact,
            "persons": sorted(people),
            "targets": [people[person][0] for person in sorted(people)],
        }
        for contact, people in shared
    ]
