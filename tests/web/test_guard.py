"""What an attacker may send: each is refused, or changes nothing, and learns nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine

from flows.doors import listener
from kamflow.web import bounds, internal, public
from kamflow.web.bounds import LARGEST, LARGEST_HEAD, LONGEST_ADDRESS, Measured, TooSlow
from tests.web.browser import OWN, Browser
from tests.web.conftest import Visited
from tests.world import World

EVIL = "evil.example"


@pytest.fixture
def visited(sqlite_engine: Engine) -> Visited:
    return Visited(World(sqlite_engine))


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(LARGEST // 1000 + 2):
        yield b"email=" + b"x" * 1000


def test_a_body_without_a_length_that_does_not_end_is_refused_with_a_page(visited: Visited) -> None:
    form = {**OWN, "content-type": "application/x-www-form-urlencoded"}
    answer = visited.inside().post("/sign-in", content=_endless(), headers=form)

    assert answer.status_code == 413
    assert "zu lang" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": "-1"}, 400),
        ({"content-length": "1e3"}, 400),
        ({"content-length": "\u0661".encode().decode("latin-1")}, 400),
        ({"content-length": "9" * 5000}, 413),
        ({"content-length": str(LARGEST + 1)}, 413),
        ({"x-much": "x" * LARGEST_HEAD}, 431),
    ],
    ids=["negative", "no number", "digits of elsewhere", "absurd", "too large", "headers"],
)
def test_what_is_too_much_is_refused_before_it_is_read(
    visited: Visited, headers: dict[str, str], status: int
) -> None:
    raw = {name: value.encode("latin-1") for name, value in (headers | OWN).items()}
    assert visited.inside().request("POST", "/sign-in", headers=raw).status_code == status


def test_an_address_that_is_too_long_is_refused(visited: Visited) -> None:
    for path in ("/" + "a" * LONGEST_ADDRESS, "/?q=" + "a" * LONGEST_ADDRESS):
        assert visited.outside().get(path).status_code == 414


def test_what_slack_sends_with_a_click_may_be_larger(visited: Visited) -> None:
    browser = visited.inside()
    seen = [
        browser.post("/slack/interactions", content=b"x" * size).status_code
        for size in (LARGEST + 1, bounds.largest("/slack/") + 1)
    ]

    assert seen == [404, 413]  # 404: it is not set up here


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, "9" * 1500, "\u0663", "-1", "1.0", "%00", "1%20"])
def test_a_number_that_nobody_has_is_nobody_s_page(visited: Visited, number: object) -> None:
    browser = visited.signed_in(visited.world.person("Witt"))
    for path in ("/plans/{}", "/n/{}", "/accounts/{}/matrix", "/log/{}/2026-09-07", "/surveys/{}"):
        assert browser.get(path.format(number)).status_code in (403, 404), path
    for path in ("/plans/{}/approve", "/plans/{}/return"):
        assert browser.post(path.format(number), {"comment": "x"}).status_code in (403, 404, 422), path
    form = {
        "at": f"{number}-{number}",
        "account": number,
        "contact": number,
        "day": "2026-09-07",
        "kind": "call",
    }
    assert browser.post("/log", form).status_code in (403, 404, 422)


def test_thousands_of_fields_are_no_work(visited: Visited) -> None:
    form = {**OWN, "content-type": "application/x-www-form-urlencoded"}
    answer = visited.inside().post("/sign-in", content=b"a&" * (LARGEST // 2 - 1), headers=form)

    assert answer.status_code in (303, 400, 422)


def test_a_form_of_files_is_no_form_of_ours(visited: Visited) -> None:
    answer = visited.inside().post("/sign-in", files={"email": ("x.txt", b"a@example.com")})

    assert answer.status_code == 422
    assert "x.txt" not in answer.text


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def silent() -> Any:
        await asyncio.Event().wait()

    async def late() -> None:
        with pytest.raises(TooSlow):
            await Measured(silent, seconds=0.01)()

    asyncio.run(late())
    assert bounds.BODY_SECONDS <= 30


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/events", "/assets/x/kamflow.css"])
def test_no_other_method_is_known(visited: Visited, method: str, path: str) -> None:
    answer = visited.inside().request(method, path, headers=OWN)

    assert answer.status_code == 405
    assert answer.headers.get("content-security-policy")


@pytest.mark.parametrize(
    "headers", [{"x-http-method-override": "POST"}, {"x-method-override": "POST"}, {"x-http-method": "POST"}]
)
def test_a_get_cannot_be_made_into_something_else(visited: Visited, headers: dict[str, str]) -> None:
    assert visited.inside().get("/sign-out?_method=POST", headers=headers).status_code in (404, 405)


def test_options_tell_other_sites_nothing(visited: Visited) -> None:
    asked = {"origin": f"https://{EVIL}", "access-control-request-method": "POST"}
    answer = visited.inside().request("OPTIONS", "/sign-in", headers=asked)

    assert not [name for name in answer.headers if name.startswith("access-control")]


def _paths(app: FastAPI) -> list[str]:
    return sorted({context.path for context in iter_route_contexts(app.routes)})


@pytest.mark.parametrize("listener_app", [internal.app, public.app], ids=["internal", "public"])
def test_a_false_host_leads_nowhere(visited: Visited, listener_app: Callable[[Any], FastAPI]) -> None:
    app = listener_app(visited.site)
    browser = Browser(app)
    for path in _paths(app):
        for written in (path, f"{path}/", f"/{path}", path.replace("{", "").replace("}", "")):
            said = {
                "host": EVIL,
                "x-forwarded-host": EVIL,
                "x-forwarded-proto": "gopher",
                "forwarded": f"host={EVIL}",
            }
            answer = browser.get(written, headers=said)
            where = answer.headers.get("location", "/")
            assert where[:1] == "/" != where[1:2], (written, where)
            assert EVIL not in answer.text


@pytest.mark.parametrize(
    ("base", "headers", "taken"),
    [
        (
            "https://kamflow.example.com",
            {"origin": "https://kamflow.example.com", "host": "127.0.0.1:8411"},
            True,
        ),
        ("https://kamflow.example.com/kam", {"origin": "https://kamflow.example.com", "host": "x"}, True),
        ("https://kamflow.example.com", {"origin": f"https://kamflow.example.com.{EVIL}"}, False),
        ("https://kamflow.example.com", {"origin": "https://kamflow.example.com:444", "host": "x"}, False),
        ("https://kamflow.example.com", {"referer": "https://kamflow.example.com/"}, False),
        ("https://kamflow.example.com", {"origin": f"https://{EVIL}", "x-forwarded-host": EVIL}, False),
        ("https://kamflow.example.com", {"sec-fetch-site": "none"}, False),
        (
            "https://kamflow.example.com",
            {"sec-fetch-site": "same-site", "origin": "https://kamflow.example.com"},
            False,
        ),
        (None, {"origin": "http://kamflow.intern:8411", "host": "kamflow.intern:8411"}, True),
        (None, {"origin": f"http://{EVIL}", "host": "kamflow.intern:8411"}, False),
        (None, {"origin": ""}, False),
    ],
    ids=str,
)
def test_a_form_is_known_by_its_origin_behind_a_proxy_too(
    visited: Visited, base: str | None, headers: dict[str, str], taken: bool
) -> None:
    visited.knowing(web=visited.settings.web.model_copy(update={"internal_url": base}))
    answer = visited.inside().post("/sign-out", headers=headers)

    assert (answer.status_code == 303) is taken
    assert taken or "Formular" in answer.text


def _broken(visited: Visited) -> Browser:
    app = internal.app(visited.site)

    def fail(request: Request) -> None:
        raise ValueError("Kruse <kruse@example.com> at " + str(request.url))

    app.get("/a-fault/{token}")(fail)
    return Browser(app)


@pytest.mark.parametrize(
    ("language", "heading"), [("de", "im Moment nicht"), ("en", "does not work at the moment")]
)
def test_a_fault_of_ours_tells_nobody_anything(
    visited: Visited,
    language: str,
    heading: str,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = _broken(visited).get("/a-fault/secret-token", headers={"accept-language": language})
    logged = capsys.readouterr().out + caplog.text

    assert answer.status_code == 500
    assert heading in answer.text
    assert answer.headers["cache-control"] == "no-store"
    for secret in ("Kruse", "kruse@", "secret-token", "ValueError", "Traceback"):
        assert secret not in answer.text
        assert secret not in logged or secret == "ValueError"
    assert "page.failed" in logged
    assert "ValueError" in logged
    assert "/a-fault/{token}" in logged


def test_a_fault_of_the_api_is_told_in_its_own_way(
    visited: Visited, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Kruse")

    browser = visited.inside()
    monkeypatch.setattr("kamflow.web.api.app.JSONResponse", fail)
    answer = browser.get("/api/openapi.json")

    assert (answer.status_code, answer.json()["title"]) == (503, "kamflow cannot take events now.")
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "Kruse" not in answer.text + logged


@pytest.mark.parametrize(
    ("base", "said"), [("https://kamflow.example.com", True), ("http://kamflow.intern", False)]
)
def test_https_is_kept_to_where_people_use_it(visited: Visited, base: str, said: bool) -> None:
    visited.knowing(web=visited.settings.web.model_copy(update={"internal_url": base}))

    assert ("strict-transport-security" in visited.inside().get("/sign-in").headers) is said


def _through(visited: Visited, proxies: tuple[str, ...], client: str, forwarded: str) -> str:
    """Who asks, as the listener of the doors sees it."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = listener(app, proxies).config
    config.load()

    async def ask() -> None:
        transport = httpx.ASGITransport(config.loaded_app, client=(client, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://kamflow.example.com") as http:
            await http.get("/", headers={"x-forwarded-for": forwarded})

    asyncio.run(ask())
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "client", "forwarded", "who"),
    [
        ((), "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ((), "127.0.0.1", "203.0.113.9", "127.0.0.1"),
        (("10.0.0.1",), "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (("10.0.0.1",), "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (("10.0.0.1",), "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/24",), "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
    ],
)
def test_whom_a_proxy_names_is_believed_from_a_trusted_proxy_only(
    visited: Visited, proxies: tuple[str, ...], client: str, forwarded: str, who: str
) -> None:
    assert _through(visited, proxies, client, forwarded) == who


def test_the_listeners_write_no_log_of_addresses(visited: Visited) -> None:
    config = listener(public.app(visited.site), ()).config

    assert (config.access_log, config.server_header) == (False, False)
