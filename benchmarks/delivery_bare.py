"""What is measured against: the sink by raw sockets, and plain aiosmtplib with a pool of connections.

The mails are assembled before anything is counted.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterator

from aiosmtplib import SMTP

PLACE = b"{number}"
SENDER = "kamflow@example.com"


def mails(template: bytes, number: int) -> list[bytes]:
    """So many copies of a mail, each with its own number where the template says so."""
    return [template.replace(PLACE, str(at).encode()) for at in range(1, number + 1)]


def raw(port: int, template: bytes, number: int, connections: int) -> Callable[[], None]:
    """The most that the sink can take: each mail is one write and one read on one of several sockets.

    The end of one mail goes together with the envelope of the next (RFC 2920).
    """
    bodies = [b"%b\r\n.\r\n" % each.replace(b"\r\n.", b"\r\n..") for each in mails(template, number)]
    ways = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    for way in ways:
        _answers(way, b"220 ")
        way.sendall(b"EHLO bench.example.com\r\n")
        _answers(way, b"250 ")

    def run() -> None:
        waiting = enumerate(bodies, 1)
        busy: deque[tuple[socket.socket, bytes]] = deque()
        for way, (at, body) in zip(ways, waiting, strict=False):
            way.sendall(_envelope(at))
            busy.append((way, body))
        while busy:
            way, body = busy.popleft()
            _answers(way, b"354 ")
            at, following = next(waiting, (0, b""))
            way.sendall(body + (_envelope(at) if at else b"QUIT\r\n"))
            if at:
                busy.append((way, following))
        for way in ways:
            _answers(way, b"221 ")
            way.close()

    return run


def _envelope(number: int) -> bytes:
    return f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<p{number}@example.com>\r\nDATA\r\n".encode()


def _answers(way: socket.socket, last: bytes) -> None:
    """Read until the line that begins with `last`; a refusal ends the measurement."""
    said = b""
    while not said.endswith(b"\r\n") or not said[:-2].rpartition(b"\r\n")[2].startswith(last):
        if not (more := way.recv(65536)):
            raise ConnectionError("the sink hung up")
        said += more
        if any(line[:1] in b"45" for line in said.splitlines()):
            raise ValueError(f"the sink refused: {said!r}")


def pooled(port: int, template: bytes, number: int, connections: int) -> Callable[[], None]:
    """`SMTP.sendmail` of aiosmtplib on so many connections that stay open."""
    waiting: Iterator[tuple[int, bytes]] = iter(enumerate(mails(template, number), 1))

    async def one() -> None:
        async with SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as client:
            for at, mail in waiting:
                await client.sendmail(SENDER, [f"p{at}@example.com"], mail)

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(one())

    return lambda: asyncio.run(all_of_them())
