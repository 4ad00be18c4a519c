"""Bytes on the wire: a body arrives as it was meant, and no reply is taken for another's."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.demo.smtp_terms import unstuffed
from notifications.channels.email_transaction import Outgoing
from notifications.channels.email_wire import LONGEST_REPLY, Lost, Reply, Wire

LINES = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\n", b"\r", b"a", b"QUIT", b"\r\n.\r\n", b"\n.\n"]))


@given(LINES.map(b"".join))
def test_no_body_ends_before_its_end(raw: bytes):
    body = Outgoing("k@x.de", "a@x.de", raw).body()

    assert body.endswith(b"\r\n.\r\n") or body == b".\r\n"
    assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
    assert (b"\r\n" + body).find(b"\r\n.\r\n") == len(body) - 3
    meant = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert unstuffed(body.removesuffix(b".\r\n")) in (meant, meant + b"\r\n")


def heard(said: bytes, cuts: list[int], replies: int) -> list[Reply | str]:
    """What a wire that is owed so many replies makes of bytes that come in pieces."""

    async def listen() -> list[Reply | str]:
        ours, theirs = socket.socketpair()
        transport, wire = await asyncio.get_running_loop().create_connection(Opened, sock=ours)
        wire.talk = Wire(transport, {})
        wire.talk.write(b"x", replies)
        for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
            wire.talk.data_received(said[begin:end])
        theirs.close()
        found: list[Reply | str] = []
        try:
            while True:
                found.append(await asyncio.wait_for(wire.talk.reply(), 5))
        except Lost as end:
            return [*found, str(end)]

    return asyncio.run(listen())


class Opened(asyncio.Protocol):
    """Hands over to the wire."""

    talk: Wire

    def connection_lost(self, exc: Exception | None) -> None:
        self.talk.connection_lost(exc)


@given(st.lists(st.integers(0, 44), max_size=6).map(sorted))
def test_replies_are_told_apart_wherever_they_are_cut(cuts: list[int]):
    said = b"250-one\r\n250-two\r\n250 three\r\n354 go\n550\r\n421 bye\r\n"

    replies = [Reply(250, "one two three"), Reply(354, "go"), Reply(550, ""), Reply(421, "bye")]
    assert heard(said, cuts, 4)[:4] == replies


def test_what_no_database_keeps_is_left_out_of_a_reply():
    assert heard(b"250 2.0.0 \x00OK\x1b[31m\xff\r\n", [], 1)[0] == Reply(250, "2.0.0  OK [31m\ufffd")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"250 yes\r\n421 going\r\n", "nobody asked"),
        (b"250 yes\r\nhello\r\n", "no reply of SMTP"),
        (b"250 yes\r\n", "hung up"),
    ],
)
def test_what_comes_beside_the_replies_ends_the_connection(said: bytes, why: str):
    *replies, end = heard(said, [], 1)

    assert replies == [Reply(250, "yes")]
    assert why in str(end) or end == "ConnectionResetError"


@pytest.mark.parametrize("said", [b"250-" + b"x" * LONGEST_REPLY, b"250-xx\r\n" * LONGEST_REPLY])
def test_a_reply_without_end_is_not_read_for_ever(said: bytes):
    assert heard(said, [], 1) == ["a reply without end"]
