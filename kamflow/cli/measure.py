"""`kamflow measure`: measures are done, or moved with a reason."""

from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import measure as measures
from kamflow.acts.measure import Followed
from kamflow.cli.home import acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError

measure = App(name="measure")


@measure.command
def done(*numbers: int, options: Options = HERE) -> None:
    """Say that measures are done: all of them, or none.

    Parameters
    ----------
    numbers
        Their numbers, as in `kamflow nudges --json`.
    """
    if not numbers:
        raise InputError("name at least one measure by its number")
    with acting(options) as desk:
        followed = measures.done(desk.to_act(), numbers)
        names = [desk.account_name(each.account) for each in followed]
    if options.json:
        say_json({"measures": followed})
        return
    for each, name in zip(followed, names, strict=True):
        say(_said(each, name))


@measure.command
def move(
    number: int,
    /,
    *,
    until: Annotated[str, Parameter(name=["--to", "--until"])],
    reason: str,
    options: Options = HERE,
) -> None:
    """Set another date for a measure.

    Parameters
    ----------
    number
        Its number, as in `kamflow nudges --json`.
    until
        The new date (2026-11-30).
    reason
        Why; it stays with the measure.
    """
    with acting(options) as desk:
        followed = measures.move(desk.to_act(), number, day(until), reason)
        name = desk.account_name(followed.account)
    if options.json:
        say_json(followed)
    else:
        say(_said(followed, name))


def _said(each: Followed, name: str) -> str:
    what = f"measure {each.measure} ({name})"
    if each.done_on is not None:
        return f"{what}: done{' already' if each.state == 'already' else ''} on {each.done_on}"
    return f"{what}: {'already due on' if each.state == 'already' else 'moved to'} {each.due_on}"
