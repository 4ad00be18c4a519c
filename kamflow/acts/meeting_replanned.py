"""What a move means for the dates of an annual meeting, said at once; the KAM gets it as a page too."""

from dataclasses import dataclass

from kamflow.acts.acting import Acting
from kamflow.acts.meeting import Arranged
from kamflow.figures import meeting_dates as dates
from kamflow.figures.meeting_moved import Moved, moved
from kamflow.policy import Policy
from kamflow.rules.annual_meeting import RULE
from kamflow.store import meetings, own_policy
from kamflow.store.run import Run


@dataclass(frozen=True)
class Replanned:
    """How many dates moved, are due already, and cannot be kept any more."""

    moved: int
    due: int
    dropped: int


def replanned(desk: Acting, policy: Policy, arranged: Arranged) -> Replanned | None:
    """Nothing where it is not the first round that moved, or no date is left."""
    accounts = frozenset({arranged.account})
    policy = own_policy.load(desk.session, policy, desk.today, accounts)
    run = Run(desk.session, RULE, desk.today, desk.now, policy, desk.company)
    for fact in meetings.facts(run, accounts):
        first = dates.first_round(fact)
        if first is not None and first.id == arranged.round:
            return _counted(moved(fact, first, policy.of(arranged.account).annual_meeting))
    return None


def _counted(found: list[Moved]) -> Replanned | None:
    counts = [sum(each.status == status for each in found) for status in ("moved", "due", "dropped")]
    return Replanned(*counts) if found else None
