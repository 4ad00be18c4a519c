"""The quarterly report to the head of KAM: what it shows, in which order, and what it leaves out.

The mail is a summary, the paper has every section, and a section the first lines of many: how many are left
out is said, all of them stand in the Excel file (`room` None). It is about customers, never about single
employees: with a works council what people have open (measures late, contacts missing) is shown only as a sum
of at least five people and never by customer, for a customer is looked after by one person; comments are
shown only where five were asked. A site that is counted into its group's figures is not counted once more.
What is not known is None, never 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from kamflow.documents.quarterly_report import chances, customers, sums
from kamflow.documents.quarterly_report.sums import Card, GroupSales, Late, Rating
from kamflow.figures import nps
from kamflow.periods import Period
from kamflow.policy import Policy

Facts: TypeAlias = dict[str, Any]
LIGHTS = ("red", "amber", "no_data", "none", "green")
ROOM, FEW = 40, 12  # lines of the lights and of the portfolio, and of every other section
# Sums of what people have open need as many people (works council).
ENOUGH_PEOPLE = 5

SUMMARY = ("quarter", "chances")
WHOLE = (
    "quarter",
    "lights",
    "groups",
    "portfolio",
    "dependence",
    "movers",
    "contacts",
    "measures",
    "nps",
    "packages",
    "services",
    "not_bought",
    "classes",
    "comments",
    "paused",
)


class People(NamedTuple):
    """How many people a sum is about: who has measures late, plans contacts, was asked for a comment."""

    late: int = 0
    planners: int = 0
    asked: int = 0


class Comment(NamedTuple):
    """The row of a comment and the day on which it was given."""

    id: int
    on: date


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a quarter on a day. `cards`: of every account that is looked at; `limits`: as below.

    `council`: whether a works council's rule is in force. `services_noted`: the last day on which a service
    was given, None where the company writes none down. `buyers`: product group -> how many accounts bought
    it, `buying` how many bought any. `answers`: the scores of each account's newest survey. `paused`:
    (account, last day, row of the pause).
    """

    quarter: Period
    day: date
    currency: str
    limits: Mapping[str, int]
    cards: Sequence[Card] = ()
    council: bool = True
    people: People = field(default_factory=People)
    groups: Sequence[GroupSales] = ()
    before_known: bool = False
    ratings: Mapping[int, Rating] = field(default_factory=dict)
    late: Mapping[int, Late] = field(default_factory=dict)
    services_noted: date | None = None
    buyers: Mapping[str, int] = field(default_factory=dict)
    buying: int = 0
    answers: Mapping[int, Sequence[int]] = field(default_factory=dict)
    shown_from: int = nps.SHOWN_FROM
    comments: Mapping[int, Comment] = field(default_factory=dict)
    paused: Sequence[tuple[int, date, int]] = ()


def shown(facts: Mapping[str, Any], *, whole: bool) -> Facts:
    """The facts with the sections that are shown: of the mail, or of the paper."""
    names = WHOLE if whole else SUMMARY
    return {**facts, "sections": [name for name in names if name != "classes" or facts["classes"]]}


def facts(known: Known, room: int | None = ROOM) -> Facts:
    """All figures with date and source, in JSON types; ids and codes, no names."""
    cards = sorted(known.cards, key=_order)
    tops = sums.tops(cards)
    quarter, few = known.quarter, None if room is None else min(room, FEW)
    said: Facts = {
        "quarter": {"first": quarter.first.isoformat(), "last": quarter.last.isoformat()},
        "day": known.day.isoformat(),
        "currency": known.currency,
        "limits": dict(known.limits),
        "council": known.council,
        "people_needed": ENOUGH_PEOPLE,
        "counts": _counts(tops),
        "preliminary": sum(card.state == "preliminary" for card in tops),
        "totals": sums.totals(tops),
        "lights": customers.listed(map(customers.line, tops), room) | {"left": _left(tops, room)},
        "sites": _sites(cards, few),
        "groups": sums.groups(known.groups, few, before=known.before_known),
        "portfolio": customers.portfolio(cards, known.ratings, room),
        "dependence": customers.dependence(tops, few),
        "movers": customers.movers(tops, few),
        "nps": customers.satisfaction(cards, _score(known), few),
        "packages": chances.packages(cards, few),
        "services": chances.services(cards, known.services_noted, few),
        "not_bought": chances.not_bought(cards, known.buyers, known.buying, few),
        "classes": chances.classes(cards, few),
        "paused": customers.listed(
            ({"account": a, "until": until.isoformat(), "pause": row} for a, until, row in known.paused), few
        ),
    }
    return shown(said | _of_people(known, cards, few), whole=False)


