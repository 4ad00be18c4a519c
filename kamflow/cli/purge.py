"""`kamflow purge`: what is older than [retention] allows goes now, or is only counted."""

from typing import Annotated

from cyclopts import Parameter

from kamflow.cli import glass
from kamflow.cli.home import opened, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table


def purge(*, dry_run: Annotated[bool, Parameter(negative="")] = False, options: Options = HERE) -> int:
    """Delete what is older than [retention] says; `kamflow up` does it every night.

    Parameters
    ----------
    dry_run
        Count what would go, and delete nothing.
    """
    from flows import purge as purging

    with reading(options) as desk:
        glass.operates(desk, "purge")
    with opened(options) as home:
        if dry_run:
            gone = purging.would_go(home)
        else:
            gone, _ = purging.purge(home)
            purging.note(home, gone)
    if options.json:
        say_json({"dry_run": dry_run, "rows": gone})
    elif gone:
        table(("kind", "would go" if dry_run else "gone"), sorted(gone.items()))
    else:
        say("nothing is old enough")
    return 0
