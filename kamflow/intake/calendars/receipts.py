"""A line for each contact that was counted: who met whom, when, and who was not counted and why."""

from collections.abc import Iterable, Sequence

from babel.dates import format_date

from kamflow.intake.context import Context
from kamflow.intake.entities.interactions import Meeting
from kamflow.models.contact import Contact
from kamflow.models.interaction import InteractionState
from kamflow.models.person import Person


def receipt(
    ctx: Context, meeting: Meeting, people: Sequence[int], absent: Iterable[tuple[str, int, str]]
) -> str:
    """Such as "counted: Kruse x Knut, 12 March 2026; not counted: Lech, declined"."""
    contacts = sorted({contact for _, contact in meeting.pairs})
    ours = ", ".join(_person(ctx, each) for each in people)
    theirs = ", ".join(_contact(ctx, each) for each in contacts)
    words = {InteractionState.BOOKED: "booked", InteractionState.CANCELLED: "cancelled"}
    word = words.get(InteractionState(meeting.values["state"]), "counted")
    told = f"{word}: {ours} x {theirs}, {format_date(meeting.values['day'], 'd MMMM y', locale='en')}"
    left_out = [
        f"{(_person if side == 'person' else _contact)(ctx, row)}, {why}" for side, row, why in absent
    ]
    return "; not counted: ".join([told, *left_out])


def _person(ctx: Context, row: int) -> str:
    found = ctx.session.get(Person, row)
    return found.name if found else "?"


def _contact(ctx: Context, row: int) -> str:
    found = ctx.session.get(Contact, row)
    return found.name if found else "?"
