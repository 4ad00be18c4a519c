"""The proxy of a company on loopback: the only way out, and it looks into TLS with a root of its own.

`hosts` says which port of this machine stands for a host name. `asked` are the addresses it was asked for.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kamflow.demo.own_thread import in_own_thread
from tests.notifications.channels.certificates import _private


@dataclass
class CompanyProxy:
    """Serves from a thread of its own; `root` is the file to trust."""

    hosts: Mapping[str, int]
    root: Path
    tls: ssl.SSLContext
    asked: list[str] = field(default_factory=list)
    url: str = ""
    _going: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._taken, host, port)
        self.url = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"

    @property
    def busy(self) -> bool:
        """Whether somebody is connected."""
        return bool(self._going)

    async def stop(self) -> None:
        self._server.close()
        for task in self._going:
            task.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)
        await asyncio.sleep(0)  # what was aborted is closed with the next turn of the loop

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._going.add(task)
            task.add_done_callback(self._going.discard)
        plain = writer.transport
        try:
            with suppress(OSError, asyncio.IncompleteReadError):  # who does not trust the root hangs up
                await self._through(reader, writer)
            writer.close()
        finally:
            plain.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, address, _ = (await reader.readuntil(b"\r\n")).decode().split()
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        self.asked.append(f"{method} {address}")
        port = self.hosts.get(address.partition(":")[0])
        if method != "CONNECT" or port is None:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.start_tls(self.tls)
        there = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_carry(reader, there[1]), _carry(there[0], writer))
        finally:
            there[1].transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
        writer.close()


@contextmanager
def company_proxy(folder: Path, hosts: Mapping[str, int]) -> Iterator[CompanyProxy]:
    """A proxy that runs within the block."""
    proxy = CompanyProxy(hosts, *_root(folder, list(hosts)))
    with in_own_thread(proxy):
        yield proxy


def _root(folder: Path, names: list[str]) -> tuple[Path, ssl.SSLContext]:
    """A certificate for these names that signed itself: its file, and a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company root")])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
    hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    builder = builder.add_extension(hosts, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    root, whole = folder / "company.pem", folder / "proxy.pem"
    root.write_bytes(pem)
    whole.write_bytes(pem + _private(key))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(whole)
    return root, server
