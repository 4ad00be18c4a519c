"""The works council's rule: one person's items are for that person and the deputy, for nobody else.

Whoever has to look nevertheless breaks the glass with a reason: it is written down, and the person is
told.
"""

from kamflow.acts import rights
from kamflow.cli.home import Desk
from kamflow.errors import NotAllowed
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person, Role
from kamflow.store import broken_glass, teams
from notifications import outbox
from notifications.outbox import NewMessage


def reads(desk: Desk, person: int | None) -> bool:
    """Tell whether who acts may read this person's items."""
    if not desk.settings.works_council and oversees(desk):
        return True
    if person is None or desk.actor is None:
        return False
    return desk.actor in {person, *teams.standing_in(desk.session, [person])}


def require(desk: Desk, person: int, command: str, reason: str | None) -> None:
    """Let pass who may read this person's items, or who breaks the glass.

    Raises:
        NotAllowed: neither.
    """
    if reads(desk, person):
        return
    if reason is None or not reason.strip():
        raise NotAllowed(
            "open items of a person are for that person and the deputy only (works council)."
            " --break-glass REASON shows them, writes it down and tells that person"
        )
    operates(desk, "break the glass")
    _break(desk, person, command, reason.strip())


def broken(desk: Desk, nudge: int, command: str, reason: str | None) -> bool:
    """Tell whether who acts may see another's nudge: by the rule being off, or by breaking the glass.

    Raises:
        NotAllowed: they may not break it.
    """
    if not desk.settings.works_council:
        return oversees(desk)
    row = desk.session.get_one(StoredNudge, nudge)
    if reason is None or desk.actor in rights.sees(desk.session, row):
        return False
    require(desk, row.assignee_id or row.owner_id, command, reason)
    return True


def operates(desk: Desk, act: str) -> None:
    """Let operations and the head of KAM pass.

    Raises:
        NotAllowed: somebody else.
    """
    if not oversees(desk):
        raise NotAllowed(f"only operations or the head of KAM may {act}")


def oversees(desk: Desk) -> bool:
    """Tell whether operations act, or a head of KAM."""
    if desk.actor is None or Role.OPERATIONS in teams.roles(desk.session, desk.actor):
        return True
    return rights.is_head(desk.session, desk.actor, desk.today)


def _break(desk: Desk, person: int, command: str, reason: str) -> None:
    """Write the event and the message to the person, in the transaction that reads."""
    event = broken_glass.note(desk.session, desk.actor, person, command, reason, desk.now)
    row = desk.session.get_one(Person, person)
    notice = NewMessage(
        key=f"glass:{event}",
        kind="notice",
        channel="slack" if row.channel == "slack" and desk.settings.slack.token else "email",
        template="break_glass",
        facts={"command": command, "day": desk.today.isoformat(), "event": event},
        person=person,
    )
    outbox.add(desk.session, notice, desk.now)
