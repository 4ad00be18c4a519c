"""How kamflow reaches the outside, in one place: by the company's proxy, trusting the company's root.

`http.proxy` and `http.ca_bundle` become a `Way`. Slack (its Web API, its WebSocket, `response_url`), the
sign-in with the company's accounts, the heartbeat and `kamflow doctor` go that way; mail servers, which no
HTTP proxy leads to, trust the same root. This machine (and what NO_PROXY names) is reached directly. Without
`http.proxy`, HTTPS_PROXY and HTTP_PROXY of the environment count.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kamflow.errors import ConfigError
from kamflow.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LIKE = {"ws": "http", "wss": "https"}  # a WebSocket begins as a request


@dataclass(frozen=True)
class Way:
    """How to reach an address: through which proxy, trusting whom beside the system's certificates."""

    proxy: str | None = None
    ca_bundle: Path | None = None

    def proxy_to(self, url: str) -> str | None:
        """The proxy that leads to an address; None: straight on."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host in LOOPBACK or proxy_bypass(host):
            return None
        given = getproxies()
        scheme = _LIKE.get(parts.scheme, parts.scheme)
        return self.proxy or given.get(scheme) or given.get("all")

    def tls(self) -> ssl.SSLContext:
        """A new TLS context: one for each kind of client, since clients set what they speak in it.

        Raises:
            ConfigError: the file of `http.ca_bundle` is not there, or holds no certificate.
        """
        made = ssl.create_default_context()
        if self.ca_bundle is None:
            return made
        try:
            made.load_verify_locations(self.ca_bundle)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror if isinstance(error, FileNotFoundError) else "no certificate in PEM form"
            raise ConfigError(f"http.ca_bundle: {self.ca_bundle}: {reason}") from None
        return made

    def for_httpx(self, url: str) -> dict[str, Any]:
        """What an httpx client (or `httpx.request`) is to be made with for one address."""
        return {"proxy": self.proxy_to(url), "verify": self.tls(), "trust_env": False}


def way(settings: Settings) -> Way:
    """The way of a home; a relative `ca_bundle` lies in it."""
    http = settings.http
    return Way(http.proxy, settings.home / http.ca_bundle if http.ca_bundle else None)
