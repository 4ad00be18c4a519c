"""Signed links. A survey's is made from the installation's secret; only its hash is stored."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from kamflow.errors import Permanent
from kamflow.settings import Settings

# Told apart from what else the same secret may sign.
_PURPOSE = b"kamflow survey"
_AGAIN = "then: kamflow outbox retry"


def survey_token(secret: str, invitation: int, version: int) -> str:
    """The token of an invitation: the same for its reminder, another one once the version is raised."""
    said = b"%b:%d:%d" % (_PURPOSE, invitation, version)
    return urlsafe_b64encode(hmac.digest(secret.encode(), said, "sha256")).rstrip(b"=").decode()


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