def _of_people(known: Known, cards: Sequence[Card], room: int | None) -> Facts:
    """What says something about people's work: null where it would be about few of them."""
    contacts, late = customers.contacts(cards, room), customers.late(known.late, room)
    return {
        "contacts": _summed(known, contacts) if _enough(known, known.people.planners) else None,
        "measures": _summed(known, late) if _enough(known, known.people.late) else None,
        "comments": _comments(known, cards, room),
    }


def _enough(known: Known, people: int) -> bool:
    return not known.council or people >= ENOUGH_PEOPLE


def _summed(known: Known, figures: Facts) -> Facts:
    """Without the lines of single customers where a works council watches: each is about one person."""
    return figures | {"lines": [], "more": 0} if known.council else figures


def _comments(known: Known, cards: Sequence[Card], room: int | None) -> Facts:
    """What was commented, of how many: about enough people only, for the others did not comment.

    The comment on a site is listed and, as its light, not counted.
    """
    behind = [card for card in cards if card.light in ("red", "amber")]
    asked = [card.account for card in sums.tops(behind)]
    if behind and not _enough(known, known.people.asked):
        return customers.listed((), room) | {"given": None, "of": None}
    found = known.comments
    given = [(card.account, found[card.account]) for card in behind if card.account in found]
    lines = ({"account": account, "comment": each.id, "on": each.on.isoformat()} for account, each in given)
    counted = sum(account in found for account in asked)
    return customers.listed(lines, room) | {"given": counted, "of": len(asked)}


def _counts(cards: Sequence[Card]) -> dict[str, int]:
    return {light: sum(card.light == light for card in cards) for light in LIGHTS}


def _sites(cards: Sequence[Card], room: int | None) -> Facts:
    """Customers that are counted into their group (`within`) and nowhere else."""
    sites = [card for card in cards if card.group is not None]
    lines = ({**customers.line(card), "within": card.group} for card in sites)
    return customers.listed(lines, room) | {"lights": _counts(sites)}


def _order(card: Card) -> tuple[int, Decimal, int]:
    """By light; what is furthest below its goal in money first, else what sold most."""
    weight = -card.missing if card.light in ("red", "amber") else -(card.amount("revenue") or Decimal())
    return LIGHTS.index(card.light), weight, card.account


def _left(cards: Sequence[Card], room: int | None) -> dict[str, int]:
    """How many of each light are not listed."""
    return _counts(cards[room:] if room is not None else ())


def limits(policy: Policy) -> dict[str, int]:
    """The thresholds that the report names."""
    names = ("green_from", "red_below", "share_watch", "share_dangerous", "volume_growth")
    rule = policy.quarterly_controlling
    return {name: getattr(rule, name) for name in names} | {"nps_from": policy.survey_dispatch.nps_from}


def _score(known: Known) -> nps.Score:
    """Of all customers; the survey of a site counts with its group and not once more."""
    within = {card.account for card in known.cards if card.group is not None}
    given: Iterable[int] = (
        score for account, scores in known.answers.items() if account not in within for score in scores
    )
    return nps.score(given, known.limits["nps_from"])
