"""The ways to log in at the catcher: AUTH PLAIN, AUTH LOGIN and XOAUTH2, line by line."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Login:
    """Collects what proves who somebody is. `admits(user, proof, by_token)` judges it."""

    mechanism: bytes
    admits: Callable[[str, str, bool], bool]
    lines: list[str] = field(default_factory=list)
    refused: bool = False

    def feed(self, line: bytes) -> bytes | str | None:
        """The next question, the user who is let in, or None: refused."""
        if self.refused:
            return None
        if line:
            self.lines.append(_decoded(line))
        if self.mechanism == b"LOGIN" and len(self.lines) < 2:
            return (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n")[len(self.lines)]
        if not self.lines:
            return b"334 \r\n"
        by_token = self.mechanism == b"XOAUTH2"
        user, proof = _bearer(self.lines[0]) if by_token else self._password()
        if self.admits(user, proof, by_token):
            return user
        if not by_token:
            return None
        # The reason comes as a question; 535 follows whatever is answered.
        self.refused = True
        reason = json.dumps({"status": "401", "schemes": "bearer", "scope": "https://mail.example"})
        return b"334 " + base64.b64encode(reason.encode()) + b"\r\n"

    def _password(self) -> tuple[str, str]:
        if self.mechanism == b"LOGIN":
            return self.lines[0], self.lines[1]
        _, user, password, *_ = [*self.lines[0].split("\0"), "", ""]
        return user, password


def _bearer(text: str) -> tuple[str, str]:
    """User and token of `user=…^Aauth=Bearer …^A^A`; empty where they are not there."""
    match = re.fullmatch("user=(.*)\1auth=Bearer (.*)\1\1", text)
    return (match[1], match[2]) if match else ("", "")


def _decoded(line: bytes) -> str:
    try:
        return base64.b64decode(line, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
