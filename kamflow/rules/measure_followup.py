"""Whoever owns an open measure is reminded before its date, on it and after it.

In the customer's words: "Agreed measures must not be forgotten, ours and the customer's alike: what the
customer or both of us do, our own man follows up, and where nobody is named, the KAM. A week before, on the
day, and when it is late; until it is done or moved with a reason."

nudge     owner                since, due_on            stage                 closed by
followup  owner, else the KAM  5 wd before, the date    soon, due, overdue    done, or moved far enough

Facts: measure, side (ours | customer | joint), owner (id or null), kam (id or null), due (ISO date), and
moved (a reason for moving it is on record).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kamflow.figures.deadline import Asked
from kamflow.nudge import Decision, Nudge, Silence, subject
from kamflow.policy import Policy
from kamflow.thresholds import MeasureFollowup

RULE = "measure_followup"
Side = Literal["ours", "customer", "joint"]
Stage = Literal["soon", "due", "overdue"]
WEIGHT: dict[Stage, float] = {"soon": 20.0, "due": 25.0, "overdue": 30.0}


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """A measure of an open account: open, or done or moved lately enough to be asked about (why-not).

    `owner`: our person in charge, None where nobody is named or who is named has left. `moved`: a reason
    for moving it is on record.
    """

    measure: int
    account: int
    side: Side
    owner: Asked | None
    kam: Asked | None
    due_on: date | None
    moved: bool = False
    done_on: date | None = None


def decide(facts: Iterable[MeasureFacts], today: date, policy: Policy) -> Decision:
    """One nudge per open measure from some days before its date on."""
    found: list[Nudge] = []
    for fact in facts:
        rule = policy.of(fact.account).measure_followup
        if isinstance(due := _look(fact, today, rule), _Due):
            found.append(_nudge(fact, due, today, rule))
    return Decision(tuple(found))


def silent(facts: Iterable[MeasureFacts], today: date, policy: Policy) -> Iterator[Silence]:
    """Why nothing is asked about a measure, and from when it would be."""
    for fact in facts:
        verdict = _look(fact, today, policy.of(fact.account).measure_followup)
        if isinstance(verdict, _Due):
            continue
        yield Silence(
            RULE,
            subject(account=fact.account, measure=fact.measure),
            fact.account,
            verdict.reason,
            figures={"measure": fact.measure, "due": fact.due_on.isoformat() if fact.due_on else None},
            until=verdict.until,
        )


@dataclass(frozen=True, slots=True)
class _Due:
    asked: Asked
    since: date
    due_on: date


@dataclass(frozen=True, slots=True)
class _NotDue:
    reason: str
    until: date | None = None


def _look(fact: MeasureFacts, today: date, policy: MeasureFollowup) -> _Due | _NotDue:
    if fact.done_on is not None:
        return _NotDue("done")
    asked = fact.owner or fact.kam
    if asked is None:
        return _NotDue("no_owner")
    if fact.due_on is None:
        return _NotDue("no_date")
    since = asked.calendar.add(fact.due_on, -policy.ahead)
    return _Due(asked, since, fact.due_on) if today >= since else _NotDue("not_due", since)


def _nudge(fact: MeasureFacts, due: _Due, today: date, policy: MeasureFollowup) -> Nudge:
    stage = _stage(due, today)
    return Nudge(
        rule=RULE,
        subject=subject(account=fact.account, measure=fact.measure),
        # The measure itself: its date can move, and it does not lapse with a year.
        period=str(fact.measure),
        step="followup",
        account=fact.account,
        owner=due.asked.person,
        since=due.since,
        due_on=due.due_on,
        facts={
            "measure": fact.measure,
            "side": fact.side,
            "owner": fact.owner.person if fact.owner else None,
            "kam": fact.kam.person if fact.kam else None,
            "due": due.due_on.isoformat(),
            "moved": fact.moved,
        },
        why={
            "threshold": stage,
            "days": policy.ahead,
            "closes": "done_or_moved",
            "next": "head",
            "next_after": policy.head_after,
        },
        group=f"{RULE}:{subject(person=due.asked.person)}",
        weight=WEIGHT[stage],
        stage=stage,
    )


def _stage(due: _Due, today: date) -> Stage:
    if today < due.due_on:
        return "soon"
    # On a day off nothing becomes overdue: the first day back is still the due day.
    return "due" if today <= due.asked.calendar.on_or_after(due.due_on) else "overdue"
