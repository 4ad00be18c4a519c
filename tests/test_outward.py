"""kamflow goes out by the company's proxy and trusts its root, whatever it speaks."""

import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from kamflow.demo.slack.server import APP_TOKEN, TOKEN, running_slack
from kamflow.demo.slack.workspace import SlackUser
from kamflow.errors import ConfigError
from kamflow.knobs import Oidc, Slack
from kamflow.outward import Way, way
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store.engine import connect
from kamflow.upkeep import Http
from kamflow.web.oidc.issuer import Asked, Issuer
from kamflow.web.site import Site
from kamflow.web.slack.socket import connect as listen
from notifications.channels.slack import SlackChannel
from notifications.message import SlackPost
from tests.company_proxy import company_proxy
from tests.conftest import NOW
from tests.web.pages.fake_issuer import running_issuer

WITT = SlackUser("U1", "witt@example.com", "Witt")
POST = SlackPost("x", (), "1", "witt@example.com")
SLACK = Slack(api_url="https://slack.test/api/", token=SecretStr(TOKEN), app_token=SecretStr(APP_TOKEN))


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def port_of(url: str) -> int:
    return httpx.URL(url).port or 0


async def sent(going: Way) -> str:
    channel = SlackChannel(SLACK, lambda: NOW, going)
    try:
        return (await channel.send(POST)).provider_id or ""
    finally:
        await channel.close()


def test_a_post_goes_by_the_proxy_with_the_companys_root(tmp_path: Path) -> None:
    with running_slack() as slack, company_proxy(tmp_path, {"slack.test": port_of(slack.url)}) as proxy:
        slack.workspace.users["U1"] = WITT
        assert asyncio.run(sent(Way(proxy.url, proxy.root)))
        assert len(slack.posts) == 1
    assert set(proxy.asked) == {"CONNECT slack.test:443"}


def test_a_proxy_that_looks_into_tls_is_not_trusted_without_its_root(tmp_path: Path) -> None:
    refused = pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED")
    with company_proxy(tmp_path, {"slack.test": 9}) as proxy, refused:
        httpx.get("https://slack.test/", **Way(proxy.url).for_httpx("https://slack.test/"))


def test_socket_mode_comes_by_the_proxy_too(tmp_path: Path) -> None:
    with running_slack() as slack, company_proxy(tmp_path, {"slack.test": port_of(slack.url)}) as proxy:
        slack.url = SLACK.api_url  # so that the WebSocket is not on loopback either
        settings = Settings(home=tmp_path, slack=SLACK, http=Http(proxy=proxy.url, ca_bundle=proxy.root))
        engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")

        async def connected() -> None:
            listening = asyncio.create_task(listen(Site(settings, Policy(), engine, lambda: NOW)))
            await slack.connected()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            # A session says that it is closed before its TLS connections are.
            while proxy.busy:  # noqa: ASYNC110 - an event of its own thread cannot be awaited here
                await asyncio.sleep(0)

        asyncio.run(connected())
        engine.dispose()
    assert proxy.asked == ["CONNECT slack.test:443"] * 2


def test_sign_in_with_the_companys_accounts_asks_by_the_proxy(tmp_path: Path) -> None:
    with (
        running_issuer() as issuer,
        company_proxy(tmp_path, {"login.test": port_of(issuer.address)}) as proxy,
    ):
        issuer.address = "https://login.test"
        knobs = Oidc(issuer="https://login.test", client_id="kamflow")
        door = Issuer(knobs, Way(proxy.url, proxy.root)).door(
            Asked("s", "n", "v" * 43), "https://k.test/back"
        )
    assert door.startswith("https://login.test/authorize?")
    assert set(proxy.asked) == {"CONNECT login.test:443"}


@pytest.mark.parametrize(
    ("url", "environment", "found"),
    [
        ("https://slack.com/api/", {}, "http://own:3128"),
        ("wss://wss-primary.slack.com/", {}, "http://own:3128"),
        ("http://127.0.0.1:4200/api", {}, None),
        ("https://login.example.com", {"NO_PROXY": "example.com"}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://other:1"}, "http://own:3128"),
    ],
)
def test_who_goes_by_the_proxy(
    url: str, environment: dict[str, str], found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Way("http://own:3128").proxy_to(url) == found


def test_without_a_setting_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other:1")
    assert Way().proxy_to("wss://slack.com/") == "http://other:1"
    assert Way().proxy_to("http://localhost:1/") is None


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), ("nothing", "PEM form")])
def test_a_bundle_that_cannot_be_used_is_named(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / "company.pem").write_text(content)
    with pytest.raises(ConfigError, match=rf"http\.ca_bundle: .*company\.pem: .*{why}"):
        way(Settings(home=tmp_path, http=Http(ca_bundle=Path("company.pem")))).tls()
