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
