from datetime import date
from functools import partial
from pathlib import Path

import pytest

from kamflow.cli.app import run
from kamflow.cli.demo import verdict
from kamflow.demo import play
from kamflow.demo.diary import Day, Diary


@pytest.mark.parametrize(
    ("again", "failed", "code"), [((0, 0), 0, 0), ((1, 0), 0, 1), ((0, 1), 0, 1), ((0, 0), 1, 1)]
)
def test_the_exit_code_tells_whether_anything_came_twice_or_failed(
    again: tuple[int, int], failed: int, code: int
) -> None:
    assert verdict(Diary([Day(date(2026, 9, 7), failed=failed)], again=again)) == code


def test_a_folder_in_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").touch()

    assert run(["demo", "--once", "--home", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.slow
def test_once_prints_a_summary_and_keeps_the_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first days: all three weeks are played in test_whole_cycle.py."""
    monkeypatch.setattr(play, "play", partial(play.play, last=date(2026, 9, 9)))
    home = tmp_path / "home"

    assert run(["demo", "--once", "--accounts", "3", "--home", str(home)]) == 0
    said = capsys.readouterr().out
    assert "the last day once more: opened 0, sent 0" in said
    assert run(["nudges", "--home", str(home)]) == 0
