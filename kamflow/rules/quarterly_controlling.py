"""Each quarter the figures of an account are looked at, and what is amber or red is commented.

In the customer's words: "When the quarter's revenue is there, at the latest two weeks after its end, show
each KAM which customers are behind their goal; comment, plan and measure are one form, in two weeks, in the
season of the annual meetings in three. A customer whose figures are missing is not at zero: ask whoever
brings them. A week later the boss gets the report."

nudge     owner             since, due_on                           stage          closed by
comment   KAM               opening, + 10 wd (15 in the season)     amber | red    the quarter commented
no_data   owner of the      opening, + 5 wd                         ""             revenue of the quarter
          source, else KAM

Facts of `comment`: those of the scorecard (`Scorecard.as_facts`: quarter, state, light, figures, hints) and
"decided_by" (name of the figure) and "group" (into whose figures its own are
counted, or null). Facts of `no_data`: quarter, state, source, kam.
Effects: `keep_scorecard` per account (facts: the scorecard's; revision 0 preliminary, 1 complete, above that
preliminary figures that changed, once a day at most) and
`send_document` per head of KAM (step report; facts: document, person, quarter, on, opened).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from kamflow.figures import quarter_dates as dates
from kamflow.figures.account_figures import AccountFigures
from kamflow.figures.deadline import Asked, days_after
from kamflow.figures.quarter_dates import State
from kamflow.figures.quarter_facts import AccountQuarter, Controlling, Quarter
from kamflow.figures.scorecard import Scorecard, scorecard
from kamflow.nudge import Decision, Effect, Nudge, Silence, subject
from kamflow.periods import Period
from kamflow.policy import Policy
from kamflow.thresholds import QuarterlyControlling

RULE = "quarterly_controlling"
FIRST_CHANGE = 2  # revision of figures that change on the last day of the quarter
WEIGHT = {"red": 60.0, "amber": 40.0, "no_data": 40.0}


class _Opened(NamedTuple):
    """A quarter seen from a day on which it is open."""

    quarter: Quarter
    on: date
    state: State


def decide(facts: Controlling, today: date, policy: Policy) -> Decision:
    """Scorecards to keep, comments to ask for, and the report once it is time."""
    rule = policy.quarterly_controlling
    opened = _opened(facts.quarter, today, rule)
    if isinstance(opened, str):
        return Decision()
    nudges: list[Nudge] = []
    effects: list[Effect] = []
    for fact in facts.accounts:
        own = policy.of(fact.figures.account).quarterly_controlling
        if _not_controlled(fact, own):
            continue
        card = scorecard(fact.figures, opened.state, own)
        effects += _keep(fact, card, today)
        asked = _whom(fact, card)
        if not isinstance(asked, str):
            make = _no_data if card.light == "no_data" else _comment
            nudges.append(make(fact, asked, card, opened, own))
    return Decision(tuple(nudges), (*effects, *_reports(opened, today, rule)))


def silent(facts: Controlling, today: date, policy: Policy) -> Iterator[Silence]:
    """Why nothing is asked about an account, and from when it would be."""
    rule = policy.quarterly_controlling
    opened = _opened(facts.quarter, today, rule)
    for fact in facts.accounts:
        account = fact.figures.account
        own = policy.of(account).quarterly_controlling
        figures: dict[str, Any] = {"quarter": str(facts.quarter.period)}
        until = None
        if reason := _not_controlled(fact, own):
            figures["group"] = fact.group
        elif isinstance(opened, str):
            reason, until = opened, _opening(facts.quarter, rule) if opened == "not_open" else None
        else:
            card = scorecard(fact.figures, opened.state, own)
            reason = asked if isinstance(asked := _whom(fact, card), str) else None
            figures |= {"state": card.state, "light": card.light, "figure": card.decided_by.as_facts()}
        if reason:
            yield Silence(RULE, subject(account=account), account, reason, figures, until)


def _opening(quarter: Quarter, policy: QuarterlyControlling) -> date:
    return dates.opens_on(quarter.period, quarter.year, quarter.complete_on, quarter.calendar, policy)


def _opened(
    quarter: Quarter, today: date, policy: QuarterlyControlling
) -> _Opened | Literal["not_open", "lapsed"]:
    on = _opening(quarter, policy)
    if today < on:
        return "not_open"
    if today > quarter.asked_until:
        return "lapsed"
    complete = quarter.complete_on is not None and quarter.complete_on <= today
    return _Opened(quarter, on, "complete" if complete else "preliminary")


def _not_controlled(fact: AccountQuarter, policy: QuarterlyControlling) -> str | None:
    if fact.group is not None and fact.figures.goal is None:
        return "counted_in_group"
    return None if fact.figures.account_class in policy.classes else "no_controlling_for_class"


def _whom(fact: AccountQuarter, card: Scorecard) -> Asked | str:
    """Who is asked once the quarter is open, or the reason to ask nobody."""
    if fact.commented_on is not None:
        return "commented"
    if card.light == "no_data":
        # A company that imports no revenue and sets no goals does not control by revenue.
        if fact.source is None and fact.figures.goal is None:
            return "no_source"
        if not _known_before(fact.figures):
            return "no_revenue_yet"
        return fact.source_owner or fact.kam or "no_data_and_nobody"
    if card.light in ("green", "none"):
        return card.decided_by.reason
    return fact.kam or "no_kam"


def _known_before(figures: AccountFigures) -> bool:
    """Whether revenue is to be expected: there was some, or there is a goal. A prospect buys nothing yet."""
    before = (figures.goal, figures.previous, figures.year_ago, figures.last_year, figures.year_before)
    return any(each is not None for each in before)


def _comment(
    fact: AccountQuarter, asked: Asked, card: Scorecard, opened: _Opened, policy: QuarterlyControlling
) -> Nudge:
    quarter = opened.quarter
    since = max(opened.on, fact.arrived or opened.on)
    # The days to comment count from when the figures are there for good.
    base = max(since, quarter.complete_on or since) if opened.state == "complete" else since
    in_season = policy.season_from <= base.month <= policy.season_until
    days = policy.comment_in_season if in_season else policy.comment
    return Nudge(
        rule=RULE,
        subject=subject(account=card.account),
        period=str(card.quarter),
        step="comment",
        account=card.account,
        owner=asked.person,
        since=since,
        due_on=days_after(base, days, asked.calendar, quarter.quiet),
        facts=card.as_facts() | {"decided_by": card.decided_by.name, "group": fact.group},
        why={
            "threshold": card.decided_by.reason,
            "figure": card.decided_by.name,
            "green_from": policy.green_from,
            "red_below": policy.red_below,
            "red_twice_below": policy.red_twice_below,
            "share_watch": policy.share_watch,
            "share_dangerous": policy.share_dangerous,
            "min_difference": f"{policy.min_difference:.2f}",
            "days": days,
            "closes": "commented",
            "next": "head",
            "next_after": policy.head_after,
        },
        group=f"{RULE}:{subject(person=asked.person)}",
        weight=WEIGHT[card.light],
        stage=card.light,
    )


def _no_data(
    fact: AccountQuarter, asked: Asked, card: Scorecard, opened: _Opened, policy: QuarterlyControlling
) -> Nudge:
    return Nudge(
        rule=RULE,
        subject=subject(account=card.account),
        period=str(card.quarter),
        step="no_data",
        account=card.account,
        owner=asked.person,
        since=opened.on,
        due_on=days_after(opened.on, policy.no_data_after, asked.calendar, opened.quarter.quiet),
        facts={
            "quarter": _days(card.quarter),
            "state": card.state,
            "source": fact.source,
            "kam": fact.kam.person if fact.kam else None,
        },
        why={
            "threshold": "no_data",
            "days": policy.no_data_after,
            "closes": "revenue",
            "next": "head",
            "next_after": policy.head_after,
        },
        group=f"{RULE}:no_data:{subject(person=asked.person)}",
        weight=WEIGHT[card.light],
    )


def _keep(fact: AccountQuarter, card: Scorecard, today: date) -> Iterator[Effect]:
    """Preliminary, anew when its figures change, and complete, for good unless there were no figures."""
    if fact.kept == "complete":
        return
    if fact.kept in (card.state, "no_data"):
        if fact.kept_digest == card.digest():
            return
        revision = FIRST_CHANGE + (today - card.quarter.last).days
    else:
        revision = 1 if card.state == "complete" else 0
    yield Effect(
        name="keep_scorecard",
        subject=subject(account=card.account),
        period=str(card.quarter),
        step="scorecard",
        account=card.account,
        facts=card.as_facts() | {"digest": card.digest()},
        revision=revision,
    )


def _reports(opened: _Opened, today: date, policy: QuarterlyControlling) -> Iterator[Effect]:
    quarter = opened.quarter
    on = quarter.calendar.add(opened.on, policy.report_after)
    if today < on:
        return
    for head in sorted(quarter.heads):
        yield Effect(
            name="send_document",
            subject=subject(person=head),
            period=str(quarter.period),
            step="report",
            account=None,
            facts={
                "document": "report",
                "person": head,
                "quarter": _days(quarter.period),
                "opened": opened.on.isoformat(),
                "on": on.isoformat(),
            },
        )


def _days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}
