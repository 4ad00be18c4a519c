"""One mail, one transaction. MAIL, RCPT and DATA go in one write where the server takes that (PIPELINING,
RFC 2920); each reply is read and belongs to its command."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from kamflow.errors import Ambiguous, DeliveryError, Permanent
from notifications.channels.email_answers import BODY, STAGES, Dropped, lost, refusal
from notifications.channels.email_wire import Lost, Reply, Wire

RESET_SECONDS = 5.0
# Filters may look at a body for a while, and giving up too soon sends it twice.
BODY_PATIENCE = 3
# Bytes a second: a line slower than this does not take a large body in time.
SLOWEST = 32_768

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Envelope and body of one mail, as SMTP carries them."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def is_international(self) -> bool:
        """Whether an address needs SMTPUTF8."""
        return not (self.sender.isascii() and self.recipient.isascii())

    def commands(self, *, size: bool) -> Iterator[bytes]:
        """What stands before the body; the size is told to a server that wants to know it."""
        options = f" SIZE={len(self.raw)}" if size else ""
        options += " BODY=8BITMIME SMTPUTF8" if self.is_international else ""
        yield f"MAIL FROM:<{self.sender}>{options}\r\n".encode()
        yield f"RCPT TO:<{self.recipient}>\r\n".encode()
        yield b"DATA\r\n"

    def body(self) -> bytes:
        """The body as it goes over the wire: each line ends in CRLF, dots are stuffed, a dot ends it."""
        raw = self.raw
        if not raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n"):
            # Some servers take a bare one for the end of a line: a dot between two would end the mail.
            raw = _BARE.sub(b"\r\n", raw)
        end = b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"
        return (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..") + end


async def hand_over(wire: Wire, outgoing: Outgoing, seconds: float) -> str:
    """Run one transaction and return the server's last words; leave the wire ready for the next, or cut.

    `seconds` is the patience with one step.

    Raises:
        Temporary, Permanent: it was not taken; Dropped: not even the whole of it was sent.
        Ambiguous: the answer to the body is lost.
    """
    async with _transaction(wire, seconds):
        _check_limits(wire, outgoing)
        await _announce(wire, outgoing, seconds, STAGES)
        return await _send_body(wire, outgoing, seconds * BODY_PATIENCE)


async def ask(wire: Wire, outgoing: Outgoing, seconds: float) -> None:
    """Go as far as the recipient, and no further: nothing is sent (raises as `hand_over` does)."""
    async with _transaction(wire, seconds):
        _check_limits(wire, outgoing)
        await _announce(wire, outgoing, seconds, STAGES[:2])


@asynccontextmanager
async def _transaction(wire: Wire, seconds: float) -> AsyncIterator[None]:
    wire.used += 1
    try:
        yield
    except (Dropped, Ambiguous):
        wire.abort()
        raise
    except DeliveryError:
        await _reset(wire, min(seconds, RESET_SECONDS))
        raise
    except BaseException:
        wire.abort()
        raise
    finally:
        wire.since = monotonic()


def _check_limits(wire: Wire, outgoing: Outgoing) -> None:
    limit = wire.offers.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < len(outgoing.raw):
        raise Permanent(f"{len(outgoing.raw)} bytes; the server takes {limit}", cause="too-large")
    if outgoing.is_international and "smtputf8" not in wire.offers:
        raise Permanent("the mail server does not take international addresses", cause="smtputf8")


async def _announce(wire: Wire, outgoing: Outgoing, seconds: float, stages: Sequence[str]) -> None:
    """Say who and to whom; with DATA as far as 354, when the server waits for the body."""
    commands = tuple(outgoing.commands(size="size" in wire.offers))[: len(stages)]
    groups = (commands,) if "pipelining" in wire.offers else tuple((each,) for each in commands)
    answers: list[Reply] = []
    try:
        for group in groups:
            _judge(answers, outgoing)
            wire.write(b"".join(group), len(group))
            end = _in(seconds)
            for _ in group:
                reply = await wire.reply_by(end)
                answers.append(reply)
    except (Lost, TimeoutError) as error:
        wire.abort()
        # What was refused before the connection went is known.
        _judge(answers, outgoing)
        stage = stages[len(answers)]
        raise lost(stage, _no_answer(stage, error)) from error
    await _withdraw(wire, answers, seconds)
    _judge(answers, outgoing)


def _judge(answers: Sequence[Reply], outgoing: Outgoing) -> None:
    for stage, reply in zip(STAGES, answers, strict=False):
        if (refused := refusal(stage, reply, outgoing.recipient)) is not None:
            raise refused


async def _withdraw(wire: Wire, answers: Sequence[Reply], seconds: float) -> None:
    """Take back the DATA that was let through though the transaction was refused (RFC 2920, 3.1)."""
    mail, rcpt, *data = (reply.code for reply in answers)
    if 354 not in data or (mail < 300 and rcpt < 300):
        return
    if rcpt < 400:
        wire.abort()  # it has a recipient: an empty mail might be delivered
    else:
        await _said(wire, b".\r\n", seconds)


async def _reset(wire: Wire, seconds: float) -> None:
    """Forget the transaction, or cut the wire: the next one must not begin within this one."""
    reply = await _said(wire, b"RSET\r\n", seconds)
    if reply is None or not 200 <= reply.code < 300:
        wire.abort()


async def _said(wire: Wire, line: bytes, seconds: float) -> Reply | None:
    """Say what is answered somehow, and cut the wire where it is not."""
    if not wire.is_open:
        return None
    try:
        wire.write(line)
        return await wire.reply_by(_in(seconds))
    except (Lost, TimeoutError):
        wire.abort()
        return None


async def _send_body(wire: Wire, outgoing: Outgoing, patience: float) -> str:
    body, stage = outgoing.body(), STAGES[-1]
    try:
        wire.write(body)
        if wire.is_full:
            async with asyncio.timeout(patience + len(body) / SLOWEST):
                await wire.drained()
        stage = BODY  # the dot that ends it has left us: from now on it may be delivered
        reply = await wire.reply_by(_in(patience))
    except (Lost, TimeoutError) as error:
        if isinstance(error, TimeoutError) and not wire.is_full:
            stage = BODY  # the last of it left us in the moment that we gave up
        raise lost(stage, _no_answer(BODY, error)) from error
    if (refused := refusal(BODY, reply, outgoing.recipient)) is not None:
        raise refused
    return reply.words


def _in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


def _no_answer(stage: str, error: Exception) -> str:
    return f"no answer at {stage} ({str(error) or 'in time'})"
