"""`kamflow plan`: fill, submit, approve and return account plans, take over those approved elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import plan as plans
from kamflow.acts.plan import Planned
from kamflow.acts.plan_imported import import_approved
from kamflow.cli.home import Desk, acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError
from kamflow.store import own_policy, plan_rows

plan = App(name="plan")

Year = Annotated[int | None, Parameter(help="First year of the plan, where there are several in work.")]


@plan.command
def fill(
    account: str,
    section: int,
    text: str | None = None,
    /,
    *,
    file: Path | None = None,
    year: Year = None,
    options: Options = HERE,
) -> None:
    """Write one section of a plan.

    Parameters
    ----------
    account
        Key, external id or full name.
    section
        Its number, 1 to 10.
    text
        What stands in it.
    file
        A text file to take it from instead.
    """
    body = _body(text, file)
    with acting(options) as desk:
        planned = plans.fill(_desk(desk, year), desk.account(account), section, body)
        names = _names(desk, [planned])
    _answer(options, [planned], names)


@plan.command
def submit(*accounts: str, year: Year = None, options: Options = HERE) -> None:
    """Hand plans in for approval.

    Parameters
    ----------
    accounts
        Keys, external ids or full names.
    """
    with acting(options) as desk:
        planned = plans.submit(_desk(desk, year), _accounts(desk, accounts))
        names = _names(desk, planned)
    _answer(options, planned, names)


@plan.command
def approve(*accounts: str, year: Year = None, options: Options = HERE) -> None:
    """Approve submitted plans: all of them, or none.

    Parameters
    ----------
    accounts
        Keys, external ids or full names.
    """
    with acting(options) as desk:
        planned = plans.approve(_desk(desk, year), _accounts(desk, accounts))
        names = _names(desk, planned)
    _answer(options, planned, names)


@plan.command(name="return")
def give_back(*accounts: str, comment: str, year: Year = None, options: Options = HERE) -> None:
    """Return submitted plans to their authors.

    Parameters
    ----------
    accounts
        Keys, external ids or full names.
    comment
        What to change.
    """
    with acting(options) as desk:
        planned = plans.give_back(_desk(desk, year), _accounts(desk, accounts), comment)
        names = _names(desk, planned)
    _answer(options, planned, names)


@plan.command
def imported(
    account: str, /, *, approved_on: str, url: str, year: Year = None, options: Options = HERE
) -> None:
    """Take over a plan that was approved elsewhere: nothing is asked about its year then.

    Parameters
    ----------
    account
        Key, external id or full name.
    approved_on
        When it was approved (2026-01-30).
    url
        Where the document lies (https://…).
    """
    with acting(options) as desk:
        number = desk.account(account)
        policy = own_policy.of_account(desk.session, desk.policy, number, desk.today)
        form = plan_rows.form(desk.session, number, policy.plan_creation)
        planned = import_approved(desk.to_act(), number, day(approved_on), url, form, year)
        names = _names(desk, [planned])
    _answer(options, [planned], names)


def _desk(desk: Desk, year: int | None) -> plans.Desk:
    return plans.Desk(desk.session, desk.actor, desk.now, desk.policy, desk.company, year)


def _accounts(desk: Desk, texts: Sequence[str]) -> list[int]:
    if not texts:
        raise InputError("name at least one account")
    return [desk.account(text) for text in texts]


def _body(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise InputError("give the text of the section, or a file with it (--file PATH): one of both")
    if file is None:
        return text or ""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 text: {error}") from None


def _names(desk: Desk, planned: Sequence[Planned]) -> list[str]:
    return [desk.account_name(each.account) for each in planned]


def _answer(options: Options, planned: Sequence[Planned], names: Sequence[str]) -> None:
    if options.json:
        say_json({"plans": planned})
        return
    for each, name in zip(planned, names, strict=True):
        missing = ", ".join(map(str, each.missing))
        say(f"{each.state}: {name} {each.year}" + (f" (sections still empty: {missing})" if missing else ""))
