"""`kamflow gap`: where we stand against need and competitor, and the measure that closes a gap."""

from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import gap as gaps
from kamflow.cli.home import acting, day, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table

gap = App(name="gap")
_SHOWN = ("id", "service", "need", "competitor", "factor", "chance", "measure_id")


@gap.command(name="list")
def list_(*, account: str, options: Options = HERE) -> None:
    """The gaps of an account with their numbers.

    Parameters
    ----------
    account
        The customer: key, external id or full name.
    """
    with reading(options) as desk:
        found = gaps.seen(desk.to_act(), desk.account(account))
        rows = [{name: getattr(each, name) for name in _SHOWN} for each in found]
    if options.json:
        say_json({"gaps": rows})
    else:
        table(_SHOWN, [list(row.values()) for row in rows])


@gap.command
def measure(
    number: int,
    /,
    *,
    until: Annotated[str, Parameter(name=["--due", "--by"])],
    owner: str | None = None,
    title: str | None = None,
    options: Options = HERE,
) -> None:
    """Make a measure of a gap.

    Parameters
    ----------
    number
        The gap's number, as in `kamflow gap list`.
    until
        The day until which it is closed (2026-11-30).
    owner
        Who closes it; you, if nobody is named.
    title
        What to call it; else what the gap says we do.
    """
    with acting(options) as desk:
        made = gaps.measure(desk.to_act(), number, desk.person(owner) if owner else None, day(until), title)
        name = desk.account_name(made.account)
    if options.json:
        say_json(made)
        return
    already = " already" if made.state == "already" else ""
    say(f"gap {made.gap} ({name}): measure {made.measure}{already}, due on {made.due_on}")
