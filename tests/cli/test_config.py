"""`kamflow config check` finds what would stop a later run."""

from pathlib import Path

import pytest

from tests.acts.world import Act


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('digest_at = "25:00"', "[policy]: cadence.digest_at"),
        ("digest_at = 830", "expected a time of day, such as 08:30"),
        ('digest_at = "08:30Z"', "expected a time of day, such as 08:30"),
        ('digest_at = "18:00"', "digest_at must be before now_until"),
        ('now_from = "19:00"', "now_from must be before now_until"),
        ('quiet_from = "02-30"', "cadence.quiet_from = '02-30': expected month and day"),
        ('quiet_until = "13-01"', "cadence.quiet_until = '13-01': expected month and day"),
    ],
)
def test_a_time_that_cannot_be_is_refused(home: Path, kamflow: Act, line: str, said: str) -> None:
    (home / "kamflow.toml").write_text(f"[policy.cadence]\n{line}\n", encoding="utf-8")

    answer = kamflow("config", "check")
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_closings_that_are_no_days_are_refused(home: Path, kamflow: Act) -> None:
    (home / "kamflow.toml").write_text('[company]\nclosings = ["Christmas"]\n', encoding="utf-8")

    answer = kamflow("config", "check")
    assert (answer.code, "closing 'Christmas'" in answer.err) == (2, True)


def test_a_time_of_day_may_be_written_in_both_ways_toml_knows(home: Path, kamflow: Act) -> None:
    (home / "kamflow.toml").write_text(
        '[policy.cadence]\ndigest_at = "07:15"\nnow_from = 07:00:00\n', encoding="utf-8"
    )

    assert kamflow("config", "check").code == 0


@pytest.mark.usefixtures("home")
def test_secrets_that_can_be_guessed_are_named(kamflow: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAMFLOW_EVENTS__TOKENS", '{"crm": "hunter2", "erp": "a-token-of-25-characters!"}')
    monkeypatch.setenv("KAMFLOW_SECRET_KEY", "hunter3")
    said = kamflow("config", "check")

    assert said.code == 0, said.err
    assert said.out.count("is shorter than 24 characters") == 2
    assert "hunter" not in said.out


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[http]\nca_bundle = "company.pem"', "http.ca_bundle: "),
        ('[web]\npublic_listen = "localhost:8412"', "web.public_listen and operations.listen are both"),
        ("[prefect]\nport = 8411", "web.internal_listen and prefect.port are both 127.0.0.1:8411"),
    ],
)
def test_what_cannot_run_is_refused(home: Path, kamflow: Act, lines: str, said: str) -> None:
    (home / "kamflow.toml").write_text(lines, encoding="utf-8")
    answer = kamflow("config", "check")
    assert (answer.code, said in answer.err) == (2, True), answer.err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[operations]\nlisten = "0.0.0.0:9000"', "without a sign-in"),
        ('[operations]\nslack_channel = "C1"', "operations get mail only"),
        ('[prefect]\nwork_pool = "kamflow"', "need a PostgreSQL for Prefect"),
        ('[http]\nproxy = "http://me:secret@proxy:3128"', "secrets/http__proxy"),
        ('[web]\npublic_listen = "0.0.0.0:8410"', "unless a proxy of yours"),
    ],
)
def test_what_hardly_anybody_wants_is_minded(home: Path, kamflow: Act, lines: str, said: str) -> None:
    (home / "kamflow.toml").write_text(lines, encoding="utf-8")
    answer = kamflow("config", "check")
    assert (answer.code, said in answer.out) == (0, True), answer.out
    assert "me:secret" not in answer.out


def test_posts_that_say_nothing_have_to_lead_somewhere(
    home: Path, kamflow: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAMFLOW_SLACK__TOKEN", "xoxb-1")
    (home / "kamflow.toml").write_text('[slack]\ndetail = "reference"\n', encoding="utf-8")
    assert "posts lead nowhere" in kamflow("config", "check").out
