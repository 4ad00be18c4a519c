"""Contacts whom nobody needs any more: without a place since long ago, and met by nobody since."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.contact import Contact, Place
from kamflow.models.interaction import Encounter, Interaction


def without_place(session: Session, before: date) -> list[int]:
    """Those whose last place ended before this day; who never had one, by the last time they were met.

    Of whom neither is known nobody can say since when they are not needed: they stay.
    """
    contact, place = Contact, Place
    places = select(col(place.id)).where(col(place.contact_id) == col(contact.id))
    lasting = places.where(or_(col(place.until_day).is_(None), col(place.until_day) >= before))
    met = (
        select(col(Encounter.contact_id))
        .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
        .where(col(Encounter.contact_id) == col(contact.id))
    )
    query = (
        select(col(contact.id))
        .where(col(contact.erased_on).is_(None), ~lasting.exists())
        .where(or_(places.exists(), met.exists()), ~met.where(col(Interaction.day) >= before).exists())
        .order_by(col(contact.id))
    )
    return [number for number in session.execute(query).scalars() if number is not None]
