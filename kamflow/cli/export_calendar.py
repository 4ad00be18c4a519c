"""`kamflow export calendar`: one's own due dates, for oneself alone."""

from pathlib import Path

from kamflow.acts import rights
from kamflow.cli.export_forms import Asked, safe
from kamflow.errors import NotAllowed
from kamflow.models.person import Person
from kamflow.store import lookup
from notifications import own_calendar


def calendar(asked: Asked) -> Path:
    """Write the .ics file of who acts.

    Raises:
        NotAllowed: nobody acts, they have left, or it is somebody else's (works council).
    """
    session, home = asked.session, asked.home
    number = rights.person(session, asked.actor, "export one's own due dates", home.today())
    if asked.person is not None and lookup.person(session, asked.person).id != number:
        raise NotAllowed("what somebody has open is shown to nobody else: everyone exports their own (--as)")
    path = asked.out or Path(f"calendar-{safe(session.get_one(Person, number).key)}.ics")
    path.write_bytes(own_calendar.of(session, number, home.settings, home.now()))
    return path
