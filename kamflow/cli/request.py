"""`kamflow request`: what departments were asked for is delivered or refused, many at once."""

from collections.abc import Sequence

from cyclopts import App

from kamflow.acts import request as requests
from kamflow.acts.request import Answered
from kamflow.cli.home import Desk, acting
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError

request = App(name="request")


@request.command
def deliver(*numbers: int, options: Options = HERE) -> None:
    """Say that requests are delivered: all of them, or none.

    Parameters
    ----------
    numbers
        Their numbers, as in `kamflow nudges --json`.
    """
    _check(numbers)
    with acting(options) as desk:
        answered = requests.deliver(desk.to_act(), numbers)
        names = _names(desk, answered)
    _answer(options, answered, names)


@request.command
def refuse(*numbers: int, cause: str, options: Options = HERE) -> None:
    """Refuse requests, with a cause.

    Parameters
    ----------
    numbers
        Their numbers, as in `kamflow nudges --json`.
    cause
        capacity, conflict (of goals: the head of KAM decides), not_ours or missing_data.
    """
    _check(numbers)
    with acting(options) as desk:
        answered = requests.refuse(desk.to_act(), numbers, cause)
        names = _names(desk, answered)
    _answer(options, answered, names)


def _check(numbers: Sequence[int]) -> None:
    if not numbers:
        raise InputError("name at least one request by its number")


def _names(desk: Desk, answered: Sequence[Answered]) -> list[str]:
    return [desk.account_name(each.account) for each in answered]


def _answer(options: Options, answered: Sequence[Answered], names: Sequence[str]) -> None:
    if options.json:
        say_json({"requests": answered})
        return
    for each, name in zip(answered, names, strict=True):
        now = f"refused ({each.cause})" if each.cause else "delivered"
        already = " already" if each.state == "already" else ""
        say(f"request {each.request} ({name}): {now}{already} on {each.decided_on}")
