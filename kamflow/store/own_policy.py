"""Thresholds that differ: for a class of accounts (kamflow.toml), and for one account (set by the head).

Those of the account go before those of its class. A row without a value is a return to the default.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.errors import ConfigError, InputError
from kamflow.models.account import Account, AccountPolicy
from kamflow.policy import Policy, differing, settable
from kamflow.store import teams

# By name, such as contact_shortfall.gap.
Knobs = Mapping[str, Any]


def load(session: Session, policy: Policy, today: date, accounts: frozenset[int] | None = None) -> Policy:
    """The policy that knows where another one counts; for these accounts and their KAMs' others, or all."""
    values = of_accounts(session, today, accounts)
    classes = _classes(session, policy, accounts)
    made: dict[str, Policy] = {}
    own: dict[int, Policy] = {}
    for account in values.keys() | classes.keys():
        found = classes.get(account), values.get(account, {})
        key = json.dumps(found, sort_keys=True)
        if key not in made:
            made[key] = _made(policy, *found)
        own[account] = made[key]
    return policy.for_accounts(own) if own else policy


def of_account(session: Session, policy: Policy, account: int, today: date) -> Policy:
    """The policy that counts for one account."""
    return load(session, policy, today, frozenset({account})).of(account)


def of_accounts(
    session: Session, today: date, accounts: frozenset[int] | None = None
) -> dict[int, dict[str, Any]]:
    """What the head set and is in force, by account: of these and their KAMs' others, or of all."""
    row = AccountPolicy
    query = select(col(row.account_id), col(row.name), col(row.value)).where(col(row.from_day) <= today)
    if accounts is not None:
        query = query.where(_with_others(col(row.account_id), accounts))
    rows = session.execute(query.order_by(col(row.from_day)))
    newest = {(account, name): value for account, name, value in rows}
    found: dict[int, dict[str, Any]] = {}
    for (account, name), value in newest.items():
        if value is not None:
            found.setdefault(account, {})[name] = value
    return found


def begins(session: Session, since: date) -> set[date]:
    """The days after `since` on which thresholds of accounts begin to count."""
    query = select(col(AccountPolicy.from_day)).where(col(AccountPolicy.from_day) > since)
    return set(session.execute(query).scalars())


def checked(policy: Policy, account_class: str | None, own: Knobs, where: str) -> Policy:
    """The policy of an account.

    Raises:
        ConfigError: names the threshold that does not fit.
    """
    return differing(policy, policy.of_class(account_class) | dict(own), where)


def stored(policy: Policy, name: str) -> Any:
    """The value of a threshold as it is stored and told: numbers, text and lists of them.

    Raises:
        InputError: there is no such threshold.
    """
    table, _, knob = name.partition(".")
    if name not in settable():
        raise InputError(f"there is no threshold {name!r}: `kamflow policy show` lists them")
    return getattr(policy, table).model_dump(mode="json")[knob]


def rows(session: Session, account: int | None = None) -> list[AccountPolicy]:
    """What the head set, for one account or all, in order of time."""
    query = select(AccountPolicy).order_by(
        col(AccountPolicy.account_id), col(AccountPolicy.name), col(AccountPolicy.from_day)
    )
    if account is not None:
        query = query.where(col(AccountPolicy.account_id) == account)
    return list(session.execute(query).scalars())


def unfit(session: Session, policy: Policy, today: date) -> list[str]:
    """What the head set and no longer fits what kamflow.toml says: it is left aside."""
    found: list[str] = []
    for account, own in sorted(of_accounts(session, today).items()):
        row = session.get_one(Account, account)
        try:
            checked(policy, row.account_class, own, f"the policy of {row.name}")
        except ConfigError as error:
            found.append(str(error))
    return found


def _made(policy: Policy, account_class: str | None, own: Knobs) -> Policy:
    try:
        return checked(policy, account_class, own, "policy")
    except ConfigError:
        # kamflow.toml was changed since: one account must not stop a night. `config check` names it.
        return checked(policy, account_class, {}, "policy")


def _classes(session: Session, policy: Policy, accounts: frozenset[int] | None) -> dict[int, str]:
    """The class of each account that belongs to one with thresholds of its own."""
    if not policy.by_class:
        return {}
    query = select(col(Account.id), col(Account.account_class)).where(
        col(Account.account_class).in_(policy.by_class)
    )
    if accounts is not None:
        query = query.where(_with_others(col(Account.id), accounts))
    return {number: found for number, found in session.execute(query).tuples() if number and found}


def _with_others(column: Any, accounts: frozenset[int]) -> Any:
    # Hand-ins of plans are placed among those of the same KAM, in a batch or not.
    return or_(column.in_(accounts), column.in_(teams.sharing_kam(accounts)))
