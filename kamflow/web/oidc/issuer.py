"""The company's identity provider: where it is asked, and what its tokens prove.

Nothing is asked of it before somebody signs in with it. What it says of itself is kept for some minutes.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kamflow.knobs import Oidc
from kamflow.outward import Way

TIMEOUT = 5  # seconds for one answer
KEPT = 600  # seconds for which its metadata and keys are believed
LEEWAY = 60  # seconds by which its clock may differ
# Signed with a key of its own; never `none`, never with our secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
DIRECT = Way()
_SAID = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerDown(Exception):
    """It does not answer, or not as it should."""


class NotProved(Exception):
    """Its answer does not prove who somebody is; the text is a word for the log."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser was sent away with, and has to come back with."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Kept:
    metadata: Mapping[str, Any]
    keys: KeySet
    since: float


class Issuer:
    """One issuer; its metadata and keys are fetched when they are first needed."""

    def __init__(self, knobs: Oidc, way: Way = DIRECT) -> None:
        self._knobs = knobs
        self._way = way
        self._address = (knobs.issuer or "").rstrip("/")
        self._kept: _Kept | None = None

    def door(self, asked: Asked, back: str) -> str:
        """Where a browser goes to prove who somebody is (IssuerDown)."""
        return prepare_grant_uri(
            self._known().metadata["authorization_endpoint"],
            client_id=self._knobs.client_id or "",
            response_type="code",
            redirect_uri=back,
            scope="openid email",
            state=asked.state,
            nonce=asked.nonce,
            code_challenge=create_s256_code_challenge(asked.verifier),
            code_challenge_method="S256",
        )

    def email(self, code: str, asked: Asked, back: str, now: datetime) -> str:
        """The verified e-mail address of who came back with a code.

        Raises:
            IssuerDown: it did not answer; NotProved: says why its answer is not believed.
        """
        claims = self._claims(self._exchanged(code, asked, back), asked, now)
        email, verified = claims.get("email"), claims.get("email_verified")
        if not isinstance(email, str) or "@" not in email:
            raise NotProved("no-email")
        if verified is not True and not (verified is None and self._knobs.trust_email):
            raise NotProved("email-not-verified")
        return email

    def _claims(self, token: str, asked: Asked, now: datetime) -> Mapping[str, Any]:
        try:
            read = self._read(token)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self._known().metadata["issuer"]},
                    "aud": {"essential": True, "value": self._knobs.client_id},
                },
                {"nonce": asked.nonce, "client_id": self._knobs.client_id},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotProved(type(error).__name__) from None
        return claims

    def _read(self, token: str) -> jwt.Token:
        """The token, its signature checked; a key it does not know may be a new one."""
        try:
            return jwt.decode(token, self._known().keys, algorithms=list(ALGORITHMS))
        except (InvalidKeyIdError, ValueError):
            return jwt.decode(token, self._known(anew=True).keys, algorithms=list(ALGORITHMS))

    def _exchanged(self, code: str, asked: Asked, back: str) -> str:
        """The id token for a code."""
        knobs, secret = self._knobs, self._knobs.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": asked.verifier,
            "client_id": knobs.client_id or "",
        }
        known = self._known().metadata
        ways = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = None
        if secret is not None and "client_secret_basic" in ways:
            basic = httpx.BasicAuth(knobs.client_id or "", secret.get_secret_value())
        elif secret is not None:
            form["client_secret"] = secret.get_secret_value()
        answer = self._sent("POST", known["token_endpoint"], data=form, auth=basic)
        if answer.status_code >= 500:
            raise IssuerDown
        token = _json(answer).get("id_token") if answer.status_code == 200 else None
        if not isinstance(token, str):
            raise NotProved("code-refused")
        return token

    def _known(self, *, anew: bool = False) -> _Kept:
        kept, at = self._kept, time.monotonic()
        if kept is None or anew or at - kept.since > KEPT:
            metadata = _json(self._sent("GET", f"{self._address}/.well-known/openid-configuration"))
            said = all(isinstance(metadata.get(name), str) for name in _SAID)
            if not said or str(metadata.get("issuer", "")).rstrip("/") != self._address:
                raise IssuerDown
            kept = self._kept = _Kept(metadata, self._keys(metadata["jwks_uri"]), at)
        return kept

    def _keys(self, address: str) -> KeySet:
        try:
            return KeySet.import_key_set(_json(self._sent("GET", address)))  # pyright: ignore[reportArgumentType]
        except (JoseError, ValueError, KeyError, TypeError):
            raise IssuerDown from None

    def _sent(self, method: str, address: str, **more: Any) -> httpx.Response:
        try:
            return httpx.request(method, address, timeout=TIMEOUT, **self._way.for_httpx(address), **more)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise IssuerDown from None


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        raise IssuerDown from None
    if answer.status_code != 200 or not isinstance(found, dict):
        raise IssuerDown
    return found
