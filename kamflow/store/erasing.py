"""Take away what says who somebody is; what was counted of them stays.

Contacts made, answers' scores, targets of the past and who was asked when are kept under the same number, and
read "erased contact" from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlmodel import Session, col

from kamflow.models.account import ExternalReference
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.erasure import Erased
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.person import Absence, Person, PersonRole
from kamflow.models.plan import OpenQuestion
from kamflow.models.survey import SurveyAnswer, SurveyInvitation
from kamflow.models.visit import SignIn, WebSession
from kamflow.store import messages

CAUSE = "erased"
# What is shown instead of the name; pages, mails and documents say it in their reader's language.
CALLED: Mapping[Erased, str] = {Erased.CONTACT: "erased contact", Erased.PERSON: "erased person"}
# In a text that somebody wrote.
MARKED: Mapping[Erased, str] = {kind: f"[{word}]" for kind, word in CALLED.items()}

CONTACT_GONE: Mapping[str, Any] = {
    "first_name": None,
    "last_name": CALLED[Erased.CONTACT],
    "salutation": None,
    "email": None,
    "unreachable_on": None,
    "phone": None,
    "language": None,
    "country": None,
    "region": None,
    "zone": None,
    "survey_consent": None,
    "consent_on": None,
    "consent_source": None,
    "consent_wording": None,
}
CONTACT_KEPT = frozenset({"id", "key", "erased_on"})
PERSON_GONE: Mapping[str, Any] = {
    "name": CALLED[Erased.PERSON],
    "email": None,
    "slack_id": None,
    "position": None,
    "language": "de",
    "zone": "Europe/Berlin",
    "country": "DE",
    "region": None,
    "weekdays": "12345",
    "level": "other",
    "department_id": None,
    "superior_id": None,
    "deputy_id": None,
    "assistant_id": None,
    "channel": "email",
    "digest": "none",
}
PERSON_KEPT = frozenset({"id", "key", "left_on", "erased_on", "links_version"})
PLACE_GONE: Mapping[str, Any] = {
    "position": None,
    "department": None,
    "buying_role": None,
    "reports_to_id": None,
}


@dataclass(frozen=True, slots=True)
class Gone:
    """How many rows lost what they said, and how many messages will not leave."""

    rows: Mapping[str, int]
    cancelled: int


def contact(session: Session, number: int, day: date, now: datetime) -> Gone:
    """Empty a contact's row and all that hangs on it; end its places and targets."""
    row, place = Contact, Place
    key = f"{CAUSE}-contact-{number}"
    _set(session, row, col(row.id) == number, {**CONTACT_GONE, "key": key, "erased_on": day})
    done = {"place": _places(session, number, day), "contact_target": _targets(session, number, day)}
    _set(session, place, col(place.reports_to_id) == number, {"reports_to_id": None})
    asked = and_(
        col(OpenQuestion.ask_contact_id) == number,
        col(OpenQuestion.answered_on).is_(None),
    )
    done["open_question"] = _set(session, OpenQuestion, asked, {"ask_contact_id": None})
    done["survey_answer"] = _answers(session, number)
    done["survey_invitation"] = _invitations(session, number, day)
    done["external_reference"] = _references(session, Erased.CONTACT, number)
    return Gone(done, _unsent(session, col(StoredMessage.contact_id) == number, now))


def person(session: Session, number: int, day: date, now: datetime) -> Gone:
    """Empty the row of somebody who left, and all that is theirs alone."""
    row = Person
    key = f"{CAUSE}-person-{number}"
    version = col(row.links_version) + 1
    values = {**PERSON_GONE, "key": key, "erased_on": day, "links_version": version}
    _set(session, row, col(row.id) == number, values)
    for beside in ("superior_id", "deputy_id", "assistant_id"):
        _set(session, row, col(getattr(row, beside)) == number, {beside: None})
    done: dict[str, int] = {}
    for table in (Absence, PersonRole, SignIn, WebSession):
        theirs = delete(table).where(col(table.person_id) == number)
        done[str(table.__tablename__)] = _count(session.execute(theirs))
    done["external_reference"] = _references(session, Erased.PERSON, number)
    return Gone(done, _unsent(session, col(StoredMessage.person_id) == number, now))


def _places(session: Session, number: int, day: date) -> int:
    """A place ends with the day; its influence stays, a figure that coverage of the past rests on."""
    theirs = col(Place.contact_id) == number
    ahead = and_(theirs, col(Place.from_day) > day)
    _set(session, Place, ahead, {"from_day": day})
    lasting = and_(theirs, or_(col(Place.until_day).is_(None), col(Place.until_day) > day))
    _set(session, Place, lasting, {"until_day": day})
    return _set(session, Place, theirs, PLACE_GONE)


def _targets(session: Session, number: int, day: date) -> int:
    """What was meant to be from tomorrow on is no target any more; what was until today is counted."""
    places = select(col(Place.id)).where(col(Place.contact_id) == number)
    target = ContactTarget
    theirs = col(target.place_id).in_(places)
    ahead = or_(col(target.period_first) > day, col(target.from_day) > day)
    gone = _count(session.execute(delete(target).where(theirs, ahead)))
    lasting = and_(theirs, col(target.period_last) > day)
    running = and_(lasting, or_(col(target.until_day).is_(None), col(target.until_day) > day))
    return gone + _set(session, target, running, {"until_day": day})


def _answers(session: Session, number: int) -> int:
    invited = select(col(SurveyInvitation.id)).where(col(SurveyInvitation.contact_id) == number)
    said = and_(col(SurveyAnswer.invitation_id).in_(invited), col(SurveyAnswer.comment).is_not(None))
    return _set(session, SurveyAnswer, said, {"comment": None})


def _invitations(session: Session, number: int, day: date) -> int:
    """Links lead nowhere any more, and who has not been asked yet is struck from the list."""
    row = SurveyInvitation
    theirs = col(row.contact_id) == number
    _set(session, row, and_(theirs, col(row.invited_on).is_(None)), {"struck_on": day})
    values = {"token_hash": None, "struck_reason": None, "version": col(row.version) + 1}
    return _set(session, row, theirs, values)


def _references(session: Session, kind: Erased, number: int) -> int:
    theirs = and_(col(ExternalReference.kind) == kind.value, col(ExternalReference.row_id) == number)
    return _count(session.execute(delete(ExternalReference).where(theirs)))


def _unsent(session: Session, theirs: Any, now: datetime) -> int:
    """Stop what waits for them; the mail server's last words may hold their address."""
    row = StoredMessage
    _set(session, row, and_(theirs, col(row.channel) == "email"), {"provider_id": None})
    waiting = select(col(row.id)).where(theirs, col(row.state).in_(messages.DUE)).with_for_update()
    numbers = [number for number in session.execute(waiting).scalars() if number is not None]
    values = {"state": MessageState.CANCELLED, "cause": CAUSE}
    _set(session, row, col(row.id).in_(numbers), values)
    messages.history(session, [(number, now, MessageState.CANCELLED, CAUSE) for number in numbers])
    return len(numbers)


def _set(session: Session, table: Any, which: Any, values: Mapping[str, Any]) -> int:
    statement = update(table).where(which).values(**values)
    return _count(session.execute(statement, execution_options={"synchronize_session": False}))


def _count(result: Any) -> int:
    return cast("CursorResult[Any]", result).rowcount
