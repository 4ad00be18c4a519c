"""Who may do what.

An account's team acts for its account, everybody on their own nudges (their deputies and assistants
too), the head of KAM on all of it. Operations (no person named) repair and enter: they may log what
took place, tell an absence and hand a nudge over, but speak nobody's word (done, snooze) and touch no
plan.
"""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session

from kamflow.errors import NotAllowed
from kamflow.models.account import Account, TeamRole
from kamflow.models.meeting import Request
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, Measure
from kamflow.store import departments, teams


def person(session: Session, actor: int | None, act: str, today: date) -> int:
    """The id of the acting person, of an act that needs one.

    Raises:
        NotAllowed: nobody was named, or they have left.
    """
    if actor is None:
        raise NotAllowed(f"{act} is a person's word, operations cannot give it: say who acts (--as PERSON)")
    found = session.get_one(Person, actor)
    if found.left_on is not None and found.left_on < today:
        raise NotAllowed(f"{found.name} left on {found.left_on}: somebody else has to {act}")
    return actor


def is_head(session: Session, actor: int, today: date) -> bool:
    """Tell whether the person is a head of KAM."""
    return actor in teams.heads(session, today)


def for_account(session: Session, actor: int, account: Account, act: str, today: date) -> None:
    """Let the account's team and the head of KAM pass.

    Raises:
        NotAllowed: names who may.
    """
    members = teams.team(session, account.id or 0, today)
    if actor in members or is_head(session, actor, today):
        return
    raise NotAllowed(
        f"only the team of {account.name} ({_names(session, members) or 'nobody yet'}) or the head of KAM"
        f" may {act}"
    )


def for_nudge(session: Session, actor: int, nudge: StoredNudge, act: str, today: date) -> None:
    """Let pass whose nudge it is, their deputies and assistants, and the head of KAM.

    Raises:
        NotAllowed: without a name, for nobody else may learn who has something open (works council).
    """
    if actor in sees(session, nudge) | teams.assisting(session, _holders(nudge)):
        return
    if is_head(session, actor, today):
        return
    raise NotAllowed(
        f"nudge {nudge.id} is not yours: whoever it was given to, their deputy or assistant, or the head of"
        f" KAM may {act}"
    )


def sees(session: Session, nudge: StoredNudge) -> set[int]:
    """Who may read an item: the person it is for and their deputies, nobody else."""
    return _holders(nudge) | teams.standing_in(session, _holders(nudge))


def approvers(session: Session, plan: AccountPlan, today: date) -> list[int]:
    """Who decides about a plan: the account's approver, else the KAM's superior, else the heads."""
    account = session.get_one(Account, plan.account_id)
    if account.approver_id is not None:
        return [account.approver_id]
    kam = plan.author_id or kam_of(session, plan.account_id, today)
    superior = session.get_one(Person, kam).superior_id if kam is not None else None
    return [superior] if superior is not None else teams.heads(session, today)


def for_decision(session: Session, actor: int, plan: AccountPlan, act: str, today: date) -> None:
    """Let the approver, a deputy of theirs and the head of KAM pass.

    Raises:
        NotAllowed: names the approver.
    """
    deciding = approvers(session, plan, today)
    if actor in {*deciding, *teams.standing_in(session, deciding)} or is_head(session, actor, today):
        return
    account = session.get_one(Account, plan.account_id)
    who = _names(session, deciding)
    raise NotAllowed(f"only {who + ' or ' if who else ''}the head of KAM may {act} of {account.name}")


def for_measure(session: Session, actor: int, measure: Measure, act: str, today: date) -> None:
    """Let pass whose measure it is, their deputies and assistants, the account's team and the head.

    Raises:
        NotAllowed: names the account's team.
    """
    owner = [measure.owner_id] if measure.owner_id is not None else []
    if actor in {*owner, *teams.standing_in(session, owner), *teams.assisting(session, owner)}:
        return
    for_account(session, actor, session.get_one(Account, measure.account_id), act, today)


def for_request(
    session: Session, actor: int, request: Request, act: str, today: date, *, by_team: bool
) -> None:
    """Let pass whoever is asked and their department, with deputies and assistants, and the head of KAM.

    The account's team too where `by_team`, or where the department has nobody to answer.

    Raises:
        NotAllowed: says who may.
    """
    asked = departments.people(session, request.department_id, today)
    if request.specialist_id is not None:
        asked |= {request.specialist_id}
    if actor in asked | teams.standing_in(session, asked) | teams.assisting(session, asked):
        return
    account = session.get_one(Account, request.account_id)
    if by_team or not asked:
        for_account(session, actor, account, act, today)
    elif not is_head(session, actor, today):
        raise NotAllowed(
            f"request {request.id} is not yours: whoever was asked, their department, or the head of KAM"
            f" may {act}"
        )


def kam_of(session: Session, account: int, today: date) -> int | None:
    """The KAM of an account, the first where there are several."""
    members = teams.team(session, account, today)
    return next((number for number, held in members.items() if TeamRole.KAM in held), None)


def _holders(nudge: StoredNudge) -> set[int]:
    return {number for number in (nudge.owner_id, nudge.assignee_id) if number is not None}


def _names(session: Session, people: Iterable[int]) -> str:
    return ", ".join(session.get_one(Person, number).name for number in people)
