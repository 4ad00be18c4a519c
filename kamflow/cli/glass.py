"""The works council's rule: one person's items are for that person and the deputy, for nobody else.

Whoever has to look nevertheless breaks the glass with a reason: it is written down, and the person is
told.
"""

from kamflow.acts import rights
from kamflow.cli.home import Desk
from kamflow.errors import NotAllowed
from kamflow.models.person import Person, Role
from kamflow.store import events, teams
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
    # The reason is what the event is about, and it is said to the person word for word.
    event = events.record(
        desk.session,
        "works_council.glass_broken",
        desk.now,
        actor=desk.actor,
        person=person,
        command=command,
        reason=reason,
    )
    row = desk.session.get_one(Person, person)
    notice = NewMessage(
        key=f"glass:{event.id}",
        kind="notice",
        channel="slack" if row.channel == "slack" and desk.settings.slack.token else "email",
        template="break_glass",
        facts={"command": command, "day": desk.today.isoformat(), "event": event.id, "reason": reason},
        person=person,
    )
    outbox.add(desk.session, notice, desk.now)
