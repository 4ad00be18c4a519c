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
