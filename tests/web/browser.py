"""A browser as the pages see one: cookies, headers, forms. It talks to an app without a socket."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

OWN = {"sec-fetch-site": "same-origin"}


class Browser:
    """`client` is the address it comes from; `language` what it prefers."""

    def __init__(self, app: Any, client: str = "192.0.2.7", language: str = "de") -> None:
        self._app = app
        self._client = client
        self.headers = {"accept-language": language}
        self.cookies = httpx.Cookies()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.request("GET", path, headers=headers)

    def head(self, path: str) -> httpx.Response:
        return self.request("HEAD", path)

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, headers: Mapping[str, str] = OWN, **more: Any
    ) -> httpx.Response:
        """Send a form as a page of ours would."""
        return self.request("POST", path, data=data, headers=headers, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request; redirects are not followed."""
        headers = self.headers | dict(more.pop("headers", None) or {})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=(self._client, 50_000))
            async with httpx.AsyncClient(
                transport=transport, base_url="https://kamflow.example.com", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=headers, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(send())
