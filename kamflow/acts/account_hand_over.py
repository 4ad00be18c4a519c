"""Give a whole account to another KAM: team, contact plan, measures, questions and plans in work.

What is open moves with the next run, for the rules name the new KAM. The approver stays, and what was done
stays with who did it. The successor gets one page on the day of the hand-over.
"""

from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.acts.pause import kams
from kamflow.errors import InputError, NotAllowed
from kamflow.models.account import Account
from kamflow.models.person import Person
from kamflow.store import account_move, handover
from kamflow.store.contacts import accounts_kams
from kamflow.store.engine import lock


@dataclass(frozen=True)
class Moved:
    """`state` is handed over, or already; then what moved."""

    account: int
    state: str
    before: int | None
    to: int
    on: date
    targets: int = 0
    measures: int = 0
    questions: int = 0
    plans: int = 0


def hand_over(desk: Acting, account: int, to: int, on: date) -> Moved:
    """Make somebody the KAM of an account from a day on.

    Raises:
        InputError: the account is closed, or the other one will have left.
        NotAllowed: the actor is neither its KAM, who stands in for them, the head nor operations.
    """
    _check(desk, account, to, on)
    lock(desk.session, f"team:{account}")
    before = accounts_kams(desk.session, [account], on).get(account)
    if before == to:
        return Moved(account, "already", before, to, on)
    account_move.team(desk.session, account, to, on)
    moved = Moved(account, "handed over", before, to, on)
    if before is not None:
        changed = account_move.targets(desk.session, account, before, to, on)
        for each in changed:
            desk.record("target.changed", account, before=before, person=to, **each)
        counts = account_move.tasks(desk.session, account, before, to, on, desk.today)
        moved = Moved(account, "handed over", before, to, on, len(changed), **counts)
    handover.keep(desk.session, account, to, before, on)
    desk.record(
        "account.handed_over",
        account,
        before=before,
        to=to,
        on=on.isoformat(),
        targets=moved.targets,
        measures=moved.measures,
        questions=moved.questions,
        plans=moved.plans,
    )
    return moved


def _check(desk: Acting, account: int, to: int, on: date) -> None:
    row, person = desk.session.get_one(Account, account), desk.session.get_one(Person, to)
    if desk.actor is not None:
        actor = desk.person("hand it over")
        own = kams(desk.session, account, desk.today)
        if actor not in own and not rights.is_head(desk.session, actor, desk.today):
            raise NotAllowed(
                f"only the KAM of {row.name}, who stands in for them, the head of KAM or operations may hand"
                " it over"
            )
    if row.closed_on is not None and row.closed_on <= on:
        raise InputError(f"{row.name} is closed since {row.closed_on}: there is nothing to hand over")
    if person.left_on is not None and person.left_on < on:
        raise InputError(f"{person.name} leaves on {person.left_on}, before {on}: choose somebody else")
