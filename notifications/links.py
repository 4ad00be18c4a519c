"""Signed links. A survey's is made from the installation's secret; only its hash is stored.

All others carry what they are about, for whom and until when, signed: ids only, never a name. They are found
to be forged, altered, of another purpose or expired without asking the database.
"""

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer

from kamflow.errors import InputError, Permanent
from kamflow.settings import Settings

# Told apart from what else the same secret may sign.
_PURPOSE = b"kamflow survey"
_AGAIN = "then: kamflow outbox retry ID"
_REPLY = b"kamflow reply"
_LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1

Purpose = Literal["nudge", "document", "feed", "sign-in"]


class BadLink(InputError):
    """A link that kamflow did not make, or not for this."""


class ExpiredLink(BadLink):
    """A link whose time is over."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a link stands for: `person` may do with `about` (the id of a nudge, document …) what its purpose
    says, until `until`. `version` is the person's `links_version`: raised, it revokes the link."""

    person: int
    about: int
    until: datetime
    version: int = 1


def signed(secret: str, purpose: Purpose, said: Signed) -> str:
    """The token of a link: the same for the same words."""
    # What `_serializer` makes, without deriving its key each time: a message may have many links.
    until = int(said.until.timestamp())
    value = _base64(b"[%d,%d,%d,%d]" % (said.person, said.about, until, said.version))
    return f"{value}.{_base64(hmac.digest(_key(secret, purpose), value.encode(), 'sha256'))}"


def opened(secret: str, purpose: Purpose, token: str, now: datetime) -> Signed:
    """What a token says.

    Raises:
        BadLink: forged, altered or of another purpose; ExpiredLink: its time is over.
    """
    try:
        person, about, until, version = _serializer(secret, purpose).loads(token)
        found = Signed(int(person), int(about), datetime.fromtimestamp(int(until), UTC), int(version))
    except (BadData, ValueError, TypeError, OverflowError, OSError):
        raise BadLink("this is no link of ours: open it from the message once more") from None
    if found.until <= now:
        raise ExpiredLink("this link's time is over: the newest message has one that works")
    return found


def internal_link(settings: Settings, path: str) -> str | None:
    """The address of one of our own pages; None where nobody said where they are reached."""
    base = settings.web.internal_url
    return f"{base.rstrip('/')}/{path.lstrip('/')}" if base else None


@lru_cache(maxsize=16)
def _serializer(secret: str, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret, salt=f"kamflow {purpose}", signer_kwargs={"digest_method": hashlib.sha256}
    )


@lru_cache(maxsize=16)
def _key(secret: str, purpose: Purpose) -> bytes:
    return _serializer(secret, purpose).make_signer().derive_key()


def _base64(said: bytes) -> str:
    return urlsafe_b64encode(said).rstrip(b"=").decode()


def survey_token(secret: str, invitation: int, version: int) -> str:
    """The token of an invitation: the same for its reminder, another one once the version is raised."""
    said = b"%b:%d:%d" % (_PURPOSE, invitation, version)
    return _base64(hmac.digest(secret.encode(), said, "sha256"))


def hashed(token: str) -> str:
    """What is stored of a token, and by which its invitation is found."""
    return hashlib.sha256(token.encode()).hexdigest()


def survey_link(settings: Settings, token: str) -> str:
    """The address of the survey's page.

    Raises:
        Permanent: kamflow does not know where customers reach it; the cause says what to set.
    """
    base = settings.web.public_url
    if base is None:
        raise Permanent("public_url is not set", cause=f"no-public-url: set public_url in [web], {_AGAIN}")
    return f"{base.rstrip('/')}/s/{token}"


def secret(settings: Settings) -> str:
    """The installation's secret.

    Raises:
        Permanent: there is none, so that anybody could make a link.
    """
    if settings.secret_key is None or not settings.secret_key.get_secret_value():
        raise Permanent("no secret key", cause=f"no-secret-key: set KAMFLOW_SECRET_KEY, {_AGAIN}")
    return settings.secret_key.get_secret_value()


def reply_token(secret: str, message: int, person: int, version: int) -> str:
    """The token of the address a person answers a message at: 80 bits, in letters that may change case."""
    said = b"%b:%d:%d:%d" % (_REPLY, message, person, version)
    signature = b32encode(hmac.digest(secret.encode(), said, "sha256")[:10]).decode().lower()
    return f"{message}-{signature}"


def reply_address(settings: Settings, message: int, person: int, version: int) -> str | None:
    """Where a message is answered; None where kamflow reads no mailbox, or its address leaves no room."""
    box = settings.mailbox
    if box.host is None or box.address is None or settings.secret_key is None:
        return None
    local, _, domain = box.address.rpartition("@")
    local = f"{local}+{reply_token(secret(settings), message, person, version)}"
    return f"{local}@{domain}" if len(local) <= _LONGEST_LOCAL else None
