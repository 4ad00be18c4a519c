"""What can be chosen where something is done about one nudge: people of both sides, cells, who said done."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.meeting import Request
from kamflow.models.nudge import StepDone, StoredNudge
from kamflow.models.person import Person
from kamflow.models.survey import SurveyInvitation
from kamflow.store import departments, teams


@dataclass(frozen=True, slots=True)
class Choice:
    """A person or contact by name; `about` is their position."""

    id: int
    name: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A Soll that a nudge says is behind."""

    target: int
    contact: int
    name: str
    soll: int
    held: int
    booked: int


@dataclass(frozen=True, slots=True)
class Said:
    """Who said that it is done, and when."""

    name: str
    on: date


def said_done(session: Session, nudge: StoredNudge) -> Said | None:
    """The word that closed it; None where it was not a word."""
    row = session.execute(
        select(col(Person.name), col(StepDone.done_on))
        .join(Person, col(Person.id) == col(StepDone.person_id))
        .where(col(StepDone.identity) == nudge.identity)
    ).first()
    return Said(*row) if row and nudge.closed_as == "done" else None


def takers(session: Session, nudge: StoredNudge, day: date) -> list[Choice]:
    """Who may be given it: its owner, the customer's team, who stands in, the department asked, superiors."""
    own = [nudge.owner_id, *([nudge.assignee_id] if nudge.assignee_id else [])]
    team = list(teams.team(session, nudge.account_id, day)) if nudge.account_id is not None else []
    beside = sorted(teams.standing_in(session, own)) + sorted(_asked(session, nudge, day))
    above = [*teams.superiors(session, own).values(), *teams.heads(session, day)]
    has_it = nudge.assignee_id or nudge.owner_id
    order = [each for each in dict.fromkeys((nudge.owner_id, *team, *beside, *above)) if each != has_it]
    return people(session, order, day)


def people(session: Session, numbers: Iterable[int], day: date) -> list[Choice]:
    """These of our people who have not left, in this order."""
    order = list(dict.fromkeys(numbers))
    rows = session.execute(
        select(col(Person.id), col(Person.name), col(Person.position))
        .where(col(Person.id).in_(order))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= day))
    )
    known = {number: Choice(number, name, position or "") for number, name, position in rows}
    return [known[number] for number in order if number in known]


def contacts(session: Session, account: int, first: Collection[int], day: date) -> list[Choice]:
    """Who is at the customer on that day: those of the nudge first, then by influence."""
    rows = session.execute(
        select(Contact, col(Place.position), col(Place.influence))
        .join(Place, col(Place.contact_id) == col(Contact.id))
        .where(col(Place.account_id) == account)
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= day))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= day))
    ).all()
    order = {number: at for at, number in enumerate(first)}
    known: dict[int, tuple[tuple[int, int, str], Choice]] = {}
    for contact, position, influence in rows:
        number = contact.id or 0
        key = (order.get(number, len(order)), -(influence or 0), contact.last_name)
        known.setdefault(number, (key, Choice(number, contact.name, position or "")))
    return [choice for _, choice in sorted(known.values(), key=lambda each: each[0])]


def on_list(session: Session, nudge: StoredNudge, day: date) -> list[Choice]:
    """Whose name can be struck from the survey's list that a nudge shows."""
    if (nudge.rule, nudge.step) != ("survey_dispatch", "list") or nudge.account_id is None:
        return []
    row = SurveyInvitation
    query = select(col(row.contact_id)).where(
        col(row.wave_id) == nudge.facts["wave"], col(row.struck_on).is_(None)
    )
    left = set(session.execute(query).scalars())
    listed = [each["contact"] for each in nudge.facts["contacts"] if each["contact"] in left]
    known = {each.id: each for each in contacts(session, nudge.account_id, listed, day)}
    return [known[number] for number in listed if number in known]


def cells(session: Session, nudge: StoredNudge, day: date) -> list[Cell]:
    """The Soll of the nudge as they are now; one that was ended meanwhile is left out."""
    said = {each["target"]: each for each in nudge.facts.get("cells", ())}
    rows = session.execute(
        select(ContactTarget, Contact)
        .join(Place, col(Place.id) == col(ContactTarget.place_id))
        .join(Contact, col(Contact.id) == col(Place.contact_id))
        .where(col(ContactTarget.id).in_(said))
        .where(or_(col(ContactTarget.until_day).is_(None), col(ContactTarget.until_day) >= day))
    ).all()
    found = {
        target.id or 0: Cell(
            target.id or 0,
            contact.id or 0,
            contact.name,
            target.soll,
            said[target.id]["held"],
            said[target.id]["booked"],
        )
        for target, contact in rows
    }
    return [found[number] for number in said if number in found]


def _asked(session: Session, nudge: StoredNudge, day: date) -> set[int]:
    """The people of the department that a request went to."""
    number = nudge.facts.get("request") if nudge.rule == "department_requests" else None
    row = session.get(Request, number) if number is not None else None
    return departments.people(session, row.department_id, day) if row is not None else set()
