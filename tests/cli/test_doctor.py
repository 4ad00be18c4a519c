"""`kamflow doctor` tries the settings for real and names what to mend."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

from kamflow.cli.checks import names
from kamflow.cli.checks.finding import Finding, tried
from kamflow.demo.slack.server import APP_TOKEN, TOKEN, SlackServer, running_slack
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.demo.smtp_tokens import CLIENT, SECRET, running_tokens
from kamflow.settings import load
from kamflow.store import adopted, places
from kamflow.store.engine import write
from tests.acts.world import Act
from tests.conftest import NOW
from tests.notifications.channels.certificates import contexts

QUICK = ("files", "disk", "texts", "database", "clock", "zones", "versions", "standing")
RECORDS = {
    "example.com": ["v=spf1 mx -all"],
    "_dmarc.example.com": ["v=DMARC1; p=reject"],
    "mail._domainkey.example.com": ["v=DKIM1; k=rsa; p=MIIB"],
}


@pytest.fixture(autouse=True)
def dns(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    known = dict(RECORDS)
    monkeypatch.setattr(names, "texts", lambda name: known.get(name, []))
    return known


@pytest.fixture
def post() -> Iterator[SmtpCatcher]:
    with running_catcher() as catcher:
        yield catcher


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with running_slack() as server:
        yield server


@pytest.fixture
def company(
    home: Path,
    post: SmtpCatcher,
    slack: SlackServer,
    engine: Engine,
    free_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A home in which all is as it should be."""
    home.chmod(0o750)
    (home / "kamflow.toml").write_text(
        f'[delivery]\nredirect_to = "kam@example.com"\n[slack]\napi_url = "{slack.url}"\n'
        f'[smtp]\nhost = "127.0.0.1"\nport = {post.port}\ntls = "none"\n'
        '[web]\npublic_listen = "127.0.0.1:0"\ninternal_listen = "127.0.0.1:0"\n'
        f'[operations]\nlisten = "127.0.0.1:0"\n[prefect]\nport = {free_tcp_port}\n'
    )
    monkeypatch.setenv("KAMFLOW_SLACK__TOKEN", TOKEN)
    monkeypatch.setenv("KAMFLOW_SLACK__APP_TOKEN", APP_TOKEN)
    with write(engine) as session:
        adopted.adopt(session, home, NOW)
    return home


def said(kamflow: Act, *more: object) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """The exit code, and per check what was found."""
    answer = kamflow("doctor", "--json", *more)
    found: dict[str, list[tuple[str, str]]] = {}
    for each in answer.json["findings"]:
        found.setdefault(each["check"], []).append((each["level"], each["what"]))
    return answer.code, found


def levels(found: dict[str, list[tuple[str, str]]], check: str) -> set[str]:
    return {level for level, _ in found[check]}


def test_a_home_that_is_set_up_is_all_right_and_nothing_was_sent(
    company: Path, kamflow: Act, post: SmtpCatcher, slack: SlackServer
) -> None:
    code, found = said(kamflow, "--dkim-selector", "mail")
    wrong = [(check, each) for check, all_of in found.items() for each in all_of if each[0] == "wrong"]
    assert (code, wrong) == (0, [])
    tried_out = ("smtp", "slack", "dns", "database", "adopted", "ports")
    assert {level for each in tried_out for level in levels(found, each)} == {"ok"}
    assert (post.messages, slack.posts) == ([], [])


def test_each_missing_scope_is_named(company: Path, kamflow: Act, slack: SlackServer) -> None:
    slack.scopes = {"chat:write", "commands", "im:write", "users:read"}
    code, found = said(kamflow, "--only", "slack")
    named = {what.rpartition(" ")[2] for level, what in found["slack"] if level == "wrong"}
    assert code == 1
    assert {"im:history", "users:read.email"} <= named


def test_a_test_mail_is_really_sent(company: Path, kamflow: Act, post: SmtpCatcher) -> None:
    assert said(kamflow, "--only", "smtp", "--send-to", "it@example.com")[0] == 0
    assert len(post.to("it@example.com")) == 1


def test_a_login_by_oauth_is_tried_and_a_token_that_is_refused_says_what_to_check(
    company: Path, kamflow: Act, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, _ = contexts(tmp_path)
    monkeypatch.setenv("KAMFLOW_HTTP__CA_BUNDLE", str(tmp_path / "server.pem"))
    with running_tokens() as tokens, running_catcher(SmtpCatcher(tls=server, tokens=tokens.live)) as post:
        oauth = {"TOKEN_URL": tokens.url, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
        settings = {"PORT": str(post.port), "TLS": "starttls", "AUTH": "oauth", "USER": "kam@example.com"}
        for name, value in {**settings, **{f"OAUTH__{key}": each for key, each in oauth.items()}}.items():
            monkeypatch.setenv(f"KAMFLOW_SMTP__{name}", value)
        assert "login by OAuth" in said(kamflow, "--only", "smtp")[1]["smtp"][0][1]
        monkeypatch.setenv("KAMFLOW_SMTP__OAUTH__CLIENT_SECRET", "expired")
        code, found = said(kamflow, "--only", "smtp")
    assert code == 1
    assert "KAMFLOW_SMTP__OAUTH__CLIENT_SECRET" in found["smtp"][0][1]


def test_secrets_that_others_can_read_are_wrong(company: Path, kamflow: Act) -> None:
    (company / "secrets").mkdir()
    (company / "secrets" / "smtp__password").write_text("x")
    (company / "secrets" / "smtp__password").chmod(0o644)
    code, found = said(kamflow, "--only", "files")
    assert (code, "wrong" in levels(found, "files")) == (1, True)


def test_mail_that_would_end_as_spam_is_minded(
    company: Path, kamflow: Act, dns: dict[str, list[str]]
) -> None:
    dns.clear()
    code, found = said(kamflow, "--only", "dns", "--dkim-selector", "mail")
    assert (code, [level for level, _ in found["dns"]]) == (0, ["mind"] * 3)


def test_dns_that_does_not_answer_is_said(
    company: Path, kamflow: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(name: str) -> list[str]:
        raise names.Silent

    monkeypatch.setattr(names, "texts", silent)
    [(level, what)] = said(kamflow, "--only", "dns")[1]["dns"]
    assert (level, "not looked at" in what) == ("mind", True)


def test_a_check_that_hangs_or_stumbles_holds_up_nothing() -> None:
    def broken() -> list[Finding]:
        raise ValueError("odd")

    def hangs() -> list[Finding]:
        hanging.wait(20)
        return []

    hanging = Event()
    checks = {
        "hangs": hangs,
        "broken": broken,
        "well": lambda: [Finding("well", "ok", "x")],
    }
    found = {each.check: each for each in tried(checks, 0.5)}
    hanging.set()
    assert "no answer within" in found["hangs"].what
    assert (found["broken"].what, found["well"].level) == ("ValueError: odd", "ok")


def test_a_home_that_cannot_be_opened_says_why(home: Path, kamflow: Act) -> None:
    (home / "kamflow.toml").write_text("[compnay]\n")
    answer = kamflow("doctor")
    assert (answer.code, "unknown: compnay" in answer.out) == (1, True)


def test_doctor_leaves_no_trace(company: Path, kamflow: Act, engine: Engine) -> None:
    said(kamflow, "--only", *QUICK)
    with write(engine) as session:
        assert places.last_backup(session) is None
        assert session.connection().exec_driver_sql("SELECT count(*) FROM event").scalar_one() == 0
    assert load(company).home == company
