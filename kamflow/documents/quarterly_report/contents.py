"""The quarterly report to the head of KAM: what it shows, in which order, and what it leaves out.

The mail is a summary, the paper has every section, and a section the first lines of many: how many are left
out is said, all of them stand in the Excel file (`room` None). It is about customers, never about single
employees: what people have open (measures late, contacts missing, comments not given) is shown only where it
is the sum of at least five people (works council). What is not known is None, never 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from kamflow.documents.quarterly_report import chances, customers, sums
from kamflow.documents.quarterly_report.sums import Card, GroupSales, Rating
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


class Late(NamedTuple):
    """Open measures of an account past their date, and the oldest of these dates."""

    number: int
    since: date


class Comment(NamedTuple):
    """The row of a comment and the day on which it was given."""

    id: int
    on: date


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a quarter on a day. `cards`: of every account that is looked at; `limits`: as below.

    `people`: how many KAMs have these accounts, `asked_people` those that are red or amber. `services_noted`:
    the last day on which a service was given, None where the company writes none down. `buyers`: product
    group -> how many accounts bought it, `buying` how many bought any. `answers`: the scores of each
    account's newest survey. `paused`: (account, last day, row of the pause).
    """

    quarter: Period
    day: date
    currency: str
    limits: Mapping[str, int]
    cards: Sequence[Card] = ()
    people: int = 0
    asked_people: int = 0
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
    quarter, few = known.quarter, None if room is None else min(room, FEW)
    said: Facts = {
        "quarter": {"first": quarter.first.isoformat(), "last": quarter.last.isoformat()},
        "day": known.day.isoformat(),
        "currency": known.currency,
        "limits": dict(known.limits),
        "people_needed": ENOUGH_PEOPLE,
        "counts": {light: sum(card.light == light for card in cards) for light in LIGHTS},
        "preliminary": sum(card.state == "preliminary" for card in cards),
        "totals": sums.totals(cards),
        "lights": customers.listed((customers.line(card) for card in cards), room)
        | {"left": _left(cards, room)},
        "groups": sums.groups(known.groups, few, before=known.before_known),
        "portfolio": customers.portfolio(cards, known.ratings, room),
        "dependence": customers.dependence(cards, few),
        "movers": customers.movers(cards, few),
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
    enough = known.people >= ENOUGH_PEOPLE
    late = (
        {"account": account, "late": each.number, "since": each.since.isoformat()}
        for account, each in sorted(
            known.late.items(), key=lambda pair: (-pair[1].number, pair[1].since, pair[0])
        )
    )
    return {
        "contacts": customers.contacts(cards, room) if enough else None,
        "measures": customers.listed(late, room) | {"late": sum(each.number for each in known.late.values())}
        if enough
        else None,
        "comments": _comments(known, cards, room),
    }


def _comments(known: Known, cards: Sequence[Card], room: int | None) -> Facts:
    """What was commented; how many were not is said only where it is about enough people."""
    asked = [card.account for card in cards if card.light in ("red", "amber")]
    given = [(account, known.comments[account]) for account in asked if account in known.comments]
    lines = ({"account": account, "comment": each.id, "on": each.on.isoformat()} for account, each in given)
    enough = known.asked_people >= ENOUGH_PEOPLE
    return customers.listed(lines, room) | {"of": len(asked) if enough else None}


def _order(card: Card) -> tuple[int, Decimal, int]:
    """By light; what is furthest below its goal in money first, else what sold most."""
    weight = -card.missing if card.light in ("red", "amber") else -(card.amount("revenue") or Decimal())
    return LIGHTS.index(card.light), weight, card.account


def _left(cards: Sequence[Card], room: int | None) -> dict[str, int]:
    """How many of each light are not listed."""
    rest = cards[room:] if room is not None else ()
    return {light: sum(card.light == light for card in rest) for light in LIGHTS}


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
