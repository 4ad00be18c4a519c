"""What could be done at customers: packages, services, product groups, classes to review."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kamflow.documents.quarterly_report.customers import listed, origin_of
from kamflow.documents.quarterly_report.sums import Card, origin

_NAMED = 5  # services and product groups named in one line


def packages(cards: Sequence[Card], room: int | None) -> dict[str, Any]:
    """Whose volume grew enough to ask: a better package?"""
    grown = [
        (card.hints["better_package"], card) for card in cards if card.hints["better_package"] is not None
    ]
    ordered = sorted(grown, key=lambda each: (-each[0], each[1].account))
    lines = [
        {"account": card.account, "growth": growth, **origin_of(card, "share")} for growth, card in ordered
    ]
    return listed(lines, room) | origin(lines)


def services(cards: Sequence[Card], noted: date | None, room: int | None) -> dict[str, Any]:
    """Services a class is entitled to and did not get; nothing is known where none are written down."""
    lacking = [card for card in cards if card.hints["unused"]]
    ordered = sorted(lacking, key=lambda card: (-len(card.hints["unused"]), card.account))
    lines = [
        {
            "account": card.account,
            "services": list(_first(card.hints["unused"], room)),
            "unused_count": len(card.hints["unused"]),
        }
        for card in ordered
    ]
    counted = Counter(service for card in lacking for service in card.hints["unused"])
    by_service = [
        {"service": service, "count": count} for service, count in sorted(counted.items(), key=_most)
    ]
    return {
        **listed(lines, room),
        "by_service": listed(by_service, room),
        "as_of": noted.isoformat() if noted else None,
        "source": "kamflow" if noted else None,
    }


def not_bought(
    cards: Sequence[Card], buyers: Mapping[str, int], buying: int, room: int | None
) -> dict[str, Any]:
    """Product groups that other customers buy: who buys none of them, the largest customer first."""
    lacking = [card for card in cards if card.hints["not_bought"]["count"]]
    ordered = sorted(lacking, key=lambda card: (-(card.amount("revenue") or 0), card.account))
    lines = [
        {
            "account": card.account,
            "groups": list(card.hints["not_bought"]["groups"]),
            "group_count": card.hints["not_bought"]["count"],
        }
        for card in ordered
    ]
    missing = ((group, buying - count) for group, count in buyers.items() if count < buying)
    by_group = [{"group": group, "count": count} for group, count in sorted(missing, key=_most)]
    return {
        **listed(lines, room),
        "by_group": listed(by_group, room),
        "known": buying,
        "of": len(cards),
        **origin(card.figure("share") for card in cards if card.figure("share")["value"] is not None),
    }


def classes(cards: Sequence[Card], room: int | None) -> dict[str, Any] | None:
    """Whose class may not fit any more; None outside the quarter in which classes are reviewed."""
    reviewed = [card for card in cards if card.hints["class_review"]]
    if not reviewed:
        return None
    lines = [
        {"account": card.account, "review": review, **origin_of(card, "revenue")}
        for review in ("up", "down")
        for card in reviewed
        if card.hints["class_review"] == review
    ]
    confirm = sum(card.hints["class_review"] == "confirm" for card in reviewed)
    return {**listed(lines, room), "confirm": confirm, **origin(card.figure("revenue") for card in reviewed)}


def _most(pair: tuple[Any, int]) -> tuple[int, Any]:
    return -pair[1], pair[0]


def _first(values: Sequence[Any], room: int | None) -> Sequence[Any]:
    return values if room is None else values[:_NAMED]
