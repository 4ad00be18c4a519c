"""`kamflow done`, `snooze`, `hand-over`: what a person does with a nudge."""

from typing import Annotated

from cyclopts import Parameter

from kamflow.acts import done as doing
from kamflow.acts import hand_over as handing
from kamflow.acts import snooze as snoozing
from kamflow.acts.done import Done
from kamflow.cli import glass
from kamflow.cli.home import acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json

# What closes a nudge that a word does not close (`why["closes"]`).
CLOSES = {
    "contact": "a contact is logged or booked",
    "submitted": "the plan is submitted",
    "decided": "the plan is approved or returned",
    "step": "its sections are filled",
    "commented": "the quarter is commented (`kamflow quarter comment`)",
    "revenue": "revenue of the quarter is imported",
    "done_or_moved": "the measure is done or moved (`kamflow measure done` or `move`)",
    "booked": "a date is booked (`kamflow meeting book`)",
    "month_known": "its month is planned (`kamflow meeting month`) or a date is booked",
    "released": "the briefing is released (`kamflow briefing release`)",
    "delivered_or_refused": "it is delivered or refused (`kamflow request deliver` or `refuse`)",
}


Glass = Annotated[
    str | None,
    Parameter(help="As the head of KAM, for another person: the reason is written down, the person is told."),
]


def done(nudge: str, /, *, break_glass: Glass = None, options: Options = HERE) -> None:
    """Say that something is done.

    Parameters
    ----------
    nudge
        Its number, as in `kamflow nudges`.
    """
    with acting(options) as desk:
        number = desk.nudge(nudge)
        said = doing.done(
            desk.session,
            desk.actor,
            number,
            desk.now,
            desk.policy,
            desk.company,
            glass=glass.broken(desk, number, "done", break_glass),
        )
    if options.json:
        say_json(said)
    else:
        say(_done(said))


def _done(said: Done) -> str:
    if said.state == "closed":
        return f"done: nudge {said.nudge} is closed"
    if said.until is None and said.closed_as is None:
        already = " already" if said.state == "already" else ""
        return f"noted{already}: whoever nudge {said.nudge} was given to sees what it comes to"
    if said.closed_as is not None:
        how = "it is done already" if said.closed_as == "done" else f"it is closed already ({said.closed_as})"
        return f"nudge {said.nudge}: {how}"
    already = " already" if said.state == "already" else ""
    closes = CLOSES.get(said.closes or "", "the facts say so")
    return (
        f"noted{already}: nudge {said.nudge} is silent until {said.until}. It stays open until {closes};"
        " if that has not happened by then, it comes back"
    )


def snooze(
    nudge: str,
    /,
    *,
    until: Annotated[str, Parameter(name=["--until", "--to"])],
    break_glass: Glass = None,
    options: Options = HERE,
) -> None:
    """Put a nudge off.

    Parameters
    ----------
    nudge
        Its number, as in `kamflow nudges`.
    until
        The day on which it is told again (2026-09-14).
    """
    with acting(options) as desk:
        number = desk.nudge(nudge)
        said = snoozing.snooze(
            desk.session,
            desk.actor,
            number,
            day(until),
            desk.now,
            desk.policy,
            desk.company,
            glass=glass.broken(desk, number, "snooze", break_glass),
        )
    if options.json:
        say_json(said)
    else:
        already = " already" if said.state == "already" else ""
        say(f"snoozed{already}: nudge {said.nudge} is told again on {said.until}")


def hand_over(nudge: str, /, *, to: str, break_glass: Glass = None, options: Options = HERE) -> None:
    """Give a nudge to somebody else, until it closes or gets another owner.

    Parameters
    ----------
    nudge
        Its number, as in `kamflow nudges`.
    to
        Who takes it: key, e-mail address or full name.
    """
    with acting(options) as desk:
        number, other = desk.nudge(nudge), desk.person(to)
        opened = glass.broken(desk, number, "hand-over", break_glass)
        said = handing.hand_over(
            desk.session, desk.actor, number, other, desk.now, desk.company, glass=opened
        )
        name = desk.person_name(said.assignee)
    if options.json:
        say_json(said)
    else:
        say(f"{said.state}: nudge {said.nudge} is with {name}")
