"""The customers of the quarterly report by figure: the first of each section, and how many there are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kamflow.documents.quarterly_report.sums import Card, Late, Rating, origin, tops
from kamflow.figures import lights, nps
from kamflow.figures import portfolio as fields

_MOVERS, _SHARES = 5, 8
_SHOWN = ("value", "against", "percent", "as_of", "source", "light")
_FIGURES = ("revenue", "year_ago", "margin", "share")


def listed(lines: Iterable[dict[str, Any]], room: int | None) -> dict[str, Any]:
    """The first lines, how many there are, and how many are left out."""
    found = list(lines)
    kept = found if room is None else found[:room]
    return {"lines": kept, "count": len(found), "more": len(found) - len(kept)}


def line(card: Card) -> dict[str, Any]:
    """One customer: light, state, and the figures that are about the customer alone."""
    nps_ = card.figure("nps")
    return (
        {"account": card.account, "light": card.light, "state": card.state}
        | {name: shown(card, name) for name in _FIGURES}
        | {"nps": _trimmed(nps_) | {"answers": nps_.get("more", {}).get("answers")}}
    )


def portfolio(cards: Sequence[Card], ratings: Mapping[int, Rating], room: int | None) -> dict[str, Any]:
    """Attractiveness against competitive position, the largest customers first; who has no place in it.

    A site has one of its own where it is rated; where it is not, its group's is enough.
    """
    ordered = sorted(cards, key=lambda card: (-(card.amount("revenue") or 0), card.account))
    rated = [(card.account, ratings[card.account]) for card in ordered if card.account in ratings]
    points = [_point(account, rating) for account, rating in rated]
    placed = [point for point in points if point["field"]]
    known = {point["account"] for point in placed}
    unknown = [{"account": card.account} for card in tops(ordered) if card.account not in known]
    days = [point["rated_on"] for point in placed]
    return {
        **listed(placed, room),
        "fields": {field: sum(point["field"] == field for point in placed) for field in fields.Field},
        "unknown": listed(unknown, room),
        "oldest": min(days, default=None),
        "as_of": max(days, default=None),
        "source": "kamflow" if days else None,
    }


def _point(account: int, rating: Rating) -> dict[str, Any]:
    field = fields.field(rating.attractiveness, rating.competitive)
    return {
        "account": account,
        "attractiveness": rating.attractiveness,
        "competitive": rating.competitive,
        "field": field.value if field else None,
        "strategy": fields.STRATEGIES[field].value if field else None,
        "rated_on": rating.rated_on.isoformat(),
    }


def dependence(cards: Sequence[Card], room: int | None) -> dict[str, Any]:
    """Shares of the company's revenue in twelve months, the largest first; which are watched or dangerous."""
    known = [card for card in cards if card.figure("share")["value"] is not None]
    ordered = sorted(known, key=lambda card: (-float(card.figure("share")["value"]), card.account))
    lines = [{"account": card.account, **shown(card, "share")} for card in ordered]
    counts = Counter(each["light"] for each in lines)
    return {
        **listed(lines, room if room is None else _SHARES),
        "known": len(lines),
        "of": len(cards),
        "watched": counts["amber"],
        "dangerous": counts["red"],
        **origin(lines),
    }


def movers(cards: Sequence[Card], room: int | None) -> dict[str, Any]:
    """The largest changes in money against the same quarter a year ago."""
    pairs = [(card, pair) for card in cards if (pair := card.pair("year_ago"))]
    moved = [(now - before, card) for card, (now, before) in pairs]
    most = len(moved) if room is None else _MOVERS
    up = sorted((each for each in moved if each[0] > 0), key=lambda each: (-each[0], each[1].account))
    down = sorted((each for each in moved if each[0] < 0), key=lambda each: (each[0], each[1].account))
    return {
        "up": [_moved(*each) for each in up[:most]],
        "down": [_moved(*each) for each in down[:most]],
        "rising": len(up),
        "falling": len(down),
        "known": len(moved),
        "of": len(cards),
        **origin(card.figure("revenue") for _, card in moved),
    }


def _moved(change: Decimal, card: Card) -> dict[str, Any]:
    """`as_of` is the day of what is, `before_as_of` of what was a year ago."""
    was = card.figure("year_ago")["as_of"]
    figure = shown(card, "year_ago") | origin_of(card, "revenue") | {"before_as_of": was}
    return {"account": card.account, "change": f"{change:.2f}", **figure}


def contacts(cards: Sequence[Card], room: int | None) -> dict[str, Any]:
    """Contacts made of those planned in the fiscal year, what lacks most first."""
    counted = tops(cards)
    known = planned(cards)
    ordered = sorted(known, key=lambda card: (card.figure("contacts")["percent"], card.account))
    figures = [card.figure("contacts") for card in tops(known)]
    made, target = (int(sum(figure[place] for figure in figures)) for place in ("value", "against"))
    return {
        **listed(({"account": card.account, **shown(card, "contacts")} for card in ordered), room),
        "value": made if figures else None,
        "against": target if figures else None,
        "percent": lights.percent(Decimal(made), Decimal(target)),
        "known": len(figures),
        "of": len(counted),
        "untold": sum(not _met(card) for card in counted),
        **origin(figures),
    }


def planned(cards: Iterable[Card]) -> list[Card]:
    """Where some contacts are planned and it is known how many were made."""
    return [card for card in cards if card.figure("contacts")["against"] and _met(card)]


def _met(card: Card) -> bool:
    return card.figure("contacts")["value"] is not None


def late(measures: Mapping[int, Late], room: int | None) -> dict[str, Any]:
    """Measures past their date, most first."""
    ordered = sorted(measures.items(), key=lambda pair: (-pair[1].number, pair[1].since, pair[0]))
    lines = (
        {"account": account, "late": each.number, "since": each.since.isoformat()}
        for account, each in ordered
    )
    return listed(lines, room) | {"late": sum(each.number for each in measures.values())}


def satisfaction(cards: Sequence[Card], score: nps.Score, room: int | None) -> dict[str, Any]:
    """NPS of all answers and of each customer with its coverage, the unhappy first; few answers: how many."""
    asked = [card for card in cards if card.figure("nps").get("more")]
    ordered = sorted(asked, key=_unhappy)
    lines = [
        {
            "account": card.account,
            **shown(card, "nps"),
            "answers": card.figure("nps")["more"]["answers"],
            "coverage": card.figure("nps")["more"]["coverage"],
        }
        for card in ordered
    ]
    return {
        **listed(lines, room),
        "value": score.whole,
        "answers": score.answers,
        "promoters": score.promoters,
        "passives": score.passives,
        "detractors": score.detractors,
        "known": len(tops(asked)),
        "of": len(tops(cards)),
        **origin(lines),
    }


def _unhappy(card: Card) -> tuple[bool, float, int]:
    value = card.figure("nps")["value"]
    return value is None, value or 0, card.account


def shown(card: Card, name: str) -> dict[str, Any]:
    return _trimmed(card.figure(name))


def _trimmed(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {place: figure.get(place) for place in _SHOWN}


def origin_of(card: Card, name: str) -> dict[str, Any]:
    return {place: card.figure(name)[place] for place in ("as_of", "source")}
