"""Who may do what.

An account's team acts for its account, everybody on their own nudges (their deputies and assistants
too), the head of KAM on all accounts, and on another's nudge by breaking the glass. Who was given a nudge
may do what it asks for. Operations (no person named) repair and enter: they may log what took place, tell
an absence and hand a nudge over, but speak nobody's word (done, snooze) and touch no plan.
"""

from collections.abc import Collection, Iterable
from datetime import date

from sqlmodel import Session

from kamflow.errors import NotAllowed
from kamflow.models.account import Account, TeamRole
from kamflow.models.meeting import Request
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, Measure
from kamflow.periods import Period
from kamflow.store import approvers as deciding
from kamflow.store import assigned, departments, teams


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


def for_head(session: Session, actor: int, act: str, today: date) -> None:
    """Let a head of KAM pass.

    Raises:
        NotAllowed: names who is one.
    """
    if not is_head(session, actor, today):
        heads = _names(session, teams.heads(session, today))
        raise NotAllowed(f"only the head of KAM ({heads or 'nobody yet'}) may {act}")


def for_account(session: Session, actor: int | None, account: Account, act: str, today: date) -> None:
    """Let the account's team and the head of KAM pass, operations not.

    Raises:
        NotAllowed: names who may.
    """
    members = teams.team(session, account.id or 0, today)
    if actor is not None and (actor in members or is_head(session, actor, today)):
        return
    raise NotAllowed(
        f"only the team of {account.name} ({_names(session, members) or 'nobody yet'}) or the head of KAM"
        f" may {act}{': say who does (--as PERSON)' if actor is None else ''}"
    )


def for_meeting(session: Session, actor: int | None, account: Account, act: str, today: date) -> None:
    """Let pass the account's team and who assists or stands in for them, who was handed it over, and the
    head of KAM. Operations enter dates as an import would.

    Raises:
        NotAllowed: names the account's team.
    """
    if actor is None:
        return
    person(session, actor, act, today)
    members = teams.team(session, account.id or 0, today)
    if actor in teams.standing_in(session, members) | teams.assisting(session, members):
        return
    if not assigned.holds(session, actor, "annual_meeting", account.id or 0):
        for_account(session, actor, account, act, today)


def for_kam(session: Session, actor: int, account: Account, rule: str, act: str, today: date) -> None:
    """Let pass the account's KAMs and who stands in for them, who was handed over what a rule asks, and
    the head of KAM.

    Raises:
        NotAllowed: names the KAMs.
    """
    members = teams.team(session, account.id or 0, today)
    kams = {number for number, held in members.items() if TeamRole.KAM in held}
    if actor in kams | teams.standing_in(session, kams) or is_head(session, actor, today):
        return
    if not assigned.holds(session, actor, rule, account.id or 0):
        raise NotAllowed(
            f"only the KAM of {account.name} ({_names(session, kams) or 'nobody yet'}), who stands in for"
            f" them, or the head of KAM may {act}"
        )


def for_nudge(
    session: Session, actor: int, nudge: StoredNudge, act: str, today: date, *, glass: bool = False
) -> None:
    """Let pass whose nudge it is, their deputies and assistants; and the head of KAM with `glass`: the
    works council's rule is off, or broken with a reason.

    Raises:
        NotAllowed: without a name, for nobody else may learn who has something open (works council).
    """
    if actor in sees(session, nudge) | teams.assisting(session, _holders(nudge)):
        return
    if glass and is_head(session, actor, today):
        return
    raise NotAllowed(
        f"nudge {nudge.id} is not yours: whoever it was given to, their deputy or assistant may {act}; the"
        " head of KAM only by breaking the glass (--break-glass REASON)"
    )


def sees(session: Session, nudge: StoredNudge) -> set[int]:
    """Who may read an item: the person it is for and their deputies, nobody else."""
    return _holders(nudge) | teams.standing_in(session, _holders(nudge))


def approvers(session: Session, plan: AccountPlan, today: date) -> list[int]:
    """Who decides about a plan; nobody where its author is the only one above it."""
    found = deciding.load(session, [plan.account_id], today)
    return list(found.of(plan.account_id, plan.year_first))


def for_decision(session: Session, actor: int, plan: AccountPlan, act: str, today: date) -> None:
    """Let the approver pass, a deputy of theirs, the head of KAM, and to whom it was handed over; but not
    whose plan it is.

    Raises:
        NotAllowed: names the approver.
    """
    found = deciding.load(session, [plan.account_id], today)
    account = session.get_one(Account, plan.account_id)
    asked = found.of(plan.account_id, plan.year_first)
    who = _names(session, asked)
    if actor in found.own(plan.account_id, plan.year_first):
        other = f"{who} does" if asked else "name another approver for the account"
        raise NotAllowed(f"{account.name}: who wrote the plan or is the KAM may not {act}; {other}")
    if actor in {*asked, *teams.standing_in(session, asked), *found.heads}:
        return
    if not given(session, actor, plan, ("approve",)):
        raise NotAllowed(f"only {who + ' or ' if who else ''}the head of KAM may {act} of {account.name}")


def given(session: Session, actor: int, plan: AccountPlan, steps: Collection[str]) -> bool:
    """Tell whether one of these steps of the plan was handed over to the person."""
    year = Period(plan.year_first, plan.year_last)
    return assigned.holds(session, actor, "plan_creation", plan.account_id, steps=steps, period=year)


def for_measure(session: Session, actor: int, measure: Measure, act: str, today: date) -> None:
    """Let pass whose measure it is (the KAM's, where nobody is named), their deputies and assistants, to
    whom it was handed over, the account's team and the head.

    Raises:
        NotAllowed: names the account's team.
    """
    account = measure.account_id
    if assigned.holds(session, actor, "measure_followup", account, period=str(measure.id)):
        return
    owner = measure.owner_id or kam_of(session, account, today)
    for_owner(session, actor, owner, account, act, today)


def for_comment(session: Session, actor: int, account: Account, act: str, today: date) -> None:
    """Let pass who stands in for the KAM, to whom a comment was handed over, the account's team and the head.

    Raises:
        NotAllowed: names the account's team.
    """
    number = account.id or 0
    members = teams.team(session, number, today)
    kams = {person for person, held in members.items() if TeamRole.KAM in held}
    if actor in teams.standing_in(session, kams):
        return
    if not assigned.holds(session, actor, "quarterly_controlling", number, steps=("comment",)):
        for_account(session, actor, account, act, today)


def for_owner(session: Session, actor: int, owner: int | None, account: int, act: str, today: date) -> None:
    """Let pass whose it is, their deputies and assistants, the account's team and the head.

    Raises:
        NotAllowed: names the account's team.
    """
    own = [owner] if owner is not None else []
    if actor in {*own, *teams.standing_in(session, own), *teams.assisting(session, own)}:
        return
    for_account(session, actor, session.get_one(Account, account), act, today)


def for_request(
    session: Session, actor: int, request: Request, act: str, today: date, *, by_team: bool
) -> None:
    """Let pass whoever is asked and their department, with deputies and assistants, to whom it was handed
    over, and the head of KAM.

    The account's team too where `by_team`, or where the department has nobody to answer.

    Raises:
        NotAllowed: says who may.
    """
    asked = departments.people(session, request.department_id, today)
    if request.specialist_id is not None:
        asked |= {request.specialist_id}
    if actor in asked | teams.standing_in(session, asked) | teams.assisting(session, asked):
        return
    own = {"steps": ("deliver",), "period": str(request.id)}
    if assigned.holds(session, actor, "department_requests", request.account_id, **own):
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
