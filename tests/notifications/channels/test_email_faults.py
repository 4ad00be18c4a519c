"""Each fault a mail server can have: what it means for the mail, and that the next one still goes."""

import asyncio

import pytest

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.demo.smtp_faults import FAULTS, played
from kamflow.demo.smtp_terms import Said
from kamflow.errors import DeliveryError, Permanent, Temporary
from notifications.channels import email_transaction
from notifications.channels.email_answers import Dropped, asked_to_wait, refusal
from notifications.channels.email_transaction import Outgoing, hand_over
from notifications.channels.email_wire import Reply
from tests.notifications.channels.conftest import Mailing, a_mail, a_wire
from tests.notifications.channels.hourglass import in_no_time, stand_still

ONE, TWO = ((f"<m{number}@kamflow.example.com>", "witt@example.com") for number in (1, 2))


def refused(
    mailing: Mailing, catcher: SmtpCatcher, *, then: bool = True, **settings: object
) -> DeliveryError:
    """What a channel raises for one mail; the next goes over the same channel."""

    async def send() -> DeliveryError:
        async with mailing(catcher, **settings) as channel:
            with pytest.raises(DeliveryError) as raised:
                await channel.send(a_mail(1))
            if then:
                await channel.send(a_mail(2))
        return raised.value

    return in_no_time(send())


@pytest.mark.parametrize("pipelining", [True, False], ids=["together", "one by one"])
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if isinstance(fault.said, bytes)])
def test_each_answer_has_its_meaning_and_the_next_mail_goes(mailing: Mailing, name: str, pipelining: bool):
    fault, catcher = FAULTS[name], SmtpCatcher(rule=played(name, times=1), pipelining=pipelining)

    error = refused(mailing, catcher)

    assert isinstance(error, fault.means)
    assert error.cause == fault.cause
    assert catcher.counts == {TWO: 1}


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.said == "drop"])
def test_each_cut_has_its_meaning_and_the_next_mail_goes(mailing: Mailing, name: str):
    fault, catcher = FAULTS[name], SmtpCatcher(rule=played(name, times=1))

    error = refused(mailing, catcher)

    assert isinstance(error, fault.means)
    assert error.cause == fault.cause
    assert catcher.counts == ({ONE: 1, TWO: 1} if fault.taken else {TWO: 1})


@pytest.mark.parametrize(
    "name", [name for name, fault in FAULTS.items() if fault.said in ("hang", "trickle")]
)
def test_each_silence_is_given_up_with_its_meaning(mailing: Mailing, name: str):
    fault, catcher = FAULTS[name], SmtpCatcher(rule=played(name, times=1))

    error = refused(mailing, catcher, then=False)

    assert isinstance(error, fault.means)
    assert error.cause == fault.cause
    assert catcher.counts == ({ONE: 1} if fault.taken else {})


@pytest.mark.parametrize("stage", ["rcpt", "taken"])
def test_an_answer_that_came_while_we_stood_still_counts_however_late_we_read_it(
    mailing: Mailing, stage: str
):
    """As in a process that is stopped, or on a machine that sleeps: the answer and the end of our patience
    are seen in the same moment."""
    stood: list[str] = []

    def rule(now: str, _: str) -> None:
        if now == stage and not stood:
            stood.append(now)
            stand_still(1000)

    catcher = SmtpCatcher(rule=rule)

    async def send() -> str:
        async with mailing(catcher) as channel:
            return (await channel.send(a_mail(1))).provider_id

    assert in_no_time(send()) == "2.0.0 OK taken"
    assert (catcher.connections, catcher.counts) == (1, {ONE: 1})


def test_a_reply_in_a_trickle_is_read_whole_by_who_has_patience(mailing: Mailing):
    async def send() -> str:
        async with mailing(SmtpCatcher(rule=played("a slow trickle"), trickle=0.001, delay=0.01)) as channel:
            return (await channel.send(a_mail())).provider_id

    assert in_no_time(send()) == "2.0.0 OK taken"


def test_an_error_never_names_the_recipient(mailing: Mailing):
    catcher = SmtpCatcher(
        rule=lambda stage, _: b"550 <witt@example.com>: user unknown" if stage == "rcpt" else None
    )

    assert str(refused(mailing, catcher, then=False)) == "RCPT: 550 <…>: user unknown"


@pytest.mark.parametrize("name", ["no such user", "not your address"])
def test_a_data_let_through_though_nobody_was_taken_is_withdrawn(mailing: Mailing, name: str):
    catcher = SmtpCatcher(rule=played(name, times=1), lenient=True)

    refused(mailing, catcher)

    assert (catcher.connections, catcher.counts) == (1, {TWO: 1})


