"""Set a threshold for one account, or let the default count there again; by the head of KAM.

What was decided before stays as it is: a threshold counts from a day on, today or later.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import ConfigError, InputError
from kamflow.models.account import Account, AccountPolicy
from kamflow.policy import Policy
from kamflow.store import own_policy
from kamflow.store.engine import lock

ACT = "set the policy of an account"


@dataclass(frozen=True)
class PolicySet:
    """`state` is set, unset, or already; `value` is what counts for the account from that day on."""

    account: int
    name: str
    state: str
    value: Any
    was: Any
    from_day: date


def set_value(
    desk: Acting, policy: Policy, account: int, name: str, value: Any, on: date | None = None
) -> PolicySet:
    """Let another value of a threshold count for an account.

    Raises:
        InputError: no such threshold, the value does not fit, or the day has passed.
        NotAllowed: the actor is not a head of KAM.
    """
    day = _begin(desk, account, on)
    row = desk.session.get_one(Account, account)
    own = own_policy.of_accounts(desk.session, day).get(account, {})
    before = _policy(policy, row, own)
    stored = own_policy.stored(_policy(policy, row, own | {name: value}), name)
    if name in own and own[name] == stored:
        return PolicySet(account, name, "already", stored, stored, day)
    _write(desk, account, name, stored, day)
    return _said(desk, PolicySet(account, name, "set", stored, own_policy.stored(before, name), day))


def unset(desk: Acting, policy: Policy, account: int, name: str, on: date | None = None) -> PolicySet:
    """Let the default count for an account again. Raises as `set_value` does."""
    day = _begin(desk, account, on)
    row = desk.session.get_one(Account, account)
    own = own_policy.of_accounts(desk.session, day).get(account, {})
    kept = {each: value for each, value in own.items() if each != name}
    default = own_policy.stored(_policy(policy, row, kept), name)
    if name not in own:
        return PolicySet(account, name, "already", default, default, day)
    _write(desk, account, name, None, day)
    return _said(desk, PolicySet(account, name, "unset", default, own[name], day))


def _begin(desk: Acting, account: int, on: date | None) -> date:
    day = on or desk.today
    if desk.actor is not None:
        rights.for_head(desk.session, desk.person(ACT), ACT, desk.today)
    if day < desk.today:
        raise InputError(f"{day} has passed: a threshold counts from today ({desk.today}) or a later day on")
    lock(desk.session, f"policy:{account}")
    return day


def _policy(policy: Policy, account: Account, own: dict[str, Any]) -> Policy:
    try:
        return own_policy.checked(policy, account.account_class, own, f"the policy of {account.name}")
    except ConfigError as error:
        raise InputError(str(error)) from None


def _write(desk: Acting, account: int, name: str, value: Any, day: date) -> None:
    query = select(AccountPolicy).where(
        col(AccountPolicy.account_id) == account,
        col(AccountPolicy.name) == name,
        col(AccountPolicy.from_day) == day,
    )
    row = desk.session.exec(query).one_or_none()
    row = row or AccountPolicy(account_id=account, name=name, from_day=day)
    row.value, row.set_by_id = value, desk.actor
    desk.session.add(row)
    desk.session.flush()


def _said(desk: Acting, said: PolicySet) -> PolicySet:
    desk.record(
        "policy.changed",
        said.account,
        threshold=said.name,
        value=said.value,
        was=said.was,
        own=said.state == "set",
        from_day=said.from_day.isoformat(),
    )
    return said
