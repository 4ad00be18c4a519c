from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import survey as surveys
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.message import StoredMessage
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.store import survey_mails
from tests.acts.world import Act, World, store


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    def call(actor: str | None = "witt") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


@pytest.fixture
def wave(world: World, given: SimpleNamespace) -> int:
    """A survey of Muster AG in which Paul and Knut are to be asked."""
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    here = {"account_id": world.account("muster"), "send_on": date(2026, 9, 8)} | year
    number = store(world.session, SurveyWave(**here, created_at=given.now)).id
    for key in ("paul", "knut"):
        store(world.session, SurveyInvitation(wave_id=number, contact_id=world.contact(key)))
    return number


def invitation(world: World, key: str) -> SurveyInvitation:
    query = select(SurveyInvitation).where(col(SurveyInvitation.contact_id) == world.contact(key))
    return world.session.execute(query).scalar_one()


def test_a_name_is_struck_with_a_reason_that_stays_in_its_row(world: World, act: Act, wave: int) -> None:
    paul = world.contact("paul")

    said, again = (surveys.strike(act(), wave, paul, " in hospital ") for _ in range(2))

    row = invitation(world, "paul")
    assert (said.state, again.state, again.on) == ("struck", "already", date(2026, 9, 7))
    assert (row.struck_on, row.struck_by_id) == (date(2026, 9, 7), world.person("witt"))
    assert row.struck_reason == "in hospital"
    [event] = world.events("survey.")
    assert (event.name, event.payload) == ("survey.struck", {"wave": wave, "invitation": row.id})


@pytest.mark.parametrize(("state", "allowed"), [("waiting", True), ("sending", False), ("sent", False)])
def test_until_the_mail_has_left_a_name_can_be_struck(
    world: World, act: Act, wave: int, given: SimpleNamespace, state: str, allowed: bool
) -> None:
    paul, row = world.contact("paul"), invitation(world, "paul")
    row.invited_on = date(2026, 9, 7)
    key = survey_mails.key("invite", world.account("muster"), paul, wave, "invitation")
    about = {"kind": "invitation", "channel": "email", "template": "survey_invitation", "facts": {}}
    at = {"created_at": given.now, "due_at": given.now}
    mail = store(world.session, StoredMessage(key=key, contact_id=paul, state=state, **about, **at))
    if not allowed:
        with pytest.raises(InputError, match="Paul was asked on 2026-09-07: it is too late"):
            surveys.strike(act(), wave, paul, "why")
        return
    assert surveys.strike(act(), wave, paul, "why").state == "struck"
    world.session.refresh(mail)
    assert (mail.state, mail.cause) == ("cancelled", "struck")


def test_a_survey_is_stopped_with_a_reason(world: World, act: Act, wave: int) -> None:
    said, again = (surveys.stop(act("berg"), wave, "merger") for _ in range(2))

    row = world.session.get_one(SurveyWave, wave)
    assert (said.state, again.state) == ("stopped", "already")
    assert (row.stopped_on, row.stopped_reason) == (date(2026, 9, 7), "merger")
    assert [event.name for event in world.events("survey.")] == ["survey.stopped"]


def test_what_does_not_fit_is_refused(world: World, act: Act, wave: int) -> None:
    with pytest.raises(InputError, match="--reason TEXT"):
        surveys.strike(act(), wave, world.contact("paul"), " ")
    with pytest.raises(NotFound, match="Doppel is not on the list of this survey; there are Paul, Knut"):
        surveys.strike(act(), wave, world.contact("doppel"), "why")
    with pytest.raises(NotFound, match="no survey 4711"):
        surveys.stop(act(), 4711, "why")
    with pytest.raises(NotFound, match="no survey of Andere GmbH was put together yet"):
        surveys.wave_of(act(), world.account("andere"))


def test_only_the_kam_the_deputy_and_the_head_decide(world: World, act: Act, wave: int) -> None:
    assert surveys.strike(act("arnst"), wave, world.contact("paul"), "why").state == "struck"
    with pytest.raises(NotAllowed, match="only the KAM of Muster AG"):
        surveys.strike(act("kruse"), wave, world.contact("knut"), "why")
    with pytest.raises(NotAllowed, match="--as PERSON"):
        surveys.stop(act(None), wave, "why")
