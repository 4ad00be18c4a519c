"""The life of a survey day by day: put together, looked through, sent, reminded, answered, called.

The annual meeting of Muster AG is on 10 November 2026. Mails go to our own mail server on loopback.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, delete, select
from sqlmodel import col

from kamflow.acts import survey as surveys
from kamflow.acts.acting import Acting
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.account import Account, Pause
from kamflow.models.contact import Contact
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredEffect
from kamflow.models.person import Person
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.settings import Company, Delivery, Settings, Smtp, Survey, Web
from kamflow.store import adopted, link_versions, messages
from kamflow.store import engine as db
from notifications.channels.email import EmailChannel
from notifications.compose import compose
from notifications.deliver import Delivered, deliver
from notifications.links import hashed, survey_token
from notifications.way_out import Channels
from tests.surveyed import M, Surveyed

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
PREPARED = date(2026, 6, 30)
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "a secret of this test"


def july(day: int) -> date:
    return date(2026, 7, day)


def at(day: date, clock: str = "09:00", zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


@dataclass
class Post(Surveyed):
    """A world whose messages are delivered to a mail server of our own."""

    smtp: SmtpCatcher = field(default_factory=SmtpCatcher)

    def deliver(self, now: datetime) -> Delivered:
        async def run() -> Delivered:
            email = EmailChannel(self.settings.smtp, lambda: now)
            try:
                return await deliver(self.engine, lambda: now, self.settings, self.policy, Channels(email))
            finally:
                await email.close()

        return asyncio.run(run())

    def received(self, name: str) -> list[EmailMessage]:
        """The mails to a contact, as their program shows them."""
        caught = self.smtp.to(f"{name.lower()}@example.de")
        return [message_from_bytes(each.raw, policy=policy.default) for each in caught]

    def rows(self, table: type[Any]) -> list[Any]:
        with db.read(self.engine) as session:
            return list(session.execute(select(table).order_by(col(table.id))).scalars())

    def mails(self) -> list[tuple[str, str | None]]:
        """State and cause of the messages to contacts."""
        return [(row.state, row.cause) for row in self.rows(StoredMessage) if row.contact_id is not None]

    def open(self) -> list[tuple[str, str]]:
        return [(nudge.step, nudge.stage) for nudge in self.nudges()]

    def sets(self, **changes: Any) -> None:
        self.settings = self.settings.model_copy(update=changes)


@contextmanager
def opened(engine: Engine, tmp_path: Path) -> Iterator[Post]:
    with running_catcher() as smtp:
        settings = Settings(
            home=tmp_path,
            secret_key=SecretStr(SECRET),
            company=Company(name="Beispiel Technik GmbH", region="BY"),
            delivery=Delivery(mode="live"),
            smtp=Smtp(host="127.0.0.1", port=smtp.port, tls="none", sender="k <k@example.com>"),
            web=Web(public_url="https://survey.example.com/"),
            survey=Survey(objection_address="nein@example.com"),
        )
        with db.write(engine) as session:
            adopted.adopt(session, tmp_path, at(PREPARED))
        yield Post(engine, settings, smtp=smtp)


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
    """A buyer of little influence: reminded, not called."""
    return post.contact("Kruse", muster, salutation="Frau", region="BY")


def listed(post: Post, *, until: int) -> None:
    """The nights on which the wave is put together and sent, and the last one."""
    for day in (PREPARED, july(7), july(until)):
        post.dispatch(day)


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def test_a_survey_is_put_together_looked_through_and_sent_in_the_hours_of_each_contact(
    post: Post, witt: Person, muster: Account
) -> None:
    lech = post.contact("Lech", muster)
    tanaka = post.contact("Tanaka", muster, zone="Asia/Tokyo", language="en")
    roth = post.contact("Roth", muster)

    assert post.dispatch(date(2026, 6, 29)) == []
    assert post.dispatch(PREPARED) == [f"create_wave {lech.id} {tanaka.id} {roth.id}"]
    assert (post.dispatch(july(1)), post.open()) == ([], [])
    post.dispatch(july(2))
    [nudge] = post.nudges()
    assert (nudge.step, nudge.owner_id, nudge.due_on) == ("list", witt.id, july(6))

    with db.write(post.engine) as session:
        desk = Acting(session, witt.id, at(july(3)), post.settings.company)
        surveys.strike(desk, nudge.facts["wave"], roth.id or 0, "on parental leave")
    post.dispatch(july(3))
    assert [each["contact"] for each in post.nudges()[0].facts["contacts"]] == [lech.id, tanaka.id]
    post.word("list", july(6), witt.id or 0)
    assert (post.dispatch(july(6)), post.open()) == ([], [])

    assert post.dispatch(july(7)) == [f"invite {lech.id}", f"invite {tanaka.id}"]
    assert post.deliver(at(july(7), "08:59")) == Delivered()
    assert post.deliver(at(july(7))) == Delivered(sent=1)
    assert post.deliver(at(july(8), "08:59", TOKYO)) == Delivered()
    assert post.deliver(at(july(8), "09:00", TOKYO)) == Delivered(sent=1)
    assert "Dear Tanaka," in text(post.received("Tanaka")[0])
    assert [len(post.received(name)) for name in ("Lech", "Roth")] == [1, 0]


def test_who_stays_silent_is_reminded_once_or_called_and_an_unhappy_answer_is_told_at_once(
    post: Post, witt: Person, muster: Account
) -> None:
    lech, buyer = post.contact("Lech", muster), post.contact("Buyer", muster, influence=8)
    listed(post, until=7)
    post.deliver(at(july(7)))

    assert ([post.dispatch(july(day)) for day in (8, 13)], post.open()) == ([[], []], [])
    assert (post.dispatch(july(14)), post.open()) == ([f"remind {lech.id}"], [("call", "")])
    assert post.deliver(at(july(14))) == Delivered(sent=1)

    post.answer(lech, 3, july(14))
    post.dispatch(july(15))
    assert sorted(post.open()) == [("answer", "detractor"), ("call", "")]
    compose(post.engine, at(july(15), "08:01"), post.settings, post.policy)
    [urgent] = [row for row in post.rows(StoredMessage) if row.key.startswith("now:")]
    assert (urgent.person_id, urgent.due_at) == (witt.id, at(july(15), "08:01"))
    post.word("answer", july(15), witt.id or 0)

    post.answer(buyer, 9, july(16))
    post.dispatch(july(17))
    assert post.open() == [("answer", "promoter")]
    assert [post.dispatch(july(day)) for day in (20, 22, 29)] == [[]] * 3


def test_nights_that_run_again_change_nothing(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    before = (post.mails(), post.open(), len(post.rows(SurveyInvitation)))

    assert post.dispatch(july(7)) == []
    assert (post.mails(), post.open(), len(post.rows(SurveyInvitation))) == before


def test_a_wave_that_is_put_together_again_doubles_nothing(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.deliver(at(july(7)))
    with db.write(post.engine) as session:
        session.execute(delete(StoredEffect))
    for day in (7, 8, 9, 14, 14):
        post.dispatch(july(day))

    assert (len(post.rows(SurveyWave)), len(post.rows(SurveyInvitation))) == (1, 1)
    assert len(post.mails()) == 2  # the invitation and the one reminder


@one_database
def test_the_mail_says_who_asks_who_reads_and_how_to_object(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.deliver(at(july(7)))

    [mail] = post.received("Kruse")
    said = text(mail)
    [invitation] = post.rows(SurveyInvitation)
    # Made at that moment: an invitation that a restored home gives this id to has another version.
    assert invitation.version == link_versions.new(datetime(2026, 6, 30, 3, 18, tzinfo=UTC))
    token = survey_token(SECRET, invitation.id, invitation.version)
    assert f"https://survey.example.com/s/{token}" in said
    assert (invitation.token_hash, invitation.invited_on) == (hashed(token), july(7))
    assert "Sehr geehrte Frau Kruse," in said
    assert "Witt und Lang von Beispiel Technik GmbH" in said
    assert f"https://survey.example.com/s/{token}/no-more" in said
    assert "Art. 6 Abs. 1 lit. a DSGVO" in said
    assert invitation.closes_on == july(28)
    assert "28. Juli 2026" in said  # 15 working days
    assert "nein@example.com" in said
    assert (mail["From"], mail["Reply-To"]) == ("Beispiel Technik GmbH <k@example.com>", "witt@example.com")
    assert mail["List-Unsubscribe"] == "<mailto:nein@example.com>"
    assert "kamflow" not in said.lower()


@one_database
def test_a_reminder_carries_the_same_link(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.deliver(at(july(7)))
    post.dispatch(july(14))
    post.deliver(at(july(14)))

    first, second = (text(mail) for mail in post.received("Kruse"))
    link = next(word for word in first.split() if word.startswith("https://survey"))
    assert link in second
    assert "28. Juli" in second


@one_database
@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"web": Web()}, "no-public-url: set public_url in [web], then: kamflow outbox retry ID"),
        ({"survey": Survey()}, "no-objection-address: set objection_address in [survey], then"),
        ({"secret_key": None}, "no-secret-key: set KAMFLOW_SECRET_KEY, then: kamflow outbox retry ID"),
    ],
)
def test_a_missing_setting_fails_the_mail_and_a_retry_sends_it(
    post: Post, kruse: Contact, change: dict[str, Any], cause: str
) -> None:
    listed(post, until=7)
    complete = post.settings
    post.sets(**change)

    assert post.deliver(at(july(7))) == Delivered(failed=1)
    [(state, said)] = post.mails()
    assert state == "failed"
    assert said is not None
    assert said.startswith(cause)
    assert post.dispatch(july(14)) == []  # who was not asked is not reminded

    post.settings = complete
    with db.write(post.engine) as session:
        messages.retry(session, post.rows(StoredMessage)[0].id, at(july(14)))
    assert post.deliver(at(july(14))) == Delivered(sent=1)
    assert post.dispatch(july(21)) == [f"remind {kruse.id}"]


@one_database
@pytest.mark.parametrize(
    ("happens", "cause"),
    [
        (lambda p, c: p.change(c, survey_consent="objected"), "objected"),
        (lambda p, c: p.change(c, unreachable_on=july(6)), "no_address"),
        (lambda p, c: p.change(p.invitation(c), struck_on=july(7)), "struck"),
        (lambda p, c: p.leaves(c, july(6)), "gone"),
        (lambda p, c: p.change(p.rows(SurveyWave)[0], stopped_on=july(7)), "survey-stopped"),
        (lambda p, c: p.change(p.rows(Account)[0], closed_on=july(7)), "account_closed"),
        (lambda p, c: p.answer(c, 8, july(7)), "answered"),
    ],
)
def test_what_happens_after_the_night_cancels_the_mail(
    post: Post, kruse: Contact, happens: Any, cause: str
) -> None:
    listed(post, until=7)
    happens(post, kruse)

    assert post.deliver(at(july(7), "13:00")) == Delivered(cancelled=1)
    assert post.mails() == [("cancelled", cause)]


@one_database
def test_a_mail_that_is_late_waits_for_the_next_hours(post: Post, kruse: Contact) -> None:
    listed(post, until=7)

    assert post.deliver(at(july(9), "11:00")) == Delivered()  # a Thursday
    assert post.mails() == [("waiting", "outside-hours")]
    assert post.deliver(at(july(14), "08:59")) == Delivered()
    assert post.deliver(at(july(14), "10:59")) == Delivered(sent=1)


@one_database
def test_a_mail_waits_while_the_account_is_paused_and_is_cancelled_when_it_is_too_late(
    post: Post, muster: Account, kruse: Contact
) -> None:
    listed(post, until=7)
    until = date(2026, 12, 1)
    pause = post.add(Pause(account_id=muster.id, until_day=until, reason="merger", paused_at=at(july(7))))

    assert post.deliver(at(july(7))) == Delivered()
    assert post.mails() == [("waiting", "paused")]
    post.change(pause, resumed_at=at(july(8), "08:00"))
    assert post.deliver(at(july(8))) == Delivered(sent=1)


@one_database
def test_a_mail_that_waited_too_long_is_not_sent(post: Post, kruse: Contact) -> None:
    listed(post, until=7)

    assert post.deliver(at(date(2026, 9, 16))) == Delivered(cancelled=1)
    assert post.mails() == [("cancelled", "too-late")]


@one_database
def test_a_mail_in_a_pilot_goes_to_the_one_address(post: Post, kruse: Contact) -> None:
    listed(post, until=7)
    post.sets(delivery=Delivery(mode="redirect", redirect_to="pilot@example.com"))

    assert post.deliver(at(july(7))) == Delivered(sent=1)
    [caught] = post.smtp.to("pilot@example.com")
    assert "Kruse <kruse@example.de>" in text(message_from_bytes(caught.raw, policy=policy.default))


def test_a_new_version_is_another_token() -> None:
    tokens = {survey_token(SECRET, number, version) for number in (1, 2, 12) for version in (1, 2)}

    assert len(tokens) == 6
    assert survey_token(SECRET, 1, 1) in tokens
    assert survey_token("another", 1, 1) not in tokens
    assert all(len(token) == 43 for token in tokens)
