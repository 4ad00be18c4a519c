"""What goes wrong on the way: tried again, by the other channel, looked up, or listed with its cause."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kamflow.demo.slack.workspace import SlackError
from kamflow.models.person import Person
from kamflow.settings import Delivery, Slack
from kamflow.store import engine as db
from kamflow.store import messages
from notifications import outbox
from notifications.deliver import Delivered
from notifications.message import Mail, Receipt, SlackPost
from notifications.render.view import NudgesView
from notifications.retry import MAX_ATTEMPTS
from notifications.way_out import Channels, SendsMail
from tests.notifications.conftest import PLAIN, PostOffice

LEASE = timedelta(seconds=120)
# What is said to mail server and Slack; what is kept of it is tried on both by the others.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def digest(post_office: PostOffice, **more: Any) -> Person:
    person = post_office.person(**more)
    post_office.nudge(person)
    post_office.compose()
    return person


def slack_fails(post_office: PostOffice, outcome: Any, method: str = "chat.postMessage") -> None:
    post_office.slack.rule = lambda called, _: outcome if called == method else None


# --- again later ------------------------------------------------------------------------------------


def test_a_busy_server_is_tried_again_after_a_while(post_office: PostOffice):
    digest(post_office)
    post_office.smtp.rule = lambda stage, _: b"451 greylisted\r\n" if stage == "rcpt" else None

    assert post_office.deliver() == Delivered()
    assert post_office.states() == [("retrying", "deferred")]
    assert post_office.messages()[0].due_at == post_office.clock() + timedelta(seconds=30)

    post_office.smtp.rule = None
    assert post_office.deliver() == Delivered()
    post_office.clock.advance(seconds=30)
    assert post_office.deliver() == Delivered(sent=1)
    assert [step[1:] for step in post_office.history()] == [
        ("waiting", None),
        ("retrying", "deferred"),
        ("sent", None),
    ]


def test_once_anything_goes_out_again_what_waited_for_the_server_goes_too(post_office: PostOffice):
    digest(post_office)
    up = post_office.settings.smtp
    post_office.sets(smtp=up.model_copy(update={"port": 1}))
    for _ in range(6):
        post_office.deliver()
        post_office.clock.at = post_office.messages()[0].due_at
    post_office.deliver()
    assert post_office.states() == [("retrying", "connect-failed")]

    post_office.sets(smtp=up)
    digest(post_office, name="Berta")
    post_office.clock.advance(seconds=30)
    assert post_office.deliver() == Delivered(sent=2)


def test_a_mail_whose_answer_was_lost_is_sent_again_with_the_same_message_id(post_office: PostOffice):
    digest(post_office)
    post_office.smtp.rule = lambda stage, _: "drop" if stage == "taken" else None
    post_office.deliver()
    assert post_office.states() == [("ambiguous", "lost-after-data")]

    post_office.smtp.rule = None
    post_office.clock.advance(minutes=1)
    assert post_office.deliver() == Delivered(sent=1)
    assert list(post_office.smtp.counts.values()) == [2]


def test_after_the_last_attempt_it_fails_and_goes_the_other_way(post_office: PostOffice):
    post_office.on_slack(digest(post_office))
    post_office.change(post_office.messages()[0], attempts=MAX_ATTEMPTS - 1)
    post_office.smtp.rule = lambda stage, _: b"451 never\r\n" if stage == "rcpt" else None

    assert post_office.deliver() == Delivered(sent=1)
    assert post_office.states() == [("failed", "deferred"), ("sent", None)]


def test_one_bad_address_does_not_stop_the_others(post_office: PostOffice):
    post_office.sets(slack=Slack())
    for name in ("Anna", "Ben", "Clara"):
        digest(post_office, name=name)
    post_office.smtp.rule = lambda stage, to: b"550 no such user\r\n" if to.startswith("ben@") else None

    assert post_office.deliver() == Delivered(sent=2, failed=1)
    assert post_office.states()[1] == ("failed", "recipient-refused")


def test_what_cannot_be_rendered_fails_alone(post_office: PostOffice):
    post_office.sets(slack=Slack())
    for name in ("Anna", "Ben"):
        digest(post_office, name=name)

    def mail(view: NudgesView):
        return PLAIN.mail(view) if view.recipient.name == "Ben" else view.no_such_thing

    assert post_office.deliver(renderers=replace(PLAIN, mail=mail)) == Delivered(sent=1, failed=1)
    assert ("failed", "not-rendered") in post_office.states()


# --- the other channel ------------------------------------------------------------------------------


@one_database
@pytest.mark.parametrize("error", ["users_not_found", "account_inactive"])
def test_who_is_not_on_slack_gets_a_mail_instead(post_office: PostOffice, error: str):
    digest(post_office, channel="slack")
    slack_fails(post_office, SlackError(error), "users.lookupByEmail")

    assert post_office.deliver() == Delivered(sent=1)

    first, second = post_office.messages()
    assert (first.state, first.cause) == ("failed", error)
    assert (second.key, second.channel) == (first.key + ":email", "email")
    assert (second.instead_of_id, second.facts) == (first.id, first.facts)
    assert len(post_office.smtp.to("anna@example.com")) == 1


@one_database
def test_a_refused_mail_goes_by_slack(post_office: PostOffice):
    post_office.on_slack(digest(post_office))
    post_office.smtp.rule = lambda stage, _: b"550 no such user\r\n" if stage == "rcpt" else None

    assert post_office.deliver() == Delivered(sent=1)
    assert len(post_office.slack.posts) == 1


@one_database
def test_when_both_channels_refuse_it_is_listed_as_failed(post_office: PostOffice):
    digest(post_office, channel="slack")
    post_office.smtp.rule = lambda stage, _: b"550 no such user\r\n" if stage == "rcpt" else None

    assert post_office.deliver() == Delivered(failed=1)
    assert post_office.states() == [("failed", "users_not_found"), ("failed", "recipient-refused")]


@one_database
@pytest.mark.parametrize("again", ["first", "second"])
def test_when_both_channels_refused_it_sending_either_again_reaches_its_reader(
    post_office: PostOffice, again: str
):
    digest(post_office, channel="slack")
    post_office.smtp.rule = lambda stage, _: b"550 no such user\r\n" if stage == "rcpt" else None
    post_office.deliver()
    first, second = post_office.messages()

    post_office.smtp.rule = None
    with db.write(post_office.engine) as session:
        messages.retry(session, (first if again == "first" else second).id or 0, post_office.clock())
    assert post_office.deliver() == Delivered(sent=1)
    assert post_office.states() == [("failed", "users_not_found"), ("sent", None)]
    assert len(post_office.smtp.to("anna@example.com")) == 1


@one_database
def test_without_any_address_it_fails_and_says_so(post_office: PostOffice):
    digest(post_office, email=None)

    assert post_office.deliver() == Delivered(failed=1)
    assert post_office.states() == [("failed", "no-address")]


@one_database
def test_a_slack_message_fails_over_to_mail_once_slack_is_switched_off(post_office: PostOffice):
    digest(post_office, channel="slack")
    post_office.sets(slack=Slack())

    assert post_office.deliver() == Delivered(sent=1)
    assert post_office.states() == [("failed", "slack-off"), ("sent", None)]


@one_database
def test_redirected_mail_that_is_refused_goes_nowhere_else(post_office: PostOffice):
    post_office.sets(delivery=Delivery(mode="redirect", redirect_to="test@example.com"))
    digest(post_office, slack_id="U7")
    post_office.smtp.rule = lambda stage, _: b"550 no such user\r\n" if stage == "rcpt" else None

    assert post_office.deliver() == Delivered(failed=1)
    assert post_office.slack.calls == []


# --- a lost answer from Slack -----------------------------------------------------------------------


@one_database
def test_a_lost_answer_is_looked_up_before_anything_is_posted_again(post_office: PostOffice):
    post_office.on_slack(digest(post_office, channel="slack"))
    slack_fails(post_office, "drop answer")
    post_office.deliver()
    assert post_office.states() == [("ambiguous", "lost-answer")]

    post_office.slack.rule = None
    post_office.clock.advance(minutes=1)
    assert post_office.deliver() == Delivered(sent=1)
    assert len(post_office.slack.posts) == 1


@one_database
def test_a_post_that_never_arrived_is_posted_after_the_look_up(post_office: PostOffice):
    post_office.on_slack(digest(post_office, channel="slack"))
    slack_fails(post_office, "drop")
    post_office.deliver()

    post_office.slack.rule = None
    post_office.clock.advance(minutes=1)
    assert post_office.deliver() == Delivered(sent=1)
    assert len(post_office.slack.posts) == 1


@one_database
def test_while_the_look_up_fails_nothing_is_posted(post_office: PostOffice):
    post_office.on_slack(digest(post_office, channel="slack"))
    slack_fails(post_office, "drop answer")
    post_office.deliver()

    slack_fails(post_office, SlackError("ratelimited", retry_after=3), "conversations.history")
    for _ in range(3):
        post_office.clock.advance(hours=1)
        assert post_office.deliver() == Delivered()
    assert post_office.states() == [("ambiguous", "ratelimited")]
    assert len(post_office.slack.posts) == 1


@one_database
def test_when_the_look_up_is_refused_no_mail_goes_out_as_well(post_office: PostOffice):
    post_office.on_slack(digest(post_office, channel="slack"))
    slack_fails(post_office, "drop answer")
    post_office.deliver()

    slack_fails(post_office, SlackError("channel_not_found"), "conversations.history")
    post_office.clock.advance(minutes=1)
    assert post_office.deliver() == Delivered(failed=1)
    assert post_office.states() == [("failed", "channel_not_found")]
    assert post_office.smtp.messages == []


# --- crashes ----------------------------------------------------------------------------------------


class Killed(BaseException):
    """What kill -9 would do: nothing after it runs."""


class Crashing:
    """A channel that hands over and dies before anybody hears of it, at the n-th message."""

    def __init__(self, channel: SendsMail, at: int) -> None:
        self.channel = channel
        self.left = at

    async def send(self, out: Mail | SlackPost) -> Receipt:
        receipt = await self.channel.send(out)
        self.left -= 1
        if self.left == 0:
            raise Killed
        return receipt

    async def find(self, post: SlackPost) -> Receipt | None:
        return await self.channel.find(post)


def crash(at: int):
    def change(out: Channels) -> Channels:
        return Channels(Crashing(out.email, at), out.slack and Crashing(out.slack, at))

    return change


def let_go(post_office: PostOffice) -> None:
    """Let a lease end, and then the notice that the next dispatcher gives."""
    post_office.clock.at += LEASE
    assert post_office.deliver() == Delivered()
    post_office.clock.at += LEASE / 2


def test_after_a_crash_only_what_was_in_flight_is_sent_again_with_the_same_message_id(
    post_office: PostOffice,
):
    for number in range(20):
        post_office.nudge(post_office.person(f"P{number}"))
    post_office.compose()
    with pytest.raises(BaseExceptionGroup):
        post_office.deliver(crash(at=10))
    post_office.clock.advance(minutes=1)
    assert post_office.deliver() == Delivered()  # the lease has not ended

    let_go(post_office)
    post_office.deliver()

    counts = post_office.smtp.counts
    assert {state for state, _ in post_office.states()} == {"sent"}
    assert len({recipient for _, recipient in counts}) == len(counts) == 20
    # At most one for each connection.
    assert sum(counts.values()) - 20 <= post_office.settings.smtp.connections


def test_after_a_crash_slack_is_asked_before_anything_is_posted_again(post_office: PostOffice):
    post_office.on_slack(digest(post_office, channel="slack"))
    with pytest.raises(BaseExceptionGroup):
        post_office.deliver(crash(at=1))
    let_go(post_office)

    assert post_office.deliver() == Delivered(sent=1)
    assert len(post_office.slack.posts) == 1


def test_a_fault_of_ours_in_one_message_does_not_stop_the_others(post_office: PostOffice):
    for name in ("Anna", "Ben"):
        digest(post_office, name=name)

    class Faulty:
        def __init__(self, channel: SendsMail) -> None:
            self.channel = channel

        async def send(self, mail: Mail) -> Receipt:
            if "anna" in mail.to:
                raise ZeroDivisionError
            return await self.channel.send(mail)

    assert post_office.deliver(lambda out: replace(out, email=Faulty(out.email))) == Delivered(sent=1)
    assert ("ambiguous", "ZeroDivisionError") in post_office.states()


class Beats:
    """The pauses between two prolongings of a lease: each lasts until the test ends it."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.over = asyncio.Semaphore(0)

    async def wait(self, _: float) -> None:
        self.begun.release()
        await self.over.acquire()

    async def pass_one(self) -> None:
        await self.begun.acquire()
        self.over.release()
        await self.begun.acquire()  # prolonged: the next pause has begun
        self.begun.release()


