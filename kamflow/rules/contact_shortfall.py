"""One nudge per person and account whose contacts lag behind the plan.

In the customer's words: "Board member Kruse was to see general manager Knut once this year, KAM Witt the
buyer Paul six times. Tell them in good time, not on 31 December; with several behind at one customer, tell
it once and say which one visit would help most. Leave me alone when I have met them, when it is booked,
and when it is too late for this year."
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kamflow.figures.contact_cell import Cell, Due, NotDue, Spans, look
from kamflow.figures.visits import propose
from kamflow.nudge import Decision, Nudge, Silence, subject
from kamflow.policy import Policy
from kamflow.thresholds import ContactShortfall

RULE = "contact_shortfall"


@dataclass(frozen=True, slots=True)
class AccountContacts:
    """The cells of one account, who its KAM is, and the newest interaction we know of."""

    account: int
    kam: int | None
    as_of: date | None
    source: str | None
    cells: Sequence[Cell]


def decide(facts: Iterable[AccountContacts], today: date, policy: Policy) -> Decision:
    """Nudges for every person and account with at least one cell behind plan."""
    return Decision(
        tuple(
            nudge
            for account in facts
            for nudge in _nudges(account, today, policy.of(account.account).contact_shortfall)
        )
    )


def silent(facts: Iterable[AccountContacts], today: date, policy: Policy) -> Iterator[Silence]:
    """Why each remaining cell is not asked for, and from when it would be."""
    for account in facts:
        if account.as_of is None:
            yield from _no_data_silences(account)
            continue
        rule = policy.of(account.account).contact_shortfall
        for cell in account.cells:
            if not isinstance(verdict := look(cell, today, rule), Due):
                yield _silence(account, cell, verdict)


def _nudges(account: AccountContacts, today: date, policy: ContactShortfall) -> Iterator[Nudge]:
    if account.as_of is None:
        yield from _no_data(account, policy)
        return
    behind: defaultdict[tuple[int, str], list[Due]] = defaultdict(list)
    spans: Spans = {}
    for cell in account.cells:
        verdict = look(cell, today, policy, spans)
        if isinstance(verdict, Due):
            behind[cell.person, cell.period].append(verdict)
    for (person, period), dues in behind.items():
        yield _nudge(account, person, period, dues, policy)


def _nudge(
    account: AccountContacts, person: int, period: str, dues: list[Due], policy: ContactShortfall
) -> Nudge:
    dues.sort(key=lambda due: (-due.behind * due.cell.weight, due.cell.target))
    longest = min(dues, key=lambda due: (due.since, due.cell.target))
    modes = {due.mode for due in dues}
    return Nudge(
        rule=RULE,
        subject=subject(account=account.account, person=person),
        period=period,
        step="contacts",
        account=account.account,
        owner=person,
        since=longest.since,
        due_on=longest.at.after(longest.since, policy.due_after),
        weight=sum(due.behind * due.cell.weight for due in dues),
        stage="" if all(due.fits for due in dues) else "unfit",
        facts={
            "cells": [_cell_facts(due) for due in dues],
            "meetings": propose(
                [(due.cell.target, due.cell.contact, due.behind, due.cell.weight) for due in dues],
                policy.propose_share,
            ),
            "data": {"as_of": _iso(account.as_of), "source": account.source},
        },
        why={
            "threshold": "both" if len(modes) == 2 else modes.pop(),
            "gap": policy.gap,
            "lead": max(_lead_named(due.cell, policy) for due in dues),
            "closes": "contact",
            "next": "nobody",
        },
    )


def _cell_facts(due: Due) -> dict[str, Any]:
    cell = due.cell
    return {
        "target": cell.target,
        "contact": cell.contact,
        "soll": cell.soll,
        "held": cell.held,
        "unconfirmed": due.unconfirmed,
        "booked": due.coming,
        "gap": due.behind,
        "influence": cell.influence,
        "last": _iso(cell.last_held),
        "since": due.since.isoformat(),
        "mode": due.mode,
        "fits": due.fits,
        "first": cell.first.isoformat(),
        "last_day": cell.last.isoformat(),
    }


def _no_data(account: AccountContacts, policy: ContactShortfall) -> Iterator[Nudge]:
    wanted = [cell for cell in account.cells if cell.soll and not cell.gone]
    if not wanted or account.kam is None:
        return
    # Of several periods the longest is the year: it is the one that asks for contacts at all.
    cell = min(wanted, key=lambda cell: (cell.first, cell.first - cell.last, cell.target))
    yield Nudge(
        rule=RULE,
        subject=subject(account=account.account),
        period=cell.period,
        step="no_data",
        account=account.account,
        owner=account.kam,
        since=cell.first,
        due_on=cell.calendar.add(cell.first, policy.due_after),
        weight=max(cell.weight for cell in wanted),
        facts={"cells": [], "meetings": [], "no_data": True, "data": {"as_of": None, "source": None}},
        why={
            "threshold": "no_data",
            "gap": policy.gap,
            "lead": None,
            "closes": "interactions",
            "next": "nobody",
        },
    )


def _no_data_silences(account: AccountContacts) -> Iterator[Silence]:
    for cell in account.cells:
        if cell.soll == 0:
            yield _silence(account, cell, NotDue("no_target"))
        elif cell.gone:
            yield _silence(account, cell, NotDue("gone"))
        elif account.kam is None:
            yield _silence(account, cell, NotDue("no_data_and_no_kam"))


def _silence(account: AccountContacts, cell: Cell, why: NotDue) -> Silence:
    return Silence(
        rule=RULE,
        subject=subject(account=account.account, person=cell.person, contact=cell.contact),
        account=account.account,
        reason=why.reason,
        figures={
            "target": cell.target,
            "soll": cell.soll,
            "held": cell.held,
            "last": _iso(cell.last_held),
            "booked": [day.isoformat() for day in cell.booked],
        },
        until=why.until,
    )


def _lead_named(cell: Cell, policy: ContactShortfall) -> int:
    if cell.board:
        return policy.lead_board
    return policy.lead_influential if (cell.influence or 0) >= policy.influential else policy.lead


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
