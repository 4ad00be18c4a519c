"""`kamflow adopt`: say that this home may send from its database."""

from typing import Annotated

from cyclopts import Parameter

from kamflow.cli import glass
from kamflow.cli.home import acting
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.store import adopted, events


def adopt(*, add: Annotated[bool, Parameter(negative="")] = False, options: Options = HERE) -> None:
    """Let this home compose and deliver, in place of every other one that did.

    Parameters
    ----------
    add
        Beside the others: a second supervisor on the same database.
    """
    with acting(options) as desk:
        glass.operates(desk, "adopt a home")
        home = desk.settings.home
        adopted.adopt(desk.session, home, desk.now, add=add)
        events.record(desk.session, "home.adopted", desk.now, actor=desk.actor, alone=not add)
    if options.json:
        say_json({"home": home.resolve(), "alone": not add})
    else:
        say(f"adopted: {home.resolve()}", *([] if add else ["any other home of this database is out of it"]))
