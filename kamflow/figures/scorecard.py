"""The figures of one account and quarter, each with its date and source, and their lights.

Missing is not zero: a figure that is not known is None, has the light "no_data" and is printed as unknown.
Green, amber and red are judged against goals (revenue and margin); the share of company revenue has lights
of its own (amber: watch, red: dangerous dependence) that do not make the account amber or red.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from kamflow.figures import hints, lights
from kamflow.figures.account_figures import AccountFigures, Known
from kamflow.figures.lights import Light, Pair
from kamflow.figures.quarter_dates import State
from kamflow.nudge import canonical
from kamflow.periods import Period
from kamflow.thresholds import QuarterlyControlling

Unit = Literal["money", "percent", "count", "points"]
UNKNOWN = Pair(None, None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the scorecard. `percent` is of `against` (growth where `name` is year_ago)."""

    name: str
    unit: Unit
    value: Decimal | float | None
    light: Light
    reason: str
    as_of: date | None
    source: str | None
    against: Decimal | int | None = None
    percent: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_facts(self) -> dict[str, Any]:
        """JSON types: money as text with two decimals, in the company's currency."""
        more = {name: _plain(value) for name, value in self.more.items()}
        return {
            "name": self.name,
            "unit": self.unit,
            "value": _plain(self.value),
            "against": _plain(self.against),
            "percent": self.percent,
            "light": self.light,
            "reason": self.reason,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "source": self.source,
            "more": more,
        }


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All lines, the light of the account, the line that decided it, and what is also said."""

    account: int
    quarter: Period
    state: State
    figures: tuple[Figure, ...]
    light: Light
    decided_by: Figure
    hints: Mapping[str, Any]

    def as_facts(self) -> dict[str, Any]:
        return {
            "quarter": {"first": self.quarter.first.isoformat(), "last": self.quarter.last.isoformat()},
            "state": self.state,
            "light": self.light,
            "figures": [figure.as_facts() for figure in self.figures],
            "hints": dict(self.hints),
        }

    def digest(self) -> str:
        """The same for the same figures and lights, whatever day they carry."""
        figures = self.figures
        said = {each.name: [_plain(each.value), _plain(each.against), each.light] for each in figures}
        return hashlib.blake2b(canonical(said).encode(), digest_size=8).hexdigest()


def scorecard(facts: AccountFigures, state: State, policy: QuarterlyControlling) -> Scorecard:
    """Judge what is known of one account and quarter."""
    revenue, margin, share = _revenue(facts, policy), _margin(facts, policy), _share(facts, policy)
    light = revenue.light if revenue.light == "no_data" else lights.worst(revenue.light, margin.light)
    figures = (revenue, _year_ago(facts), margin, share, *_counts(facts), _nps(facts), _projects(facts))
    return Scorecard(
        facts.account,
        facts.quarter,
        state,
        figures,
        light,
        revenue if revenue.light == light else margin,
        hints.said(facts, share.light, light, policy),
    )


def _revenue(facts: AccountFigures, policy: QuarterlyControlling) -> Figure:
    now = Pair(_amount(facts.revenue), _amount(facts.goal))
    previous = Pair(_amount(facts.previous), _amount(facts.previous_goal))
    verdict = lights.goal_light(now, previous, policy)
    percent = lights.percent_of_goal(now)
    more = {"previous_percent": lights.percent_of_goal(previous)}
    return Figure("revenue", "money", now.actual, *verdict, *_origin(facts.revenue), now.goal, percent, more)


def _year_ago(facts: AccountFigures) -> Figure:
    now, before = _amount(facts.revenue), _amount(facts.year_ago)
    known = now is not None and before is not None
    verdict = ("none", "compared") if known else ("no_data", "no_data")
    origin = _origin(facts.year_ago)
    return Figure("year_ago", "money", now, *verdict, *origin, before, lights.change(now, before))


def _margin(facts: AccountFigures, policy: QuarterlyControlling) -> Figure:
    before, services = _amount(facts.margin), _amount(facts.services)
    after = None if before is None else before - (services or 0)
    now = Pair(after, _amount(facts.margin_goal))
    verdict = lights.goal_light(now, UNKNOWN, policy)
    more = {
        "before_services": before,
        "services": services,
        "rate": lights.percent(after, facts.margin_on),
    }
    percent = lights.percent_of_goal(now)
    return Figure("margin", "money", after, *verdict, *_origin(facts.margin), now.goal, percent, more)


def _share(facts: AccountFigures, policy: QuarterlyControlling) -> Figure:
    part, whole = _amount(facts.last_year), _amount(facts.company)
    verdict = lights.share_light(part, whole, policy)
    percent = lights.percent_of_whole(part, whole)
    more = {"last_year": part, "company": whole}
    return Figure("share", "percent", percent, *verdict, *_origin(facts.last_year), more=more)


def _counts(facts: AccountFigures) -> Iterator[Figure]:
    for name, counted in (("measures", facts.measures), ("contacts", facts.contacts)):
        if counted is None:
            yield Figure(name, "count", None, "no_data", "no_data", None, None)
            continue
        percent = lights.percent(Decimal(counted.done), Decimal(counted.of))
        reason = "counted" if counted.of else "none_planned"
        origin = counted.as_of, counted.source
        yield Figure(name, "count", counted.done, "none", reason, *origin, counted.of, percent)


def _nps(facts: AccountFigures) -> Figure:
    nps = facts.nps
    if nps is None:
        return Figure("nps", "points", None, "no_data", "no_data", None, None)
    more = {"answers": nps.answers, "coverage": nps.coverage, "raw": list(nps.raw)}
    reason = "few_answers" if nps.score is None else "asked"
    return Figure("nps", "points", nps.score, "none", reason, nps.as_of, nps.source, more=more)


def _projects(facts: AccountFigures) -> Figure:
    projects = facts.projects
    if projects is None:
        return Figure("projects", "count", None, "no_data", "no_data", None, None)
    more = {
        name: getattr(projects, name) for name in ("open_value", "won", "won_value", "lost", "lost_value")
    }
    origin = projects.as_of, projects.source
    return Figure("projects", "count", projects.open, "none", "counted", *origin, more=more)


def _amount(known: Known | None) -> Decimal | None:
    return None if known is None else known.amount


def _origin(known: Known | None) -> tuple[date | None, str | None]:
    return (None, None) if known is None else (known.as_of, known.source)


def _plain(value: Decimal | float | None) -> str | float | None:
    return f"{value:.2f}" if isinstance(value, Decimal) else value
