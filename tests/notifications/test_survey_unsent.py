"""Invitations that did not reach their contact: held up, called back, failed, or sent to a pilot."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, update
from sqlmodel import col

from kamflow.acts import survey as surveys
from kamflow.acts.acting import Acting
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.event import Event
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.models.message import MessageStep, StoredMessage
from kamflow.models.person import Person
from kamflow.models.survey import SurveyWave
from kamflow.models.training import Complaint
from kamflow.policy import Policy
from kamflow.settings import Delivery, Web
from kamflow.store import engine as db
from kamflow.store import messages
from kamflow.thresholds import SurveyDispatch
from notifications.deliver import Delivered
from tests.notifications.test_survey_life import (
    PREPARED,
    Post,
    at,
    july,
    listed,
    one_database,
    opened,
)
from tests.surveyed import M

REDIRECT = Delivery(mode="redirect", redirect_to="pilot@example.com")


@pytest.fixture
def post(engine: Engine, tmp_path: Path) -> Iterator[Post]:
    with opened(engine, tmp_path) as made:
        yield made


@pytest.fixture
def witt(post: Post) -> Person:
    return post.person("Witt", superior_id=post.person("Lang", "head").id)


@pytest.fixture
def muster(post: Post, witt: Person) -> Account:
    account = post.account("Muster AG", witt, account_class="key")
    post.meeting(account, M)
    return account


@pytest.fixture
def kruse(post: Post, muster: Account) -> Contact:
    return post.contact("Kruse", muster, region="BY")


def reason(post: Post, contact: Contact, day: date) -> Any:
    """Why a contact is not asked on a day, or the day on which it is."""
    found = post.said(day)[contact.id or 0]
    return found[0] if isinstance(found, tuple) else found


@one_database
def test_nobody_is_reminded_before_the_invitation_has_left(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    assert [post.dispatch(july(day)) for day in (8, 14, 15, 16)] == [[]] * 4

    assert post.deliver(at(july(16))) == Delivered(sent=1)
    assert [post.dispatch(july(day)) for day in (17, 21, 22)] == [[], [], []]
    assert post.dispatch(july(23)) == [f"remind {kruse.id}"]  # five working days after 16 July


@one_database
def test_a_reminder_that_was_made_too_early_waits_for_its_invitation(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.deliver(at(july(7)))
    post.dispatch(july(14))
    with db.write(post.engine) as session:  # as if the invitation had been held up all the time
        session.execute(
            update(StoredMessage)
            .where(col(StoredMessage.key).startswith("effect:invite"))
            .values(state="waiting", sent_at=None)
        )

    assert post.deliver(at(july(16))) == Delivered(sent=1)
    assert post.mails() == [("sent", None), ("waiting", "too-early")]
    assert post.deliver(at(july(22))) == Delivered()
    assert post.deliver(at(july(23))) == Delivered(sent=1)


def test_who_was_asked_in_a_pilot_only_is_asked_once_delivery_is_live(post: Post, kruse: Contact) -> None:
    live = post.settings.delivery
    listed(post, until=7)
    post.sets(delivery=REDIRECT)
    assert post.deliver(at(july(7))) == Delivered(sent=1)
    assert post.mails() == [("sent", "redirected")]
    assert [post.dispatch(july(day)) for day in (8, 14)] == [[], []]  # nor reminded
    assert (post.deliver(at(july(14))), len(post.received("Kruse"))) == (Delivered(), 0)

    post.sets(delivery=live)
    assert post.dispatch(july(15)) == [f"invite {kruse.id}"]
    assert (post.deliver(at(july(15))), post.mails()) == (Delivered(sent=1), [("sent", None)])
    assert len(post.received("Kruse")) == 1
    assert (post.dispatch(july(16)), post.dispatch(july(22))) == ([], [f"remind {kruse.id}"])


def test_an_invitation_that_was_called_back_leaves_once_its_cause_is_gone(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.change(kruse, unreachable_on=july(6))
    assert post.deliver(at(july(7))) == Delivered(cancelled=1)
    assert (post.dispatch(july(8)), reason(post, kruse, july(8))) == ([], "no_address")

    post.change(kruse, unreachable_on=None)
    assert (post.dispatch(july(9)), post.dispatch(july(9))) == ([f"invite {kruse.id}"], [])
    assert post.deliver(at(july(9))) == Delivered(sent=1)
    assert [row.state for row in post.rows(MessageStep)][-2:] == ["waiting", "sent"]
    assert [row.name for row in post.rows(Event)].count("survey.invited") == 2


@one_database
def test_what_failed_or_was_stopped_by_hand_is_not_repeated_and_says_so(post: Post, kruse: Contact) -> None:
    complete = post.settings
    listed(post, until=7)
    post.sets(web=Web())
    assert post.deliver(at(july(7))) == Delivered(failed=1)
    assert (post.dispatch(july(8)), reason(post, kruse, july(8))) == ([], "mail_failed")

    post.settings = complete
    number = post.rows(StoredMessage)[0].id
    with db.write(post.engine) as session:
        messages.retry(session, number, at(july(8)))
        messages.cancel(session, number, "cancelled by hand", at(july(8)))
    assert (post.dispatch(july(9)), reason(post, kruse, july(9))) == ([], "mail_cancelled")


@one_database
@pytest.mark.parametrize("missing", [{"web": Web()}, {"delivery": REDIRECT}])
def test_a_name_whose_mail_never_arrived_can_be_struck(
    post: Post, witt: Person, kruse: Contact, missing: dict[str, Any]
) -> None:
    complete = post.settings
    listed(post, until=7)
    post.sets(**missing)
    post.deliver(at(july(7)))
    wave = post.rows(SurveyWave)[0].id

    with db.write(post.engine) as session:
        desk = Acting(session, witt.id, at(july(8)), post.settings.company)
        assert surveys.strike(desk, wave, kruse.id or 0, "left the department").state == "struck"
    post.settings = complete
    assert (post.dispatch(july(8)), reason(post, kruse, july(8))) == ([], "struck")


@one_database
def test_a_meeting_cancelled_after_the_night_stops_the_invitation(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.cancel(post.rows(AnnualMeeting)[0])
    assert post.deliver(at(july(7))) == Delivered(cancelled=1)
    assert post.mails() == [("cancelled", "no_meeting")]
    assert (post.dispatch(july(8)), reason(post, kruse, july(8))) == ([], "no_meeting")

    post.change(post.rows(MeetingRound)[0], state="booked")
    assert post.dispatch(july(9)) == [f"invite {kruse.id}"]


@one_database
@pytest.mark.parametrize(
    ("meeting", "outcome"),
    [(date(2026, 12, 1), ("waiting", "too-early")), (july(20), ("cancelled", "too-late"))],
)
def test_a_meeting_that_was_moved_after_the_night_moves_the_days_of_its_mail(
    post: Post, kruse: Contact, meeting: date, outcome: tuple[str, str]
) -> None:
    listed(post, until=7)
    post.change(post.rows(MeetingRound)[0], day=meeting)
    post.deliver(at(july(7)))

    assert post.mails() == [outcome]


def test_an_objection_holds_for_the_address_however_often_it_is_entered(post: Post, muster: Account) -> None:
    post.contact("Kruse", muster, email="Kruse@Example.de ")
    other = post.contact("Krause", post.account("Halm GmbH"), email="kruse@example.DE")
    listed(post, until=7)
    post.change(other, survey_consent="objected")

    assert post.deliver(at(july(7))) == Delivered(cancelled=1)
    assert post.mails() == [("cancelled", "objected")]
    assert {said[0] for said in post.said(july(8)).values()} == {"objected"}


@pytest.mark.parametrize("change", [{"unreachable_on": PREPARED}, {"survey_consent": "objected"}])
@one_database
def test_what_is_known_of_an_address_counts_when_a_list_is_put_together(
    post: Post, muster: Account, change: dict[str, Any]
) -> None:
    kruse = post.contact("Krüse", muster, email="krüse@example.de")
    post.contact("Krause", post.account("Halm GmbH"), email="KRÜSE@example.de", **change)

    assert post.dispatch(PREPARED) == []
    assert reason(post, kruse, PREPARED) in ("no_address", "objected")


@one_database
def test_one_address_gets_one_invitation(post: Post, muster: Account, kruse: Contact) -> None:
    other = post.contact("Krause", muster, influence=8, email="KRUSE@example.de")

    assert reason(post, kruse, PREPARED) == "same_address"
    assert post.dispatch(PREPARED) == [f"create_wave {other.id}"]
    post.dispatch(july(7))
    assert post.deliver(at(july(7))) == Delivered(sent=1)


def test_an_address_that_became_another_ones_is_asked_once(
    post: Post, muster: Account, kruse: Contact
) -> None:
    other = post.contact("Lech", muster)
    post.dispatch(PREPARED)
    post.change(other, email="kruse@EXAMPLE.de")
    assert post.dispatch(july(7)) == [f"invite {kruse.id}"]
    assert reason(post, other, july(7)) == "same_address"

    post.deliver(at(july(7)))
    assert (post.dispatch(july(8)), reason(post, other, july(8))) == ([], "same_address")


@one_database
def test_two_mails_to_one_address_do_not_stop_each_other(post: Post, muster: Account, kruse: Contact) -> None:
    other = post.contact("Lech", muster)
    listed(post, until=7)
    post.change(other, email="kruse@example.de")

    assert post.deliver(at(july(7))) == Delivered(sent=1, cancelled=1)
    assert (post.mails(), len(post.received("Kruse"))) == ([("sent", None), ("cancelled", "asked_lately")], 1)


@one_database
def test_an_address_is_left_alone_while_another_account_of_it_complains(post: Post, kruse: Contact) -> None:
    elsewhere = post.account("Halm GmbH")
    post.contact("Krause", elsewhere, email="kruse@example.de")
    post.add(Complaint(account_id=elsewhere.id, subject="late", opened_on=date(2026, 6, 1)))

    assert (post.dispatch(PREPARED), reason(post, kruse, PREPARED)) == ([], "complaint")


@one_database
def test_a_mail_that_cannot_be_checked_does_not_stop_the_others(
    post: Post, witt: Person, muster: Account, kruse: Contact
) -> None:
    second = post.account("Halm", witt, account_class="key")
    post.meeting(second, M)
    post.contact("Lech", second)
    listed(post, until=7)
    broken = SurveyDispatch.model_construct(**Policy().survey_dispatch.model_dump() | {"send_from": "25:00"})
    policy = post.policy.model_copy(update={"survey_dispatch": broken})
    post.policy = post.policy.for_accounts({muster.id or 0: policy})

    assert post.deliver(at(july(7))) == Delivered(sent=1, failed=1)
    assert sorted(post.mails()) == [("failed", "not-checked"), ("sent", None)]


@one_database
def test_mails_to_many_contacts_take_as_many_queries_as_one(post: Post, witt: Person, kruse: Contact) -> None:
    asked: list[str] = []
    event.listen(post.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def night(*names: str) -> int:
        for name in names:
            account = post.account(name, witt, account_class="key")
            post.meeting(account, M)
            post.contact(name, account)
        post.dispatch(PREPARED)
        asked.clear()
        assert len(post.dispatch(july(7))) == max(len(names), 1)
        return len(asked)

    once = night()
    assert night(*(f"C{number}" for number in range(6))) <= once
