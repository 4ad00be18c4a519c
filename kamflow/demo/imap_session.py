"""One IMAP conversation as the server holds it."""

import asyncio
import re

from kamflow.demo.imap_terms import Kept, Terms, answer, matching, words

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")
_LONGEST = 65_536
CAPABILITY = b"* CAPABILITY IMAP4rev1\r\n"


class ImapSession:
    """Reads one command after the other and answers it."""

    def __init__(self, terms: Terms, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._terms = terms
        self._reader = reader
        self._writer = writer
        self._state = "new"

    async def serve(self) -> None:
        """Talk until the other side hangs up."""
        self._writer.write(b"* OK kamflow fake ready\r\n")
        while self._state != "over":
            await self._writer.drain()
            line = await self._line()
            if not line:
                return
            await self._command(line)
        await self._writer.drain()

    async def _line(self) -> bytes:
        """A command with its literals put in as quoted strings."""
        line = await self._reader.readline()
        while found := _LITERAL.search(line):
            size = int(found[1])
            if size > _LONGEST:
                return b""
            self._writer.write(b"+ go ahead\r\n")
            said = await self._reader.readexactly(size)
            quoted = b'"' + said.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            line = line[: found.start()] + quoted + await self._reader.readline()
        return line

    async def _command(self, line: bytes) -> None:
        tag, _, rest = line.strip().partition(b" ")
        name, _, arguments = rest.partition(b" ")
        verb = name.decode("ascii", "replace").upper()
        if verb == "UID":
            second, _, arguments = arguments.partition(b" ")
            verb = f"UID {second.decode('ascii', 'replace').upper()}"
        said = self._terms.heard(f"{verb} {arguments.split(b' ')[0].decode('ascii', 'replace')}".strip())
        if said == "hang":
            await asyncio.Event().wait()
        if said == "drop":
            self._state = "over"
            return
        result = said if isinstance(said, bytes) else self._answered(verb, words(arguments))
        self._writer.write(tag + b" " + result + b"\r\n")

    def _answered(self, verb: str, arguments: list[str]) -> bytes:
        if verb in ("CAPABILITY", "NOOP", "LOGOUT"):
            return self._any_time(verb)
        if verb == "LOGIN":
            return self._log_in(arguments)
        if self._state == "new":
            return b"BAD log in first"
        if verb == "SELECT":
            return self._select(arguments)
        if self._state != "selected":
            return b"BAD select a folder first"
        if verb == "UID SEARCH":
            return self._search(arguments)
        if verb in ("UID FETCH", "UID STORE"):
            return self._each(verb, arguments)
        return b"BAD command not known"

    def _any_time(self, verb: str) -> bytes:
        if verb == "CAPABILITY":
            self._writer.write(CAPABILITY)
        if verb == "LOGOUT":
            self._writer.write(b"* BYE see you\r\n")
            self._state = "over"
        return b"OK done"

    def _log_in(self, arguments: list[str]) -> bytes:
        if arguments != [self._terms.user, self._terms.password]:
            return b"NO [AUTHENTICATIONFAILED] wrong user or password"
        self._state = "known"
        return b"OK welcome"

    def _select(self, arguments: list[str]) -> bytes:
        if arguments != [self._terms.folder]:
            return b"NO [NONEXISTENT] no such folder"
        number = len(self._terms.kept)
        self._writer.write(b"* %d EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] ids\r\n" % number)
        self._writer.write(b"* FLAGS (\\Seen \\Flagged \\Deleted \\Answered)\r\n")
        self._state = "selected"
        return b"OK [READ-WRITE] selected"

    def _search(self, keys: list[str]) -> bytes:
        found = matching(self._terms.kept, keys)
        if found is None:
            return b"BAD search key not known"
        self._writer.write(b" ".join([b"* SEARCH", *(str(each.uid).encode() for each in found)]) + b"\r\n")
        return b"OK searched"

    def _each(self, verb: str, arguments: list[str]) -> bytes:
        if len(arguments) < 2 or not arguments[0].isdecimal():
            return b"BAD one uid, and what to do"
        for number, mail in enumerate(self._terms.kept, 1):
            if mail.uid == int(arguments[0]):
                return (
                    self._fetch(mail, number, arguments) if verb == "UID FETCH" else _store(mail, arguments)
                )
        return b"OK nothing there"

    def _fetch(self, mail: Kept, number: int, arguments: list[str]) -> bytes:
        line = answer(mail, number, " ".join(arguments[1:]))
        if line is None:
            return b"BAD cannot fetch that"
        self._writer.write(line)
        return b"OK fetched"


def _store(mail: Kept, arguments: list[str]) -> bytes:
    flags = set(arguments[-1].strip("()").split())
    if arguments[1].upper().removesuffix(".SILENT") != "+FLAGS" or not flags:
        return b"BAD only +FLAGS"
    mail.flags |= flags
    return b"OK stored"
