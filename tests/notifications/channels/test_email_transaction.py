"""One mail in what is said and answered, word by word: what is concluded, and what is not said any more."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from kamflow.errors import DeliveryError, Permanent
from notifications.channels.email_answers import Dropped
from notifications.channels.email_transaction import BODY_PATIENCE, Outgoing, hand_over
from notifications.channels.email_wire import Lost, Reply

SECONDS = 5.0
A_MAIL = Outgoing("k@x.de", "a@x.de", b"x" * 98 + b"\r\n")
OK, GO, NO, TAKEN = Reply(250, "ok"), Reply(354, "go"), Reply(550, "5.1.1 no such user"), Reply(250, "taken")


class Script:
    """A wire whose other end has its answers ready; after the last one it hangs up. `ends`: until when each
    of them was waited for."""

    def __init__(self, answers: Iterable[Reply], **offers: str) -> None:
        self.answers, self.offers = list(answers), offers
        self.written: list[bytes] = []
        self.ends: list[float] = []
        self.is_open, self.is_full, self.used, self.since = True, False, 0, 0.0

    def write(self, data: bytes, _: int = 1) -> None:
        if not self.answers:
            raise Lost("the server hung up")
        self.written.append(data)

    async def reply_by(self, end: float) -> Reply:
        self.ends.append(end)
        if not self.answers:
            raise Lost("the server hung up")
        return self.answers.pop(0)

    def abort(self) -> None:
        self.is_open = False


def sent(script: Any) -> str:
    return asyncio.run(hand_over(script, A_MAIL, SECONDS))


def refused(script: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        sent(script)
    return raised.value


@pytest.mark.parametrize("size", ["", "0", "100", "101"])
def test_a_mail_as_large_as_a_server_takes_goes_and_nought_is_no_limit(size: str) -> None:
    assert sent(Script([OK, OK, GO, TAKEN], size=size)) == "taken"


def test_a_mail_larger_than_that_is_not_even_begun() -> None:
    script = Script([OK], size="99")

    assert refused(script).cause == "too-large"
    assert script.written == [b"RSET\r\n"]


def test_what_was_refused_before_the_connection_went_is_known() -> None:
    error = refused(Script([OK, NO], pipelining=""))

    assert (type(error), error.cause) == (Permanent, "recipient-refused")


def test_what_was_not_refused_by_then_is_tried_again() -> None:
    error = refused(Script([OK, OK], pipelining=""))

    assert (type(error), error.cause) == (Dropped, "connection-lost")


def test_a_body_that_could_not_be_written_was_not_delivered() -> None:
    error = refused(Script([OK, OK, GO]))

    assert (type(error), error.cause) == (Dropped, "connection-lost")


def test_an_answer_to_a_body_is_waited_for_longer() -> None:
    script = Script([OK, OK, GO, TAKEN])
    sent(script)

    assert script.ends[-1] - script.ends[-2] >= (BODY_PATIENCE - 1) * SECONDS


def test_a_body_that_is_asked_for_after_all_is_cut_where_it_has_a_recipient() -> None:
    script = Script([Reply(452, "later"), OK, GO, TAKEN, OK], pipelining="")

    assert refused(script).cause == "deferred"
    assert (script.is_open, b".\r\n" in script.written) == (False, False)  # an empty mail might arrive


def test_and_is_ended_at_once_where_it_has_none() -> None:
    script = Script([OK, NO, GO, Reply(554, "nobody"), OK], pipelining="")

    assert refused(script).cause == "recipient-refused"
    assert script.is_open
    assert script.written[1:] == [b".\r\n", b"RSET\r\n"]


def test_who_is_answered_one_by_one_says_no_more_after_a_refusal() -> None:
    script = Script([OK, NO, OK])

    assert refused(script).cause == "recipient-refused"
    assert [line.split()[0] for line in script.written] == [b"MAIL", b"RCPT", b"RSET"]
