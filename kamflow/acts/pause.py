"""Leave an account in peace until a date, with a reason; by its KAM or the head of KAM.

What is open closes as paused with the next run, surveys stop, and everything comes back by itself.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed
from kamflow.models.account import Account, Pause, TeamRole
from kamflow.store import pauses, teams
from kamflow.store.engine import lock
from kamflow.store.registry import RULES


@dataclass(frozen=True)
class Paused:
    """`state` is paused, resumed, or already; `rule` is None where every rule is meant."""

    account: int
    state: str
    rule: str | None
    until: date | None = None


def pause(desk: Acting, account: int, until: date, reason: str, rule: str | None = None) -> Paused:
    """Let no rule, or not this one, ask anything about the account up to and including a day.

    Raises:
        InputError: the day is not to come, no reason, or no such rule.
        NotAllowed: the actor is neither its KAM, who stands in for them, nor the head.
    """
    person = _allowed(desk, account, "pause it")
    _check(until, reason, rule, desk.today)
    lock(desk.session, f"pause:{account}")
    running = [each for each in pauses.running(desk.session, account, desk.today) if each.rule == rule]
    if any(each.until_day == until and each.reason == reason.strip() for each in running):
        return Paused(account, "already", rule, until)
    for each in running:
        each.resumed_at = desk.now
    row = Pause(
        account_id=account,
        rule=rule,
        until_day=until,
        reason=reason.strip(),
        person_id=person,
        paused_at=desk.now,
    )
    desk.session.add(row)
    desk.session.flush()
    desk.record("account.paused", account, pause=row.id, rule=rule, until=until.isoformat())
    return Paused(account, "paused", rule, until)


def resume(desk: Acting, account: int, rule: str | None = None) -> Paused:
    """End pauses before their day: all of the account, or that of a rule. Raises as `pause` does."""
    _allowed(desk, account, "resume it")
    _known(rule)
    lock(desk.session, f"pause:{account}")
    running = pauses.running(desk.session, account, desk.today)
    running = [each for each in running if rule is None or each.rule == rule]
    for each in running:
        each.resumed_at = desk.now
    desk.session.flush()
    if not running:
        return Paused(account, "already", rule)
    desk.record("account.resumed", account, rule=rule)
    return Paused(account, "resumed", rule)


def _allowed(desk: Acting, account: int, act: str) -> int:
    person = desk.person(act)
    if person in kams(desk.session, account, desk.today) or rights.is_head(desk.session, person, desk.today):
        return person
    name = desk.session.get_one(Account, account).name
    raise NotAllowed(f"only the KAM of {name}, who stands in for them, or the head of KAM may {act}")


def kams(session: Session, account: int, today: date) -> set[int]:
    """The KAMs of an account and who stands in for them."""
    members = teams.team(session, account, today)
    own = {number for number, held in members.items() if TeamRole.KAM in held}
    return own | teams.standing_in(session, own)


def _check(until: date, reason: str, rule: str | None, today: date) -> None:
    if until < today:
        raise InputError(f"{until} is past: name the last day of the pause, today or later")
    if not reason.strip():
        raise InputError("say why: a pause stands in the quarterly report with its reason (--reason TEXT)")
    _known(rule)


def _known(rule: str | None) -> None:
    if rule is not None and rule not in RULES:
        raise InputError(f"no rule {rule!r}: there are {', '.join(sorted(RULES))}")
