"""`kamflow target`: how often somebody means to meet a contact."""

from cyclopts import App

from kamflow.acts import target as targets
from kamflow.acts.target import Wanted
from kamflow.cli.home import acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json

target = App(name="target")


@target.command(name="set")
def set_(
    person: str,
    contact: str,
    soll: int,
    /,
    *,
    period: str | None = None,
    until: str | None = None,
    account: str | None = None,
    options: Options = HERE,
) -> None:
    """Set a Soll: the plan says too much, or too little.

    Parameters
    ----------
    person
        Who means to meet the contact: key, e-mail address or full name.
    contact
        Key, e-mail address or full name.
    soll
        How often in the period; 0 for not at all.
    period
        2026, Q4 2026 or 2026-01-01..2026-12-31; the one that contains today if not given.
    until
        The last day for which it holds.
    account
        For a contact with places at several accounts.
    """
    with acting(options) as desk:
        wanted = Wanted(
            desk.person(person),
            desk.contact(contact),
            soll,
            period,
            day(until) if until else None,
            desk.account(account) if account else None,
        )
        said = targets.set_target(desk.to_act(), wanted)
        name = desk.person_name(wanted.person)
    if options.json:
        say_json(said)
        return
    was = "" if said.before is None or said.state == "already" else f" (was {said.before})"
    end = f", until {said.until}" if said.until else ""
    state = "already so" if said.state == "already" else said.state
    say(f"{state}: {name}, {contact}, {said.period}: {said.soll}{was}{end}")
