"""What is logged: one line on stderr, and nothing of a customer."""

import json
import re
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from flows import logs
from kamflow.errors import ConfigError
from tests.conftest import NOW


def fail(name: str, error: Exception) -> None:
    assert name
    raise error


@pytest.fixture
def log() -> Any:
    before = structlog.get_config()
    logs.configure(lambda: NOW)
    yield structlog.get_logger()
    structlog.configure(**before)


def test_a_line_is_json_on_stderr_and_stdout_stays_empty(
    log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("message.not_sent", message=7, cause="deferred")

    said = capsys.readouterr()
    assert said.out == ""
    assert json.loads(said.err) == {
        "at": "2026-09-07T06:30:00+00:00",
        "level": "info",
        "event": "message.not_sent",
        "message": 7,
        "cause": "deferred",
    }


def test_of_an_error_only_its_kind_and_place_are_logged(log: Any, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fail("Muster AG", ValueError("witt@example.com: no such row"))
    except ValueError:
        log.exception("message.fault", message=7)

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["error"].startswith("ValueError in fail, line ")
    assert "Muster" not in line
    assert "witt" not in line


def test_what_is_wrong_with_the_installation_is_logged_in_words(
    log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    log.error("lease.not_prolonged", exc_info=ConfigError("smtp.host: unknown"))

    assert json.loads(capsys.readouterr().err)["error"] == "ConfigError: smtp.host: unknown"


def test_who_watches_reads_plain_lines(
    capsys: pytest.CaptureFixture[str], log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logs.configure(lambda: NOW)
    log.info("message.not_sent", message=7, cause="554 no such user")

    assert capsys.readouterr().err == (
        "2026-09-07T06:30:00+00:00 info    message.not_sent message=7 cause='554 no such user'\n"
    )


@given(st.text())
def test_no_text_makes_two_lines_of_one_or_moves_the_cursor(text: str) -> None:
    line = logs._line(None, "", {"at": "now", "level": "info", "event": "said", "words": text})

    assert line.isprintable()
    assert line.startswith("now info    said words=")


@given(st.text())
def test_no_word_of_an_error_is_left(text: str) -> None:
    with pytest.raises(LookupError) as caught:
        fail("x", LookupError(text))

    assert re.fullmatch(r"LookupError in fail, line \d+", logs.described(caught.value))


def test_each_process_has_the_form_that_was_settled_once(
    capsys: pytest.CaptureFixture[str], log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (logs.settled("json"), logs.settled("auto")) == ("json", "json")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert (logs.settled("json"), logs.settled("auto")) == ("json", "console")
    logs.configure(lambda: NOW, "json")
    log.info("said")

    assert capsys.readouterr().err.startswith("{")
