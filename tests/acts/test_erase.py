"""Erasing takes away who it is and keeps what was counted."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.acts import erase
from kamflow.acts.erase import Done, Foreseen
from kamflow.errors import ConfigError
from kamflow.models.account import ExternalReference
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.erasure import Erased, Suppression
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.message import StoredMessage
from kamflow.models.person import Absence, Person, PersonRole
from kamflow.models.plan import AccountPlan, OpenQuestion, PlanSection
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating, SurveyWave
from kamflow.settings import Settings
from tests.acts.world import World, store
from tests.conftest import NOW

SECRET = "a secret of these tests"
TODAY = date(2026, 9, 7)
YEAR = {"period_first": date(2026, 1, 1), "period_last": date(2026, 12, 31)}
NEXT = {"period_first": date(2027, 1, 1), "period_last": date(2027, 12, 31)}


def erased(session: Session, kind: Erased, number: int, **options: bool) -> tuple[Foreseen, Done]:
    seen = erase.foresee(session, kind, number)
    done = erase.erase(session, seen, SECRET, NOW, TODAY, **options)
    session.expire_all()
    return seen, done


@pytest.fixture
def full(session: Session, world: World) -> World:
    """Paul stands in everything at Muster AG."""
    paul, muster, witt = world.contact("paul"), world.account("muster"), world.person("witt")
    place = session.execute(select(Place).where(col(Place.contact_id) == paul)).scalar_one()
    place.position, place.influence = "Einkaufsleiter", 8
    for period, soll in ((YEAR, 4), (NEXT, 6)):
        store(session, ContactTarget(person_id=witt, place_id=place.id or 0, soll=soll, **period))
    met = store(session, Interaction(account_id=muster, day=date(2026, 5, 4)))
    store(session, Encounter(interaction_id=met.id, person_id=witt, contact_id=paul))
    store(session, ExternalReference(source="crm", kind="contact", external_id="C-17", row_id=paul))
    year = {"year_first": YEAR["period_first"], "year_last": YEAR["period_last"]}
    wave = store(session, SurveyWave(account_id=muster, send_on=TODAY, created_at=NOW, **year))
    asked = store(
        session, SurveyInvitation(wave_id=wave.id, contact_id=paul, token_hash="h", struck_reason="Paul")
    )
    store(
        session,
        SurveyAnswer(invitation_id=asked.id, score=3, comment="Zu spät", first_at=NOW, changed_at=NOW),
    )
    store(session, SurveyRating(invitation_id=asked.id, dimension="delivery", experience=2))
    plan = store(session, AccountPlan(account_id=muster, **year))
    body = {"body": "Mit Herrn Paul reden; Paul entscheidet.", "answers": {"a": "frag Paul", "b": "?"}}
    store(session, PlanSection(plan_id=plan.id, number=8, **body))
    store(session, OpenQuestion(account_id=muster, question="Was will Knut?", ask_contact_id=paul))
    return world


def only(session: Session, model: type, **wanted: object) -> object:
    query = select(model).where(*(col(getattr(model, name)) == value for name, value in wanted.items()))
    return session.execute(query).scalars().one()


def test_a_contact_goes_and_the_counts_stay(session: Session, full: World) -> None:
    paul = full.contact("paul")

    _, done = erased(session, Erased.CONTACT, paul)

    row, place = session.get_one(Contact, paul), only(session, Place, contact_id=paul)
    assert (row.name, row.email, row.erased_on) == ("erased contact", None, TODAY)
    assert (place.position, place.influence, place.until_day) == (None, 8, TODAY)
    [target] = session.execute(select(ContactTarget)).scalars()
    assert (target.soll, target.until_day) == (4, TODAY)
    assert only(session, Encounter, contact_id=paul)
    answer = session.execute(select(SurveyAnswer)).scalar_one()
    assert (answer.score, answer.comment) == (3, None)
    asked = only(session, SurveyInvitation, contact_id=paul)
    assert (asked.token_hash, asked.struck_reason, asked.version) == (None, None, 2)
    assert only(session, OpenQuestion).ask_contact_id is None
    assert not session.execute(select(ExternalReference)).scalars().all()
    assert done.gone.rows["survey_answer"] == 1


def test_texts_that_name_them_are_listed_and_swapped_where_it_is_sure(session: Session, full: World) -> None:
    seen, done = erased(session, Erased.CONTACT, full.contact("paul"), replace=True)

    assert {(hit.table, hit.column, hit.sure) for hit in seen.hits} == {
        ("plan_section", "body", True),
        ("plan_section", "answers", True),
        ("survey_invitation", "struck_reason", True),
    }
    section = only(session, PlanSection, number=8)
    assert section.body == "Mit [erased contact] reden; [erased contact] entscheidet."
    assert section.answers == {"a": "frag [erased contact]", "b": "?"}
    assert (section.version, done.left) == (3, ())


def test_a_namesake_elsewhere_makes_a_last_name_unsure(session: Session, full: World) -> None:
    store(session, Contact(key="other", first_name="Eva", last_name="PAUL"))

    seen = erase.foresee(session, Erased.CONTACT, full.contact("paul"))

    assert {(hit.column, hit.sure) for hit in seen.hits} == {
        ("body", True),
        ("answers", False),
        ("struck_reason", False),
    }


def test_what_waits_for_them_is_cancelled_and_the_server_s_words_go(session: Session, full: World) -> None:
    paul = full.contact("paul")
    common = {"kind": "invitation", "channel": "email", "template": "survey_invitation", "contact_id": paul,
              "facts": {}, "created_at": NOW, "due_at": NOW}  # fmt: skip
    store(session, StoredMessage(key="1", **common))
    store(session, StoredMessage(key="2", state="sent", provider_id="250 paul@example.de queued", **common))

    seen, done = erased(session, Erased.CONTACT, paul)

    waiting, sent = session.execute(select(StoredMessage).order_by(col(StoredMessage.id))).scalars()
    assert (waiting.state, waiting.cause, done.gone.cancelled) == ("cancelled", "erased", 1)
    assert (sent.state, sent.provider_id) == ("sent", None)
    assert [each.id for each in seen.mails] == [sent.id]


def test_a_post_in_slack_is_written_anew_and_a_mail_is_listed(session: Session, full: World) -> None:
    nudge = full.nudge(facts={"cells": [{"contact": full.contact("paul")}]})
    other = full.nudge(step="position", facts={"contact": full.contact("knut")})
    common = {"kind": "nudges", "template": "digest", "person_id": full.person("witt"), "state": "sent",
              "created_at": NOW, "due_at": NOW, "sent_at": NOW}  # fmt: skip
    for key, channel, number in (
        ("a", "slack", nudge.id),
        ("b", "email", nudge.id),
        ("c", "slack", other.id),
    ):
        facts = {"items": [{"nudges": [{"id": number}]}]}
        store(session, StoredMessage(key=key, channel=channel, facts=facts, provider_id="D1/7.1", **common))

    seen, done = erased(session, Erased.CONTACT, full.contact("paul"))

    assert ([each.channel for each in seen.sent], done.redactions) == (["slack", "email"], 1)
    redaction = only(session, StoredMessage, kind="redaction")
    assert (redaction.channel, redaction.facts) == ("slack", {"message": seen.posts[0].id})
    [event] = full.events("contact.erased")
    assert event.payload == {
        "contact": full.contact("paul"),
        "erasure": done.erasure,
        "mails": 1,
        "posts": 1,
        "texts": 0,
    }


def test_a_colleague_who_left_goes(session: Session, world: World) -> None:
    gone, witt = world.person("gone"), world.person("witt")
    session.get_one(Person, witt).deputy_id = gone
    store(session, PersonRole(person_id=gone, role="kam"))
    store(session, Absence(person_id=gone, from_day=TODAY, until_day=TODAY + timedelta(days=3)))

    erased(session, Erased.PERSON, gone)

    row = session.get_one(Person, gone)
    assert (row.name, row.email, row.links_version) == ("erased person", None, 2)
    assert session.get_one(Person, witt).deputy_id is None
    assert not session.execute(select(Absence)).scalars().all()
    assert row.left_on == date(2026, 6, 30)


def test_without_a_secret_nobody_is_erased(given: SimpleNamespace, now: datetime) -> None:
    with pytest.raises(ConfigError, match="KAMFLOW_SECRET_KEY"):
        erase.secret(Settings())


def test_nobody_can_read_from_the_hashes_who_it_was(session: Session, full: World) -> None:
    erased(session, Erased.CONTACT, full.contact("paul"))

    found = session.execute(select(col(Suppression.digest))).scalars().all()
    assert len(found) == 4  # id, key, address, name at Muster AG
    assert all(len(each) == 64 and int(each, 16) for each in found)
