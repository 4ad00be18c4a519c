"""The contact plan of an account's KAM, moved to a successor from a day on."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState

_DAY = timedelta(days=1)


def move(
    session: Session, accounts: Collection[int], before: int, to: int, on: date, today: date
) -> list[tuple[int, dict[str, int]]]:
    """Move what is still to come of the contact plan; what was held stays with who held it.

    A period that is over stays as it was, whatever the day. Of one that is running the successor gets what
    is missing, so that the Soll of both together is the one that was planned. Where the successor meets the
    contact anyway, the larger Soll counts.
    """
    target = ContactTarget
    rows = session.execute(
        select(target, col(Place.account_id))
        .join(Place, col(Place.id) == col(target.place_id))
        .where(col(Place.account_id).in_(accounts), col(target.person_id) == before)
        .where(col(target.period_last) >= max(on, today))
        .where(or_(col(target.until_day).is_(None), col(target.until_day) >= on))
        .order_by(col(target.id))
        .execution_options(populate_existing=True)
    )
    return [(place, _moved(session, row, to, on)) for row, place in rows.all()]


def _moved(session: Session, row: ContactTarget, to: int, on: date) -> dict[str, int]:
    theirs = session.execute(
        select(ContactTarget)
        .where(
            col(ContactTarget.person_id) == to,
            col(ContactTarget.place_id) == row.place_id,
            col(ContactTarget.period_first) == row.period_first,
            col(ContactTarget.period_last) == row.period_last,
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    first = row.from_day or row.period_first
    if first >= on and theirs is None:
        row.person_id = to
        session.flush()
        return {"target": row.id or 0, "soll": row.soll, "left": 0}
    missing = row.soll if first >= on else max(0, row.soll - _made(session, row, on))
    until, row.soll, row.until_day = row.until_day, row.soll - missing, max(first, on - _DAY)
    if theirs is not None:
        _join(session, theirs, missing, until, on)
    else:
        theirs = ContactTarget(
            person_id=to,
            place_id=row.place_id,
            period_first=row.period_first,
            period_last=row.period_last,
            soll=missing,
            topic=row.topic,
            from_day=on,
            until_day=until,
        )
        session.add(theirs)
    session.flush()
    return {"target": theirs.id or 0, "soll": theirs.soll, "left": row.soll}


def _join(session: Session, theirs: ContactTarget, missing: int, until: date | None, on: date) -> None:
    """Put what is missing to the Soll that the successor has, or had: one that ended goes on.

    What they held meanwhile counts for the days before, not for what is still missing.
    """
    if theirs.until_day is not None and theirs.until_day < on:
        theirs.soll = max(theirs.soll, _made(session, theirs, on)) + missing
    else:
        theirs.soll = max(theirs.soll, missing)
    if theirs.from_day is not None:
        theirs.from_day = min(theirs.from_day, on)
    if theirs.until_day is not None:
        theirs.until_day = None if until is None else max(theirs.until_day, until)


def _made(session: Session, row: ContactTarget, on: date) -> int:
    """Days on which the pair met or was to meet, before the day."""
    first = row.from_day or row.period_first
    made = session.execute(
        select(func.count(col(Interaction.day).distinct()))
        .join(Encounter, col(Encounter.interaction_id) == col(Interaction.id))
        .join(Place, col(Place.contact_id) == col(Encounter.contact_id))
        .where(col(Place.id) == row.place_id, col(Encounter.person_id) == row.person_id)
        .where(col(Interaction.state).in_((InteractionState.HELD, InteractionState.BOOKED)))
        .where(col(Interaction.day) >= first, col(Interaction.day) < on)
    )
    return made.scalar_one()
