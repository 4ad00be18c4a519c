"""`kamflow adopt`: say that this home may send from its database."""

from typing import Annotated

from cyclopts import Parameter

from kamflow.cli import glass
from kamflow.cli.home import Desk, acting, opened, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.store import adopted, backups, events


def adopt(
    *,
    add: Annotated[bool, Parameter(negative="")] = False,
    moved: Annotated[bool, Parameter(negative="")] = False,
    options: Options = HERE,
) -> None:
    """Let this home compose and deliver, in place of every other one that did.

    A copied or restored home first decides the days since the copy was made. What they would have sent
    may have gone out, so it is stopped: `kamflow outbox --state cancelled` lists it.

    Parameters
    ----------
    add
        Beside the others: a second supervisor on the same database.
    moved
        The home was moved and nothing else has sent from its data: nothing is stopped.
    """
    from flows import resumed

    with reading(options) as desk:
        glass.operates(desk, "adopt a home")
        actor = desk.actor
    with opened(options) as home:
        held = resumed.resume(home, actor) if not (add or moved) and resumed.is_needed(home) else None
        path = home.settings.home.resolve()
    if held is None:
        with acting(options) as desk:
            _plainly(desk, add=add)
    if options.json:
        say_json({"home": path, "alone": not add, "held": held or 0})
        return
    say(f"adopted: {path}", *([] if add else ["any other home of this database is out of it"]))
    if held:
        say(
            f"{held} messages may have been sent since the copy was made, so they are stopped:",
            "`kamflow outbox --state cancelled` lists them, `kamflow outbox retry ID` sends one all the same",
        )


def _plainly(desk: Desk, *, add: bool) -> None:
    adopted.adopt(desk.session, desk.settings.home, desk.now, add=add)
    events.record(desk.session, backups.ADOPTED, desk.now, actor=desk.actor, alone=not add)