def test_a_connection_on_which_a_refused_mail_cannot_be_forgotten_is_not_used_again(mailing: Mailing):
    said = {"rcpt": [b"550 5.1.1 no such user"], "rset": [b"502 5.5.1 no"]}
    catcher = SmtpCatcher(rule=lambda stage, _: said[stage].pop() if said.get(stage) else None)

    refused(mailing, catcher)

    assert (catcher.connections, catcher.counts) == (2, {TWO: 1})


def test_no_reply_to_a_mail_that_was_given_up_is_taken_for_one_to_the_next(mailing: Mailing):
    reset = asyncio.Event()

    def rule(stage: str, _: str) -> Said | None:
        if stage == "rset":
            reset.set()
        return b"550 5.1.1 no such user" if stage == "rcpt" else None

    async def stopped() -> None:
        async with mailing(SmtpCatcher(rule=rule, delay=0.02)) as channel:
            sending = asyncio.create_task(channel.send(a_mail(1)))
            await reset.wait()
            sending.cancel()
            await asyncio.wait([sending])
            await channel.send(a_mail(2))

    with pytest.raises(Permanent) as raised:
        in_no_time(stopped())
    assert raised.value.cause == "recipient-refused"


def test_a_server_that_waits_for_each_answer_hears_no_more_after_a_refusal(mailing: Mailing):
    seen: list[str] = []
    play = played("no such user", times=1)
    catcher = SmtpCatcher(rule=lambda *stage: seen.append(stage[0]) or play(*stage), pipelining=False)

    refused(mailing, catcher, then=False)

    assert seen == ["connect", "ehlo", "mail", "rcpt", "rset", "quit"]


def test_a_body_that_never_left_us_as_a_whole_was_not_delivered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(email_transaction, "SLOWEST", 1 << 40)
    outgoing = Outgoing("k@x.de", "a@x.de", b"x" * 24_000_000)

    async def send() -> None:
        async with a_wire(SmtpCatcher(rule=played("silent within the body"))) as wire:
            await hand_over(wire, outgoing, 5)

    with pytest.raises(Dropped, match="no answer at body") as raised:
        in_no_time(send())
    assert raised.value.cause == "connection-lost"


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("4.7.1 Greylisting in action, please come back in 00:04:59", 299),
        ("4.2.0 Greylisted, try again in 300 seconds", 300),
        ("Greylisted for 5 minutes", 300),
        ("too many connections, retry after 1h", 3600),
        ("please wait 90s", 90),
        ("come back in 24 hours", 3600),
        ("come back in 02:00:00", 3600),
        ("4.2.0 <a@b>: Greylisted, see http://postgrey.example/help/b.html", None),
        ("4.3.2 try again later, host 10 is busy", None),
        ("4.2.1 rate limit of 30 messages", None),
    ],
)
def test_the_time_a_server_names_is_understood(words: str, seconds: float | None):
    assert asked_to_wait(words) == seconds


@pytest.mark.parametrize(
    ("said", "means", "cause"),
    [
        ("421 5.4.5 daily sending quota exceeded", Dropped, "server-busy"),
        ("421 relay access denied", Dropped, "server-busy"),
        ("500 what?", Permanent, "recipient-refused"),
    ],
)
def test_who_says_that_it_is_going_is_gone_whatever_else_it_says(
    said: str, means: type[DeliveryError], cause: str
):
    error = refusal("RCPT", Reply(int(said[:3]), said[4:]), "witt@example.com")

    assert error is not None
    assert (type(error), error.cause) == (means, cause)


def test_a_server_that_puts_off_is_asked_again_when_it_said(mailing: Mailing):
    error = refused(mailing, SmtpCatcher(rule=played("greylisted", times=1)))

    assert isinstance(error, Temporary)
    assert error.retry_after == 300


def test_a_mail_above_the_announced_size_is_not_even_tried(mailing: Mailing):
    error = refused(mailing, SmtpCatcher(size=100), then=False)

    assert isinstance(error, Permanent)
    assert error.cause == "too-large"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("550 5.7.1 Relaying denied", "relay-refused"),
        ("550 relay not permitted", "relay-refused"),
        ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relay-refused"),
        ("454 4.7.1 <…>: Relay access denied", "relay-refused"),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using a list", "relay-refused"),
        ("550 5.7.1 Delivery not authorized, message refused", "relay-refused"),
        ("550 5.1.1 Recipient address rejected: User unknown in relay recipient table", "recipient-refused"),
        ("550 5.7.1 The group takes mail of its members only", "recipient-refused"),
        ("450 4.7.1 greylisted, try again in 60 seconds", "deferred"),
    ],
)
def test_what_a_setting_must_mend_is_not_the_recipients_fault(said: str, cause: str):
    error = refusal("RCPT", Reply(int(said[:3]), said[4:]), "witt@example.com")

    assert error is not None
    assert (error.cause, isinstance(error, Permanent)) == (cause, cause == "recipient-refused")
