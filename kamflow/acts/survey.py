"""Look through the list of a survey, strike a name with a reason, or call the survey off."""

from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.store import survey_lists
from kamflow.store.engine import lock
from kamflow.store.rows import stored

RULE = "survey_dispatch"


@dataclass(frozen=True)
class Surveyed:
    """`state` is struck, stopped, or already."""

    account: int
    wave: int
    state: str
    on: date | None
    contact: int | None = None


def strike(desk: Acting, wave: int, contact: int, reason: str) -> Surveyed:
    """Take a contact off the list of a wave; the reason stays with the name.

    Raises:
        InputError: no reason, or the mail to the contact has left.
        NotAllowed, NotFound: see `rights.for_kam`; no such wave, or the contact is not on its list.
    """
    person, row = _held(desk, wave, "strike a name from its survey")
    if not reason.strip():
        raise InputError("say why: a name is struck with a reason (--reason TEXT)")
    name = desk.session.get_one(Contact, contact).name
    invitation = _listed(desk, row, contact, name)
    if invitation.struck_on is not None:
        return Surveyed(row.account_id, wave, "already", invitation.struck_on, contact)
    if invitation.invited_on is not None and not survey_lists.take_back(
        desk.session, row, invitation, desk.now
    ):
        raise InputError(f"{name} was asked on {invitation.invited_on}: it is too late to strike the name")
    invitation.struck_on, invitation.struck_by_id = desk.today, person
    invitation.struck_reason = reason.strip()
    desk.record("survey.struck", row.account_id, wave=wave, invitation=stored(invitation.id))
    return Surveyed(row.account_id, wave, "struck", desk.today, contact)


def stop(desk: Acting, wave: int, reason: str) -> Surveyed:
    """Call a survey off: nobody is asked or reminded any more, answers stay. Raises as `strike` does."""
    _, row = _held(desk, wave, "stop its survey")
    if not reason.strip():
        raise InputError("say why: a survey is stopped with a reason (--reason TEXT)")
    if row.stopped_on is not None:
        return Surveyed(row.account_id, wave, "already", row.stopped_on)
    row.stopped_on, row.stopped_reason = desk.today, reason.strip()
    desk.record("survey.stopped", row.account_id, wave=wave)
    return Surveyed(row.account_id, wave, "stopped", desk.today)


def wave_of(desk: Acting, account: int) -> SurveyWave:
    """The newest survey that kamflow holds at an account.

    Raises:
        NotFound: none was put together yet.
    """
    found = survey_lists.waves(desk.session, account)
    if not found:
        name = desk.session.get_one(Account, account).name
        raise NotFound(
            f"no survey of {name} was put together yet: `kamflow why-not PERSON {name!r}` says when it is due"
        )
    return found[-1]


def _held(desk: Acting, wave: int, act: str) -> tuple[int, SurveyWave]:
    """The wave as it is now, kept from others and from its rule's run until the transaction ends."""
    person = desk.person(act)
    # A run that has read who is on the list must not ask a contact that is struck here meanwhile.
    lock(desk.session, RULE)
    row = desk.session.get(SurveyWave, wave, populate_existing=True)
    if row is None or row.imported:
        raise NotFound(f"no survey {wave}: `kamflow survey list ACCOUNT` names it")
    rights.for_kam(desk.session, person, desk.session.get_one(Account, row.account_id), RULE, act, desk.today)
    return person, row


def _listed(desk: Acting, wave: SurveyWave, contact: int, name: str) -> SurveyInvitation:
    found = survey_lists.invitations(desk.session, stored(wave.id))
    on_it = next((each for each in found if each.contact_id == contact), None)
    if on_it is None:
        names = ", ".join(desk.session.get_one(Contact, each.contact_id).name for each in found)
        raise NotFound(f"{name} is not on the list of this survey; there are {names or 'nobody'}")
    return on_it
