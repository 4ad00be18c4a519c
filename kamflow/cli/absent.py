"""`kamflow absent`: when somebody is away, and when not after all."""

from typing import Annotated

from cyclopts import Parameter

from kamflow.acts import absent as absences
from kamflow.cli.home import acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json


def absent(
    person: str,
    first: str,
    last: str | None = None,
    /,
    *,
    cancel: Annotated[bool, Parameter(negative="")] = False,
    options: Options = HERE,
) -> None:
    """Note on which days somebody is away. Nobody asks why.

    Parameters
    ----------
    person
        Key, e-mail address or full name.
    first
        First day away (2026-09-14).
    last
        Last day away; the first if not given.
    cancel
        Take these days back: the person is there after all.
    """
    with acting(options) as desk:
        number = desk.person(person)
        days = day(first), day(last or first)
        act = absences.back if cancel else absences.absent
        said = act(desk.session, desk.actor, number, *days, desk.now, desk.company)
        name = desk.person_name(number)
    if options.json:
        say_json(said)
        return
    words = {"noted": "noted", "back": "taken back", "already": "already so"}
    away = "is there" if cancel else "is away"
    say(f"{words[said.state]}: {name} {away} {said.first}..{said.last}")
