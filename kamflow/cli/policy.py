"""`kamflow policy`: the thresholds of the rules, and those an account has of its own."""

import tomllib
from collections.abc import Iterator
from typing import Any

from cyclopts import App

from kamflow.acts import own_policy as acts
from kamflow.acts.own_policy import PolicySet
from kamflow.cli.home import Desk, acting, day, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.models.account import Account
from kamflow.policy import settable
from kamflow.store import own_policy

policy = App(name="policy")


@policy.command(name="set")
def set_(
    account: str, name: str, value: str, /, *, from_: str | None = None, options: Options = HERE
) -> None:
    """Let another value of a threshold count for one account; by the head of KAM.

    Parameters
    ----------
    account
        Key, external id or full name.
    name
        The threshold, such as contact_shortfall.gap; `kamflow policy show` lists them.
    value
        As in kamflow.toml: 2, 0.5, 09:00, [2, 3].
    from_
        The first day on which it counts (2026-10-01); today if not given.
    """
    with acting(options) as desk:
        number, on = desk.account(account), day(from_) if from_ else None
        said = acts.set_value(desk.to_act(), desk.policy, number, name, _value(value), on)
        named = desk.account_name(number)
    _answer(options, said, named)


@policy.command
def unset(account: str, name: str, /, *, from_: str | None = None, options: Options = HERE) -> None:
    """Let the default count for an account again.

    Parameters
    ----------
    account
        Key, external id or full name.
    name
        The threshold, such as contact_shortfall.gap.
    from_
        The first day on which it counts (2026-10-01); today if not given.
    """
    with acting(options) as desk:
        number, on = desk.account(account), day(from_) if from_ else None
        said = acts.unset(desk.to_act(), desk.policy, number, name, on)
        named = desk.account_name(number)
    _answer(options, said, named)


@policy.command
def show(account: str | None = None, /, *, options: Options = HERE) -> None:
    """Every threshold with its value, and where it differs.

    Parameters
    ----------
    account
        What counts for this account; without it, for all of them.
    """
    with reading(options) as desk:
        number = desk.account(account) if account else None
        rows = list(_of_account(desk, number) if number else _of_all(desk))
    if options.json:
        say_json({"thresholds": rows})
        return
    cells = [(row["name"], _text(row["value"]), row["differs"], row["meaning"]) for row in rows]
    table(("threshold", "value", "differs" if number is None else "set by", "meaning"), cells)


def _of_all(desk: Desk) -> Iterator[dict[str, Any]]:
    for name, meaning in settable().items():
        differs = [
            f"class {kind}: {_text(desk.policy.of_class(kind)[name])}"
            for kind in desk.policy.by_class
            if name in desk.policy.of_class(kind)
        ]
        differs += [
            f"{desk.account_key(row.account_id)}: {_since(row.value, row.from_day, desk)}"
            for row in own_policy.rows(desk.session)
            if row.name == name
        ]
        value = own_policy.stored(desk.policy, name)
        yield {"name": name, "value": value, "differs": "; ".join(differs), "meaning": meaning}


def _of_account(desk: Desk, account: int) -> Iterator[dict[str, Any]]:
    counts = own_policy.of_account(desk.session, desk.policy, account, desk.today)
    kind = desk.session.get_one(Account, account).account_class
    of_class, rows = desk.policy.of_class(kind), own_policy.rows(desk.session, account)
    for name, meaning in settable().items():
        said = [_since(row.value, row.from_day, desk) for row in rows if row.name == name]
        said = [f"account: {each}" for each in said] or ([f"class {kind}"] if name in of_class else [])
        value = own_policy.stored(counts, name)
        yield {"name": name, "value": value, "differs": "; ".join(said), "meaning": meaning}


def _since(value: Any, first: Any, desk: Desk) -> str:
    begin = "since" if first <= desk.today else "from"
    return f"{'default' if value is None else _text(value)} {begin} {first}"


def _value(text: str) -> Any:
    """A value as kamflow.toml writes it; what is no number or list is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"  # 2.0 is stored as 2 by one database and as 2.0 by the other
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _answer(options: Options, said: PolicySet, account: str) -> None:
    if options.json:
        say_json(said)
        return
    was = "" if said.state == "already" else f" (was {_text(said.was)})"
    state = {"set": "set", "unset": "default again", "already": "already so"}[said.state]
    say(f"{state}: {account}, {said.name} = {_text(said.value)}{was}, from {said.from_day} on")
    if said.state != "already":
        say("  it counts with the next run")