def test_a_mail_that_takes_longer_than_its_lease_stays_with_its_sender(post_office: PostOffice):
    digest(post_office)
    beats = Beats()
    taken = []

    class Slow:
        def __init__(self, channel: SendsMail) -> None:
            self.channel = channel

        async def send(self, mail: Mail) -> Receipt:
            for _ in range(3):
                post_office.clock.advance(seconds=100)
                await beats.pass_one()
                with db.write(post_office.engine) as session:
                    taken.extend(outbox.claim(session, "another", post_office.clock(), LEASE, 10))
            return await self.channel.send(mail)

    done = post_office.deliver(lambda out: replace(out, email=Slow(out.email)), wait=beats.wait)
    assert (done, taken) == (Delivered(sent=1), [])


def test_what_is_not_sent_before_its_lease_ends_is_left_to_the_next(post_office: PostOffice):
    post_office.sets(smtp=post_office.settings.smtp.model_copy(update={"connections": 1}))
    for name in ("Anna", "Ben"):
        digest(post_office, name=name)

    class Slow:
        def __init__(self, channel: SendsMail) -> None:
            self.channel = channel

        async def send(self, mail: Mail) -> Receipt:
            receipt = await self.channel.send(mail)
            post_office.clock.at += LEASE
            return receipt

    assert post_office.deliver(lambda out: replace(out, email=Slow(out.email))) == Delivered(sent=2)
    assert set(post_office.smtp.counts.values()) == {1}
