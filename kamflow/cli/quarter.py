"""`kamflow quarter`: comment the figures of a quarter."""

from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import quarter as quarters
from kamflow.acts.quarter import NewMeasure
from kamflow.cli.home import Desk, acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.cli.quarter_report import report
from kamflow.errors import InputError
from kamflow.periods import label

quarter = App(name="quarter")
quarter.command(report)


@quarter.command
def comment(
    account: str,
    text: str,
    /,
    *,
    measure: str | None = None,
    by: str | None = None,
    owner: str | None = None,
    plan_reviewed: Annotated[bool, Parameter(negative="")] = False,
    within: Annotated[str | None, Parameter(name="--quarter")] = None,
    options: Options = HERE,
) -> None:
    """Comment a quarter: why, what follows, plan looked through.

    Parameters
    ----------
    account
        Key, external id or full name.
    text
        Why the figures are as they are, and what follows.
    measure
        Title of a measure that follows; with --by DAY.
    by
        The day until which the measure is done (2026-11-30).
    owner
        Who does it; yourself if not given.
    plan_reviewed
        The account plan was looked through as well.
    within
        A day of the quarter (2026-09-30); the newest one whose figures are looked at if not given.
    """
    with acting(options) as desk:
        agreed = _measure(desk, measure, by, owner)
        number = desk.account(account)
        asked = day(within) if within else None
        said = quarters.comment(
            desk.to_act(), number, text, agreed, plan_reviewed=plan_reviewed, within=asked
        )
        name = desk.account_name(number)
        company = desk.company
    if options.json:
        say_json(said)
        return
    named = label(said.quarter, company.fiscal_year_start, company.fiscal_year_changes)
    follows = f", measure {said.measure}" if said.measure is not None else ""
    reviewed = ", plan looked through" if said.plan_reviewed else ""
    already = "commented already" if said.state == "already" else said.state
    say(f"{already}: {name} {named}{follows}{reviewed}")


def _measure(desk: Desk, title: str | None, by: str | None, owner: str | None) -> NewMeasure | None:
    if title is None:
        if by is not None or owner is not None:
            raise InputError("--by and --owner belong to a measure: name it (--measure TEXT)")
        return None
    if by is None:
        raise InputError("until when is the measure done? (--by DAY)")
    return NewMeasure(title, day(by), desk.person(owner) if owner else None)
