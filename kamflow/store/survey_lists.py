"""The surveys of an account and who is on their lists: what acts of people read and write."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.errors import NotAllowed
from kamflow.models.message import StoredMessage
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.store import messages, survey_mails
from kamflow.store.rows import stored


def waves(session: Session, account: int) -> list[SurveyWave]:
    """The surveys kamflow holds at an account, the oldest first; not what was imported."""
    row = SurveyWave
    query = (
        select(row)
        .where(col(row.account_id) == account, col(row.imported).is_(False))
        .order_by(col(row.year_first), col(row.id))
        .execution_options(populate_existing=True)
    )
    return list(session.execute(query).scalars())


def invitations(session: Session, wave: int) -> list[SurveyInvitation]:
    """The list of a survey, in the order in which it was put together."""
    row = SurveyInvitation
    query = (
        select(row)
        .where(col(row.wave_id) == wave)
        .order_by(col(row.id))
        .execution_options(populate_existing=True)
    )
    return list(session.execute(query).scalars())


def take_back(session: Session, wave: SurveyWave, invitation: SurveyInvitation, now: datetime) -> bool:
    """Cancel the mail to a contact that has not left yet; tell whether that was still possible.

    One that failed, was cancelled or went to the address of a pilot never reached the contact.
    """
    contact, number = invitation.contact_id, stored(wave.id)
    key = survey_mails.key("invite", wave.account_id, contact, number, "invitation")
    row = StoredMessage
    query = select(col(row.id), col(row.state), col(row.cause)).where(col(row.key) == key)
    mail = session.execute(query).one_or_none()
    if mail is None:
        return False
    if survey_mails.never_left(mail.state, mail.cause):
        return True
    try:
        messages.cancel(session, mail.id, "struck", now)
    except NotAllowed:
        return False
    return True
