"""At which account a contact was met, where nobody needs to say it twice."""

from datetime import date

from sqlmodel import Session

from kamflow.errors import InputError
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.store import encounters, teams


def account(session: Session, contact: int, day: date, stated: int | None) -> int:
    """The account that was stated, else that of the contact's only place.

    Raises:
        InputError: it is not clear, or the contact has no place there.
    """
    places = encounters.places(session, contact, day)
    if stated is not None:
        return _stated(session, contact, places, stated)
    if len(places) == 1:
        return places[0]
    where = f"has places at {_list(session, places)}" if places else "has no place at any account"
    raise InputError(f"{_name(session, contact)} {where}: say which account it was (--account KEY)")


def _stated(session: Session, contact: int, places: list[int], stated: int) -> int:
    if not places or stated in places:
        return stated
    # A site's people are met on behalf of the group, and the other way round.
    above = teams.lineage(session, stated)
    near = [place for place in places if place in above or stated in teams.lineage(session, place)]
    if near:
        return near[0]
    there, elsewhere = _list(session, [stated]), _list(session, places)
    raise InputError(
        f"{_name(session, contact)} has no place at {there} but at {elsewhere}: correct the account or the"
        " contact"
    )


def _name(session: Session, contact: int) -> str:
    return session.get_one(Contact, contact).name


def _list(session: Session, accounts: list[int]) -> str:
    rows = [session.get_one(Account, number) for number in accounts]
    return ", ".join(f"{row.name} ({row.key})" for row in rows)
