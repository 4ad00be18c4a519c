"""Calendar entries for hand-ins: what must still be so when they are sent.

An entry is of use to who writes the plan, while it is written and its day is to come; what takes one back is
for those only whom one reached.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from kamflow.figures.plan_entries import WRITTEN
from kamflow.store import contacts, hand_in_entries
from kamflow.store.hand_in_entries import Planned, Sent, Whose
from notifications.outbox import Claimed


@dataclass(frozen=True)
class HandIns:
    """The plans that a batch is about and who is the KAM of their accounts.

    `entries`: the entry sent last, `newest`: the message with the one written last, both by (plan, person).
    """

    plans: Mapping[int, Planned] = field(default_factory=dict)
    kams: Mapping[int, int] = field(default_factory=dict)
    entries: Mapping[Whose, Sent] = field(default_factory=dict)
    newest: Mapping[Whose, int] = field(default_factory=dict)


def concerns(message: Claimed) -> bool:
    """Whether a message carries an entry for a hand-in."""
    return message.kind == hand_in_entries.KIND and "plan" in message.facts


def load(session: Session, batch: Iterable[Claimed], day: date) -> HandIns:
    """What is known on a day of the plans that these messages are about."""
    about = [each for each in batch if concerns(each)]
    if not about:
        return HandIns()
    plans, accounts = {each.facts["plan"] for each in about}, {each.facts["account"] for each in about}
    return HandIns(
        hand_in_entries.planned(session, plans),
        contacts.accounts_kams(session, accounts, day),
        hand_in_entries.sent(session, accounts, plans, {each.id for each in about}),
        hand_in_entries.newest(session, accounts, plans),
    )


def stale(message: Claimed, known: HandIns, today: date) -> str | None:
    """Why an entry must not be sent any more; None where it may."""
    facts = message.facts
    whose = facts["plan"], facts["person"]
    if known.newest.get(whose, message.id) != message.id:
        return "superseded"
    if facts["method"] == "cancel":
        last = known.entries.get(whose)
        return "never-invited" if last is None or last.method == "cancel" else None
    plan = known.plans.get(facts["plan"])
    if plan is None or (plan.closed_on is not None and plan.closed_on <= today):
        return hand_in_entries.GONE
    if known.kams.get(plan.account) != facts["person"]:
        return hand_in_entries.ELSEWHERE
    if plan.state not in WRITTEN:
        return hand_in_entries.HANDED_IN
    return "day-over" if date.fromisoformat(facts["day"]) < today else None


def around(message: Claimed, known: HandIns) -> dict[str, Any]:
    """Whether an entry takes the place of an earlier one of another day."""
    last = known.entries.get((message.facts["plan"], message.facts["person"]))
    moved = last is not None and last.method == "request" and last.day != message.facts["day"]
    return {"change": "date" if moved else None}
