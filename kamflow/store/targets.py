"""Contact targets as rows: which ones of a person and a contact concern a day."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.contact import ContactTarget, Place


def of_pair(session: Session, person: int, contact: int, day: date) -> list[ContactTarget]:
    """The targets of a person with a contact that have not ended before the day, the nearest first."""
    rows = session.execute(
        select(ContactTarget)
        .join(Place, col(Place.id) == col(ContactTarget.place_id))
        .where(col(ContactTarget.person_id) == person, col(Place.contact_id) == contact)
        .where(col(ContactTarget.period_last) >= day)
        .where(or_(col(ContactTarget.until_day).is_(None), col(ContactTarget.until_day) >= day))
        .order_by(
            col(ContactTarget.period_first), col(ContactTarget.period_last).desc(), col(ContactTarget.id)
        )
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())


def places(session: Session, contact: int, day: date) -> list[Place]:
    """Where a contact is on that day."""
    rows = session.execute(
        select(Place)
        .where(col(Place.contact_id) == contact)
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= day))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= day))
        .order_by(col(Place.id))
    )
    return list(rows.scalars())


def account(session: Session, target: ContactTarget) -> int:
    return session.get_one(Place, target.place_id).account_id
