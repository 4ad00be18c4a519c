"""`kamflow pause`, `resume`: leave an account in peace, and begin again."""

from kamflow.acts import pause as pausing
from kamflow.cli.home import acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json


def pause(
    account: str, /, *, until: str, reason: str, rule: str | None = None, options: Options = HERE
) -> None:
    """Ask nothing about an account until a date.

    Parameters
    ----------
    account
        Key, external id or full name.
    until
        The last day of the pause (2026-12-31).
    reason
        Why; it stands in the quarterly report.
    rule
        Only this rule, such as survey_dispatch; every rule if not given.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said = pausing.pause(desk.to_act(), number, day(until), reason, rule)
        name = desk.account_name(number)
    if options.json:
        say_json(said)
        return
    already = " already" if said.state == "already" else ""
    say(f"paused{already}: {rule or 'everything'} about {name}, until {said.until}")


def resume(account: str, /, *, rule: str | None = None, options: Options = HERE) -> None:
    """End a pause before its day.

    Parameters
    ----------
    account
        Key, external id or full name.
    rule
        Only this rule's pause; all of them if not given.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said = pausing.resume(desk.to_act(), number, rule)
        name = desk.account_name(number)
    if options.json:
        say_json(said)
        return
    say(f"not paused: {name}" if said.state == "already" else f"resumed: {rule or 'everything'} about {name}")
