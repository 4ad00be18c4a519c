"""An identity provider on loopback: discovery, keys, and the exchange of a code for an id token."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.conftest import NOW

CLIENT, SECRET, CODE = "kamflow-client", "s3cret", "a-code"


@dataclass
class FakeIssuer:
    """`says` changes claims of the next token; None takes one away. `asked` are the forms it was sent."""

    address: str = ""
    key: RSAKey = field(default_factory=cache(lambda: RSAKey.generate_key(2048, {"kid": "one"})))
    says: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    algorithm: str = "RS256"
    signing: Any = None
    nonce: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def token(self) -> str:
        now = int(NOW.timestamp())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "42",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "witt@example.com",
            "email_verified": True,
        } | self.says
        kept = {name: value for name, value in claims.items() if value is not None}
        key = self.signing or self.key
        head = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(head, kept, key, algorithms=[self.algorithm])

    def answer(self, path: str) -> Any:
        if path.endswith("openid-configuration"):
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
        if path == "/keys":
            return KeySet([self.key]).as_dict(private=False)
        return {"id_token": self.token(), "access_token": "x", "token_type": "Bearer"}

    def leave(self, location: str) -> dict[str, str]:
        """What a browser is sent away with; the person there agrees."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        self.nonce = said["nonce"]
        return said


@contextmanager
def running_issuer() -> Iterator[FakeIssuer]:
    fake = FakeIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            fake.asked.append(form | {"authorization": self.headers.get("authorization", "")})
            self._say()

        def _say(self) -> None:
            fake.paths.append(self.path)
            self.send_response(fake.status)
            self.end_headers()
            self.wfile.write(json.dumps(fake.answer(self.path)).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
