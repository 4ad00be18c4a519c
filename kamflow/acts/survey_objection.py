"""Object to being asked by surveys: the act of a contact. It stands until the contact agrees anew."""

from dataclasses import dataclass
from typing import Literal

from kamflow.acts.acting import Acting
from kamflow.errors import NotFound
from kamflow.models.contact import Consent, Contact
from kamflow.store import survey_page
from kamflow.store.engine import lock

SOURCE = "survey page"


@dataclass(frozen=True)
class Objected:
    contact: int
    state: Literal["objected", "already", "trial"]


def object_to_surveys(desk: Acting, invitation: int, wording: str, source: str = SOURCE) -> Objected:
    """Note that whoever was invited does not want to be asked again; also once the survey is over.

    `wording` is what the contact agreed to with the click, as it stood there.

    Raises:
        NotFound: no such invitation.
    """
    lock(desk.session, f"survey:{invitation}")
    asked = survey_page.by_number(desk.session, invitation, desk.now, desk.company)
    if asked is None:
        raise NotFound(f"no invitation {invitation}: `kamflow survey list ACCOUNT` names those of a survey")
    contact = desk.session.get_one(Contact, asked.contact)
    if contact.survey_consent == Consent.OBJECTED:
        return Objected(asked.contact, "already")
    if asked.trial:
        return Objected(asked.contact, "trial")
    contact.survey_consent, contact.consent_on = Consent.OBJECTED, asked.today
    contact.consent_source, contact.consent_wording = source, wording
    desk.record("survey.objected", asked.account, wave=asked.wave, invitation=asked.id, contact=asked.contact)
    return Objected(asked.contact, "objected")
