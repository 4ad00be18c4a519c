"""Who else is called so: then a last name by itself says nothing."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.contact import Contact
from kamflow.models.erasure import Erased
from kamflow.models.person import Person
from kamflow.store.name_spelling import apart


def any_other(session: Session, kind: Erased, number: int) -> bool:
    """Tell whether another contact or one of our people has the same last name."""
    last = _last(session, kind, number).casefold()
    contacts = select(col(Contact.id), col(Contact.last_name)).where(col(Contact.erased_on).is_(None))
    people = select(col(Person.id), col(Person.name)).where(col(Person.erased_on).is_(None))
    # Only ASCII is lowered by every database: the rest is compared here.
    if last.isascii():
        contacts = contacts.where(func.lower(col(Contact.last_name)) == last)
        people = people.where(func.lower(col(Person.name)).like(f"%{last}"))
    others = {(Erased.CONTACT, each) for each, name in session.execute(contacts) if name.casefold() == last}
    others |= {
        (Erased.PERSON, each) for each, name in session.execute(people) if apart(name)[1].casefold() == last
    }
    return bool(others - {(kind, number)})


def _last(session: Session, kind: Erased, number: int) -> str:
    if kind == Erased.PERSON:
        return apart(session.get_one(Person, number).name)[1]
    return session.get_one(Contact, number).last_name
